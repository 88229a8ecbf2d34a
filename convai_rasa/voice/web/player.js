/** The bot's voice: plays PCM16 in the order it arrives and knows how much of each utterance was heard. */

import { Utterance } from './utterance.js';

const START_DELAY_S = 0.06; // what the network may be late by without a gap
const TICK_MS = 40;
const PROGRESS_MS = 200;

/**
 * Events, each with detail `{id, playedMs}`: `progress` (five times a second while an utterance plays), `finish` (all
 * of it was played); and `change`, without detail, when {@link Player#speaking} may have changed.
 */
export class Player extends EventTarget {
  #context = null;
  #rate = null; // that was asked for, Hz
  #gain = null;
  #analyser = null;
  #volume = 1;
  #wave = new Float32Array(1024);
  #queue = []; // utterances not yet heard to their end
  #arriving = null; // the utterance that binary frames belong to
  #announced = new Set(); // ids whose sound may still come
  #refused = new Set(); // ids whose sound is no longer wanted
  #known = new Map(); // id → how much of a reply that was cut had been heard, in ms
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
    return this.#totalMs + this.#queue.reduce((sum, utterance) => sum + utterance.heardMs(this.#heardUntil()), 0);
  }

  /** @returns {number} root mean square of the sound leaving now, in [0, 1] */
  get level() {
    if (!this.speaking) return 0;
    this.#analyser.getFloatTimeDomainData(this.#wave);
    return Math.sqrt(this.#wave.reduce((sum, sample) => sum + sample * sample, 0) / this.#wave.length);
  }

  /** @param {number} factor in [0, 1] */
  set volume(factor) {
    this.#volume = factor;
    if (this.#gain !== null) this.#gain.gain.value = factor;
  }

  /**
   * Create the output at the stream's own rate, so that consecutive chunks join without a seam.
   * @param {number} sampleRate Hz
   */
  prepare(sampleRate) {
    if (this.#rate === sampleRate) return;
    this.#rate = sampleRate;
    this.flush();
    this.#context?.close();
    try {
      this.#context = new AudioContext({ sampleRate });
    } catch {
      this.#context = new AudioContext(); // a device that insists on its own rate
    }
    this.#analyser = new AnalyserNode(this.#context, { fftSize: this.#wave.length });
    this.#gain = new GainNode(this.#context, { gain: this.#volume });
    this.#analyser.connect(this.#gain).connect(this.#context.destination);
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

  /**
   * The binary frames from here on belong to `id`.
   * @param {string} id
   * @param {number} sampleRate Hz
   * @param {number} fromMs of the reply, where the first of them begins
   */
  begin(id, sampleRate, fromMs = 0) {
    this.#announced.delete(id);
    if (this.#context === null) this.prepare(sampleRate);
    const playing = this.#queue.find((utterance) => utterance.id === id);
    if (playing) {
      playing.continueFrom(fromMs);
      this.#arriving = playing;
    } else {
      this.#arriving = new Utterance(id, sampleRate, fromMs, this.#known.get(id) ?? 0);
      if (!this.#refused.has(id)) this.#enqueue(this.#arriving);
    }
    this.#known.delete(id);
  }

  /** @param {ArrayBuffer} frame PCM16 little-endian mono */
  push(frame) {
    const utterance = this.#arriving;
    if (utterance === null || this.#refused.has(utterance.id)) return;
    const samples = utterance.take(frame);
    if (samples.length === 0) return;
    const buffer = this.#context.createBuffer(1, samples.length, utterance.rate);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#analyser);
    const now = this.#context.currentTime;
    const start = this.#nextStart > now ? this.#nextStart : now + START_DELAY_S;
    utterance.schedule(source, start);
    this.#nextStart = start + buffer.duration;
  }

  /** All sound of `id` has arrived. @param {string} id */
  end(id) {
    if (this.#arriving?.id !== id) return;
    this.#arriving.complete = true;
    this.#arriving = null;
    this.#refused.delete(id);
  }

  /**
   * Fall silent at once, from the next block of 128 samples on. What was not heard may be sent again.
   * @returns {{id: string, playedMs: number, lengthMs?: number} | null} the utterance that was cut, how much of it
   *   was heard, and how long it is, if all of it had arrived
   */
  flush() {
    const until = this.#heardUntil();
    const cut = this.#queue.find((utterance) => utterance.heardMs(until) > 0) ?? this.#queue[0] ?? null;
    this.#totalMs = this.totalMs;
    for (const utterance of this.#queue) {
      utterance.stop();
      this.#known.set(utterance.id, utterance.playedMs(until));
    }
    this.#queue = [];
    this.#arriving = null;
    this.#announced.clear();
    this.#refused = new Set();
    this.#nextStart = 0;
    this.#changed();
    if (cut === null) return null;
    return { id: cut.id, playedMs: cut.playedMs(until), lengthMs: cut.complete ? cut.arrivedMs : undefined };
  }

  /**
   * Fall silent without the server's doing: sound still to come for what the bot has already said is dropped.
   * @returns {{id: string, playedMs: number, lengthMs?: number} | null} as {@link Player#flush}
   */
  refuse() {
    const arriving = this.#arriving;
    const unwanted = [...this.#refused, ...this.#announced, ...this.#queue.map(({ id }) => id)];
    const cut = this.flush();
    this.#arriving = arriving;
    this.#refused = new Set(unwanted);
    return cut;
  }

  /**
   * Fall silent because the connection is gone. Once it is back, the server sends what was not heard; what was refused
   * stays so.
   * @returns {{id: string, playedMs: number, lengthMs?: number} | null} as {@link Player#flush}
   */
  pause() {
    const refused = this.#refused;
    const cut = this.flush();
    this.#refused = refused;
    return cut;
  }

  /** Nothing more will come: play what has arrived to its end. */
  finish() {
    for (const utterance of this.#queue) utterance.complete = true;
    this.#arriving = null;
  }

  /** The earlier conversation does not go on: nothing of it will be said again. */
  forget() {
    this.#announced.clear();
    this.#refused = new Set();
    this.#known.clear();
  }

  #enqueue(utterance) {
    this.#queue.push(utterance);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    this.#changed();
  }

  /** The time, in seconds of the context's clock, of the sample that leaves the loudspeaker now. */
  #heardUntil() {
    if (this.#context === null) return 0;
    const { currentTime, outputLatency, baseLatency } = this.#context;
    const { contextTime, performanceTime } = this.#context.getOutputTimestamp();
    if (contextTime > 0) return Math.min(currentTime, contextTime + (performance.now() - performanceTime) / 1000);
    return currentTime - (outputLatency || baseLatency || 0); // the device has not told yet
  }

  #tick() {
    while (this.#queue.length > 0) {
      const [utterance] = this.#queue;
      const playedMs = utterance.playedMs(this.#heardUntil());
      if (!utterance.complete || playedMs < Math.floor(utterance.arrivedMs)) {
        if (playedMs - utterance.reportedMs >= PROGRESS_MS) {
          utterance.reportedMs = playedMs;
          this.#report('progress', utterance.id, playedMs);
        }
        return;
      }
      this.#queue.shift();
      this.#totalMs += playedMs - utterance.baseMs;
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
