/** The connection to the voice channel: the native protocol, and coming back after it was lost. */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10000;
const READY_TIMEOUT_MS = 15000; // the server answers `start` once its models are loaded
const REFUSED = new Set([1008, 4401, 4403]); // close codes after which trying again is pointless
const BACKLOG_BYTES = 256 * 1024; // 8 s of sound: a network this far behind gets no more

/**
 * Events: `state` (detail `{state: 'connecting' | 'open' | 'waiting' | 'refused'}`), `message`
 * (detail: a server event, an object with `type`), `sound` (detail: ArrayBuffer of PCM16).
 */
export class VoiceSocket extends EventTarget {
  #url;
  #start;
  #socket = null;
  #attempt = 0;
  #timer = null;
  #state = 'connecting';

  /**
   * @param {URL} url of the stream, ws: or wss:
   * @param {object} start what the `start` message says besides its type
   */
  constructor(url, start) {
    super();
    this.#url = url;
    this.#start = start;
  }

  /** @returns {'connecting' | 'open' | 'waiting' | 'refused'} waiting: lost, and being tried again */
  get state() {
    return this.#state;
  }

  /** Connect now, without waiting for the next attempt's time. */
  connect() {
    clearTimeout(this.#timer);
    if (this.#socket !== null) return;
    if (this.#attempt === 0) this.#become('connecting');
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(JSON.stringify({ type: 'start', ...this.#start }));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#lost(code);
    this.#socket = socket;
    this.#timer = setTimeout(() => socket.close(), READY_TIMEOUT_MS);
  }

  /**
   * @param {object} message with a `type`
   * @returns {boolean} false when there is no connection
   */
  send(message) {
    if (this.#state !== 'open') return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** @param {ArrayBuffer} pcm PCM16 mono at the rate that `start` named */
  sendSound(pcm) {
    if (this.#state === 'open' && this.#socket.bufferedAmount < BACKLOG_BYTES) this.#socket.send(pcm);
  }

  #receive(data) {
    if (data instanceof ArrayBuffer) {
      this.dispatchEvent(new CustomEvent('sound', { detail: data }));
      return;
    }
    const message = JSON.parse(data);
    if (message.type === 'ready') {
      clearTimeout(this.#timer);
      this.#attempt = 0;
      this.#start = { ...this.#start, sender_id: message.sender_id }; // the conversation goes on after a reconnection
      this.#become('open');
    }
    this.dispatchEvent(new CustomEvent('message', { detail: message }));
  }

  #lost(code) {
    clearTimeout(this.#timer);
    this.#socket = null;
    if (REFUSED.has(code)) {
      this.#become('refused');
      return;
    }
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt) * (0.8 + 0.4 * Math.random());
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.connect(), delay);
    this.#become('waiting');
  }

  #become(state) {
    this.#state = state;
    this.dispatchEvent(new CustomEvent('state', { detail: { state } }));
  }
}
