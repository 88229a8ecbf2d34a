/** One reply's sound: what has arrived of it, when it plays, how much of it was heard. */

export class Utterance {
  #skip;
  #parts = []; // {start, length, source}: seconds on the context's clock, and what plays it
  complete = false; // whether nothing more is expected
  reportedMs; // up to where the server knows it was heard

  /**
   * @param {string} id of the bot's message
   * @param {number} rate Hz
   * @param {number} fromMs of the reply, where the first sample to arrive begins
   * @param {number} knownMs of the reply, up to where it has been here before: until there, samples are dropped
   */
  constructor(id, rate, fromMs, knownMs) {
    this.id = id;
    this.rate = rate;
    this.baseMs = Math.max(fromMs, knownMs);
    this.reportedMs = this.baseMs;
    this.continueFrom(fromMs);
  }

  /** The samples that arrive next begin here, so some may be here already. @param {number} fromMs of the reply */
  continueFrom(fromMs) {
    this.complete = false;
    this.#skip = Math.max(0, Math.round((this.arrivedMs - fromMs) * this.rate / 1000));
  }

  /** @returns {number} up to where it has arrived, in milliseconds of the reply */
  get arrivedMs() {
    return this.baseMs + 1000 * this.#parts.reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * @param {ArrayBuffer} frame PCM16 little-endian mono
   * @returns {Float32Array} what is new in it
   */
  take(frame) {
    const arrived = Math.floor(frame.byteLength / 2);
    const skipped = Math.min(arrived, this.#skip);
    this.#skip -= skipped;
    const pcm = new DataView(frame, 2 * skipped);
    return Float32Array.from({ length: arrived - skipped }, (_, i) => pcm.getInt16(2 * i, true) / 32768);
  }

  /**
   * @param {AudioBufferSourceNode} source that plays the next part
   * @param {number} start seconds on its context's clock
   */
  schedule(source, start) {
    source.start(start);
    this.#parts.push({ start, length: source.buffer.duration, source });
  }

  /** Part of it has gone by without being played. @param {number} samples */
  pass(samples) {
    this.#parts.push({ start: 0, length: samples / this.rate, source: null });
  }

  /** Fall silent from the audio thread's next block of 128 samples on. */
  stop() {
    for (const { source } of this.#parts) source?.stop();
  }

  /** @param {number} until seconds on the context's clock @returns {number} milliseconds heard by then */
  heardMs(until) {
    return 1000 * this.#parts.reduce((sum, { start, length }) => sum + Math.max(0, Math.min(length, until - start)), 0);
  }

  /** @param {number} until seconds on the context's clock @returns {number} the place reached, whole ms of the reply */
  playedMs(until) {
    return Math.round(this.baseMs + this.heardMs(until));
  }
}
