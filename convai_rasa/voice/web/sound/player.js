/** The bot's voice: plays PCM16 in the order it arrives and knows how much of each utterance was heard. */

import { Utterance } from './utterance.js';

const START_DELAY_S = 0.06; // what the network may be late by without a gap
// Firefox on PulseAudio may stand still for ever when it is asked for its latency while sound begins: it is not asked.
const TELLS_LATENCY = !navigator.userAgent.includes('Firefox');
const USUAL_LATENCY_S = 0.035; // what Firefox told on PulseAudio when it did answer
const TICK_MS = 40;
const PROGRESS_MS = 200;
const START_MS = 2500; // a device that has not begun to play by then is none; Firefox waits for one for ever

/**
 * Events, each with detail `{id, playedMs}`: `progress` (five times a second while an utterance plays), `finish` (all
 * of it was played, or could only be read); and `change`, without detail, when {@link Player#speaking} or
 * {@link Player#output} may have changed.
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
  #starting = null; // the timer that gives the device up
  #dumb = false; // whether there is no device
  #device = ''; // the id of the chosen one

  /** @returns {boolean} whether there is sound that has not been heard to its end */
  get speaking() {
    return this.#queue.length > 0;
  }

  /** @returns {'ready' | 'held' | 'none'} held: until the person does something on the page; none: there is no device */
  get output() {
    if (this.#dumb) return 'none';
    return this.speaking && this.#context.state !== 'running' ? 'held' : 'ready';
  }

  /** @returns {boolean} whether the loudspeaker can be chosen here */
  static get choosesDevice() {
    return 'setSinkId' in AudioContext.prototype;
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
    this.#context.addEventListener('statechange', () => this.#stateChanged());
    this.useDevice(this.#device);
    this.#analyser = new AnalyserNode(this.#context, { fftSize: this.#wave.length });
    this.#gain = new GainNode(this.#context, { gain: this.#volume });
    this.#analyser.connect(this.#gain).connect(this.#context.destination);
    this.#nextStart = 0;
  }

  /** Let sound out; browsers permit this only in answer to a press or a key. */
  unlock() {
    if (this.#context === null || this.#context.state === 'running') return;
    this.#context.resume().catch(() => this.#changed()); // it was closed for another
    this.#starting ??= setTimeout(() => {
      this.#starting = null;
      if (this.#context.state !== 'running') this.#giveUp();
    }, START_MS);
  }

  /** Speak through another device. @param {string} id empty for the system's own choice */
  async useDevice(id) {
    this.#device = id;
    if (this.#context === null || !Player.choosesDevice || this.#context.sinkId === id) return;
    try {
      await this.#context.setSinkId(id);
    } catch (error) {
      if (error.name !== 'NotFoundError') throw error; // it is gone: the one before goes on
    }
  }

  /** A device has come or gone. */
  devicesChanged() {
    if (!this.#dumb) return;
    const rate = this.#rate;
    this.#rate = null;
    this.#dumb = false;
    this.prepare(rate);
    this.unlock();
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
      if (!this.#refused.has(id) && !this.#dumb) this.#enqueue(this.#arriving);
    }
    this.#known.delete(id);
  }

  /** @param {ArrayBuffer} frame PCM16 little-endian mono */
  push(frame) {
    const utterance = this.#arriving;
    if (utterance === null || this.#refused.has(utterance.id)) return;
    const samples = utterance.take(frame);
    if (samples.length === 0) return;
    if (this.#dumb) {
      utterance.pass(samples.length);
      return;
    }
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
    const utterance = this.#arriving;
    utterance.complete = true;
    this.#arriving = null;
    if (this.#dumb && !this.#refused.has(id)) this.#report('finish', id, Math.round(utterance.arrivedMs));
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

  #stateChanged() {
    if (this.#context.state === 'running') {
      clearTimeout(this.#starting);
      this.#starting = null;
      this.#dumb = false;
    }
    this.#changed();
  }

  /** There is no device: what was to be heard is read. */
  #giveUp() {
    this.#dumb = true;
    const unheard = this.#queue;
    const arriving = this.#arriving;
    this.flush();
    this.#known.clear();
    this.#arriving = arriving;
    for (const { id, arrivedMs, complete } of unheard) {
      if (complete) this.#report('finish', id, Math.round(arrivedMs));
    }
    this.#changed();
  }

  #enqueue(utterance) {
    this.#queue.push(utterance);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    this.#changed();
  }

  /** The time, in seconds of the context's clock, of the sample that leaves the loudspeaker now. */
  #heardUntil() {
    if (this.#context === null) return 0;
    const { currentTime, baseLatency } = this.#context;
    if (!TELLS_LATENCY) return currentTime - USUAL_LATENCY_S;
    const { contextTime, performanceTime } = this.#context.getOutputTimestamp();
    if (contextTime > 0) return Math.min(currentTime, contextTime + (performance.now() - performanceTime) / 1000);
    return currentTime - (baseLatency || 0); // the device has not told yet
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
