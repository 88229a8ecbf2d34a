/** The bot's voice: plays PCM16 in the order it arrives and knows how much of each utterance was heard. */

const START_DELAY_S = 0.06; // what the network may be late by without a gap
const TICK_MS = 50;
const PROGRESS_MS = 500;

/**
 * Events, each with detail `{id, playedMs}`: `progress` (twice a second while an utterance plays), `finish` (all of
 * it was played); and `change`, without detail, when {@link Player#speaking} may have changed.
 */
export class Player extends EventTarget {
  #context = null;
  #analyser = null;
  #wave = new Float32Array(1024);
  /** Utterances not yet heard to their end: `{id, rate, complete, reportedAt, parts: [{start, length, source}]}`. */
  #queue = [];
  #arriving = null; // the utterance that binary frames belong to
  #announced = new Set(); // ids whose sound may still come
  #refused = new Set(); // ids whose sound is no longer wanted
  #nextStart = 0;
  #timer = null;
  #totalMs = 0;

  /** @returns {boolean} whether there is sound that has not been heard to its end */
  get speaking() {
    return this.#queue.length > 0;
  }

  /** @returns {boolean} whether the browser holds the sound back until the person does something on the page */
  get held() {
    return this.speaking && this.#context.state !== 'running';
  }

  /** @returns {number} milliseconds of sound played since the page was opened */
  get totalMs() {
    return this.#totalMs + this.#queue.reduce((sum, utterance) => sum + this.#playedMs(utterance), 0);
  }

  /** @returns {number} root mean square of the sound leaving now, in [0, 1] */
  get level() {
    if (!this.speaking) return 0;
    this.#analyser.getFloatTimeDomainData(this.#wave);
    return Math.sqrt(this.#wave.reduce((sum, sample) => sum + sample * sample, 0) / this.#wave.length);
  }

  /**
   * Create the output at the stream's own rate, so that consecutive chunks join without a seam.
   * @param {number} sampleRate Hz
   */
  prepare(sampleRate) {
    if (this.#context?.sampleRate === sampleRate) return;
    this.flush();
    this.#context?.close();
    try {
      this.#context = new AudioContext({ sampleRate });
    } catch {
      this.#context = new AudioContext(); // a device that insists on its own rate
    }
    this.#analyser = new AnalyserNode(this.#context, { fftSize: this.#wave.length });
    this.#analyser.connect(this.#context.destination);
    this.#nextStart = 0;
  }

  /** Let sound out; browsers permit this only in answer to a press or a key. */
  unlock() {
    if (this.#context !== null && this.#context.state !== 'running') this.#context.resume().then(() => this.#changed());
  }

  /** The bot said something whose sound may follow. @param {string} id */
  announce(id) {
    this.#announced.add(id);
  }

  /** The binary frames from here on belong to `id`. @param {string} id @param {number} sampleRate Hz */
  begin(id, sampleRate) {
    this.#announced.delete(id);
    if (this.#context === null) this.prepare(sampleRate);
    this.#arriving = { id, rate: sampleRate, complete: false, reportedAt: 0, parts: [] };
    if (!this.#refused.has(id)) this.#enqueue(this.#arriving);
  }

  /** @param {ArrayBuffer} frame PCM16 little-endian mono */
  push(frame) {
    const utterance = this.#arriving;
    const length = Math.floor(frame.byteLength / 2);
    if (utterance === null || length === 0 || this.#refused.has(utterance.id)) return;
    const buffer = this.#context.createBuffer(1, length, utterance.rate);
    const samples = buffer.getChannelData(0);
    const pcm = new DataView(frame);
    for (let i = 0; i < length; i += 1) samples[i] = pcm.getInt16(2 * i, true) / 32768;
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#analyser);
    const now = this.#context.currentTime;
    const start = this.#nextStart > now ? this.#nextStart : now + START_DELAY_S;
    source.start(start);
    this.#nextStart = start + buffer.duration;
    utterance.parts.push({ start, length: buffer.duration, source });
  }

  /** All sound of `id` has arrived. @param {string} id */
  end(id) {
    if (this.#arriving?.id !== id) return;
    this.#arriving.complete = true;
    this.#arriving = null;
    this.#refused.delete(id);
  }

  /**
   * Fall silent at once; sound still to come for what the bot has already said is dropped.
   * @returns {{id: string, playedMs: number} | null} the utterance that was cut, and how much of it was heard
   */
  flush() {
    const cut = this.#queue.find((utterance) => this.#playedMs(utterance) > 0) ?? this.#queue[0] ?? null;
    const heard = cut && { id: cut.id, playedMs: Math.round(this.#playedMs(cut)) };
    this.#totalMs = this.totalMs;
    for (const utterance of this.#queue) {
      for (const { source } of utterance.parts) source.stop();
      if (!utterance.complete) this.#refused.add(utterance.id);
    }
    for (const id of this.#announced) this.#refused.add(id);
    this.#announced.clear();
    this.#queue = [];
    this.#nextStart = 0;
    this.#changed();
    return heard;
  }

  /** Forget everything expected from a connection that is gone; what has arrived is still played. */
  disconnect() {
    if (this.#arriving !== null) this.#arriving.complete = true;
    this.#arriving = null;
    this.#announced.clear();
    this.#refused.clear();
  }

  #enqueue(utterance) {
    this.#queue.push(utterance);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    this.#changed();
  }

  /** Milliseconds of an utterance that have left the loudspeaker. */
  #playedMs(utterance) {
    const heardUntil = this.#context.currentTime - (this.#context.outputLatency || 0);
    const seconds = utterance.parts.reduce(
      (sum, part) => sum + Math.max(0, Math.min(part.length, heardUntil - part.start)), 0);
    return seconds * 1000;
  }

  #tick() {
    while (this.#queue.length > 0) {
      const [utterance] = this.#queue;
      const playedMs = Math.round(this.#playedMs(utterance));
      const lengthMs = utterance.parts.reduce((sum, part) => sum + part.length, 0) * 1000;
      if (!utterance.complete || playedMs < Math.floor(lengthMs)) {
        if (playedMs - utterance.reportedAt >= PROGRESS_MS) {
          utterance.reportedAt = playedMs;
          this.#report('progress', utterance.id, playedMs);
        }
        return;
      }
      this.#queue.shift();
      this.#totalMs += lengthMs;
      this.#report('finish', utterance.id, playedMs);
      this.#changed();
    }
  }

  #report(type, id, playedMs) {
    this.dispatchEvent(new CustomEvent(type, { detail: { id, playedMs } }));
  }

  #changed() {
    if (!this.speaking && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
    this.dispatchEvent(new Event('change'));
  }
}
