/** The microphone: opened on request, heard as 16 kHz PCM16 chunks. */

import { devices, watchDevices } from './devices.js';

/** The rate of the chunks, in Hz. */
export const MICROPHONE_RATE = 16000;

const START_MS = 4000; // a browser that has not started its sound by then will not: Firefox without any output

const REASONS = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** Why the microphone could not be opened; `reason` is a key of the page's texts about it. */
export class MicrophoneError extends Error {
  /**
   * @param {'refused' | 'lost' | 'missing' | 'busy' | 'insecure' | 'unsupported' | 'stalled' | 'unfinished'} reason
   */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** @param {AudioContext} context @throws {MicrophoneError} when it does not run in time */
async function run(context) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new MicrophoneError('stalled')), START_MS);
  });
  try {
    await Promise.race([context.resume(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Events: `chunk` (detail `{pcm: ArrayBuffer, level: number}`, 32 ms of PCM16 and its root mean square in [0, 1]),
 * `muted` (detail: whether the system keeps its sound away), `available` (it may be had again) and `lost` (detail: a MicrophoneError; the device was
 * unplugged or the permission withdrawn).
 */
export class Microphone extends EventTarget {
  #context = null;
  #stream = null;
  #opening = null;
  #permission = null;
  device = ''; // the id of the one to open from now on, empty for the system's own choice

  constructor() {
    super();
    watchDevices(() => this.#devicesChanged());
  }

  /** @returns {boolean} whether sound is arriving */
  get isOpen() {
    return this.#context !== null;
  }

  /**
   * Ask for the microphone and start listening. Safe to call when it is open or opening.
   * @throws {MicrophoneError} when it cannot be had
   */
  open() {
    if (this.isOpen) return Promise.resolve();
    this.#opening ??= this.#start().finally(() => { this.#opening = null; });
    return this.#opening;
  }

  /** Let go of the device, so that the browser's recording sign disappears. */
  close() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#context?.close();
    this.#stream = null;
    this.#context = null;
  }

  async #start() {
    if (!window.isSecureContext) throw new MicrophoneError('insecure');
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) throw new MicrophoneError('unsupported');
    await this.#watchPermission();
    const deviceId = this.device && { ideal: this.device }; // one that is gone is replaced by another
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: {
          channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true,
          ...deviceId && { deviceId },
        },
      });
    } catch (error) {
      throw new MicrophoneError(REASONS[error.name] ?? 'busy');
    }
    // The device's own rate: Firefox cannot connect a stream to a context of another rate.
    const context = new AudioContext({ latencyHint: 'interactive' });
    try {
      await context.audioWorklet.addModule(new URL('./capture.worklet.js', import.meta.url));
      await run(context);
    } catch (error) {
      context.close();
      this.close();
      throw error instanceof MicrophoneError ? error : new MicrophoneError('unfinished'); // the server is gone
    }
    const capture = new AudioWorkletNode(context, 'capture', { channelCount: 1, channelCountMode: 'explicit' });
    capture.port.onmessage = ({ data }) => this.dispatchEvent(new CustomEvent('chunk', { detail: data }));
    context.createMediaStreamSource(this.#stream).connect(capture);
    capture.connect(context.destination); // silent, but some browsers only run nodes that lead somewhere
    const [track] = this.#stream.getAudioTracks();
    track.addEventListener('ended', () => this.#lost());
    for (const type of ['mute', 'unmute']) {
      track.addEventListener(type, () => {
        this.dispatchEvent(new CustomEvent('muted', { detail: track.muted }));
      });
    }
    this.#context = context;
  }

  async #watchPermission() {
    if (this.#permission !== null) return;
    try {
      this.#permission = await navigator.permissions.query({ name: 'microphone' });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a browser that does not let pages ask ends the track instead
      return;
    }
    this.#permission.addEventListener('change', () => {
      if (this.#permission.state !== 'denied') this.dispatchEvent(new Event('available'));
      else if (this.isOpen) this.#lost();
    });
  }

  async #devicesChanged() {
    if ((await devices('audioinput')).length > 0) this.dispatchEvent(new Event('available'));
  }

  #lost() {
    if (!this.isOpen) return;
    this.close();
    const reason = this.#permission?.state === 'denied' ? 'refused' : 'lost';
    this.dispatchEvent(new CustomEvent('lost', { detail: new MicrophoneError(reason) }));
  }
}
