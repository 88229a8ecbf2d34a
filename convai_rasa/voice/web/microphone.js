/** The microphone: opened on request, heard as 16 kHz PCM16 chunks, its refusals turned into advice. */

/** The rate of the chunks, in Hz. */
export const MICROPHONE_RATE = 16000;

const ADVICE = {
  refused:
    'The microphone is blocked for this page. Allow it in the browser’s site settings, beside the '
    + 'address, and try again. You can type meanwhile.',
  lost: 'The microphone was disconnected. Connect it again and press the button. You can type meanwhile.',
  missing: 'No microphone was found. Connect one and try again. You can type meanwhile.',
  busy:
    'The microphone is in use or not responding. Close the other programs that use it and try again. You '
    + 'can type meanwhile.',
  insecure:
    'Browsers allow the microphone only on https:// addresses and on localhost. Open this page that way '
    + 'to speak; you can type here.',
  unsupported:
    'This browser cannot record sound from a page. Use a current Chrome, Edge, Firefox or Safari to '
    + 'speak; you can type here.',
};

const REASONS = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** Why the microphone could not be opened; `reason` is a key of the advice, `message` is for the person. */
export class MicrophoneError extends Error {
  /** @param {keyof typeof ADVICE} reason */
  constructor(reason) {
    super(ADVICE[reason]);
    this.reason = reason;
  }
}

/**
 * Events: `chunk` (detail `{pcm: ArrayBuffer, level: number}`, 32 ms of PCM16 and its root mean square in [0, 1])
 * and `lost` (detail: a MicrophoneError; the device was unplugged or the permission withdrawn).
 */
export class Microphone extends EventTarget {
  #context = null;
  #stream = null;
  #opening = null;
  #permission = null;

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
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
    } catch (error) {
      throw new MicrophoneError(REASONS[error.name] ?? 'busy');
    }
    // The device's own rate: Firefox cannot connect a stream to a context of another rate.
    const context = new AudioContext({ latencyHint: 'interactive' });
    try {
      await context.audioWorklet.addModule(new URL('./capture.worklet.js', import.meta.url));
      await context.resume();
    } catch {
      context.close();
      this.close();
      throw new MicrophoneError('unsupported');
    }
    const capture = new AudioWorkletNode(context, 'capture', { channelCount: 1, channelCountMode: 'explicit' });
    capture.port.onmessage = ({ data }) => this.dispatchEvent(new CustomEvent('chunk', { detail: data }));
    context.createMediaStreamSource(this.#stream).connect(capture);
    capture.connect(context.destination); // silent, but some browsers only run nodes that lead somewhere
    this.#stream.getAudioTracks()[0].addEventListener('ended', () => this.#lost());
    this.#context = context;
    await this.#watchPermission();
  }

  async #watchPermission() {
    if (this.#permission !== null) return;
    try {
      this.#permission = await navigator.permissions.query({ name: 'microphone' });
      this.#permission.addEventListener('change', () => { if (this.#permission.state === 'denied') this.#lost(); });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a browser that does not let pages ask ends the track instead
    }
  }

  #lost() {
    if (!this.isOpen) return;
    this.close();
    const reason = this.#permission?.state === 'denied' ? 'refused' : 'lost';
    this.dispatchEvent(new CustomEvent('lost', { detail: new MicrophoneError(reason) }));
  }
}
