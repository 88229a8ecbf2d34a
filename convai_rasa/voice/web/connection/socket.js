/** The connection to the voice channel: the native protocol, and coming back after it was lost. */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10000;
const READY_TIMEOUT_MS = 15000; // the server answers `start` once its models are loaded
const REFUSED = new Set([1008, 4401, 4403, 4409]); // close codes after which trying again is pointless
const LAST_WORDS = new Set(['hangup', 'transfer']); // of the server; then it closes the connection
const BACKLOG_BYTES = 256 * 1024; // 8 s of sound: a network this far behind is as good as lost

/**
 * States: connecting, open, waiting (lost, and being tried again), refused, ended (one side said goodbye).
 *
 * Events: `state` (detail `{state, code}`, the code that the connection was closed with), `message` (detail: a server event, an object with `type`), `sound` (detail:
 * ArrayBuffer of PCM16).
 */
export class VoiceSocket extends EventTarget {
  #url;
  #start;
  #conversation = {}; // session_id and sender_id of the last `ready`
  #replica = null; // of several servers, the one that holds it
  #socket = null;
  #attempt = 0;
  #timer = null;
  /** @type {'connecting' | 'open' | 'waiting' | 'refused' | 'ended'} */
  state = 'connecting';
  #over = false; // the server has said its last words
  #retryS = null; // when the server wants to be asked again

  /**
   * @param {URL} url of the stream, ws: or wss:
   * @param {() => object} start gives what the `start` message says besides its type and the conversation to go on with
   */
  constructor(url, start) {
    super();
    this.#url = url;
    this.#start = start;
  }

  /** Connect now, without waiting for the next attempt's time. */
  connect() {
    clearTimeout(this.#timer);
    if (this.#socket !== null) return;
    if (this.#attempt === 0) this.#become('connecting');
    const url = new URL(this.#url);
    if (this.#replica !== null) url.searchParams.set('replica', this.#replica);
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(JSON.stringify({ type: 'start', ...this.#start(), ...this.#conversation }));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#lost(code);
    this.#over = false;
    this.#socket = socket;
    this.#timer = setTimeout(() => this.drop(), READY_TIMEOUT_MS);
  }

  /** Say goodbye: the conversation is over and the next one is another. */
  end() {
    clearTimeout(this.#timer);
    this.send({ type: 'bye' });
    this.#release();
    this.#attempt = 0;
    delete this.#conversation.session_id;
    this.#become('ended');
  }

  /** Give the connection up as lost: a dead network lets nobody close it in order. */
  drop() {
    if (this.#socket === null) return;
    this.#release();
    this.#lost(1006);
  }

  /**
   * @param {object} message with a `type`
   * @returns {boolean} false when there is no connection
   */
  send(message) {
    if (!this.#writable) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** @param {ArrayBuffer} pcm PCM16 mono at the rate that `start` named */
  sendSound(pcm) {
    if (!this.#writable) return;
    if (this.#socket.bufferedAmount < BACKLOG_BYTES) this.#socket.send(pcm);
    else this.drop();
  }

  /** The server may have begun to close what is not yet lost here. */
  get #writable() {
    return this.state === 'open' && this.#socket.readyState === WebSocket.OPEN;
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
      const { session_id, sender_id, replica } = message;
      this.#conversation = { session_id, sender_id }; // goes on after a reconnection
      this.#replica = replica ?? null;
      this.#become('open');
    }
    this.#over ||= LAST_WORDS.has(message.type);
    this.#retryS = message.type === 'error' ? message.retry_after_s ?? null : null;
    this.dispatchEvent(new CustomEvent('message', { detail: message }));
  }

  #release() {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #lost(code) {
    clearTimeout(this.#timer);
    this.#socket = null;
    if (this.#over) {
      delete this.#conversation.session_id;
      this.#become('ended');
      return;
    }
    if (REFUSED.has(code)) {
      this.#become('refused', code);
      return;
    }
    const usual = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt);
    const delay = Math.max(usual, 1000 * (this.#retryS ?? 0)) * (0.8 + 0.4 * Math.random());
    this.#retryS = null;
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.connect(), delay);
    this.#become('waiting', code);
  }

  #become(state, code = null) {
    this.state = state;
    this.dispatchEvent(new CustomEvent('state', { detail: { state, code } }));
  }
}
