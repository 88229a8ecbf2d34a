/** Which of the microphone's chunks go to the server. */

const LINGER_MS = 160; // people let go of the button during their last sound
const TAIL_MS = 860; // silence after it, with which the server recognises the end of the turn
const TAIL_LIMIT_MS = 3000; // where the server waits for a longer silence than usual
const CHUNK_MS = 32;

/**
 * Open while the person talks. Once released, it lets the last moment through and then as many silent chunks as
 * the server, which counts time in the frames it receives, needs to notice that the turn is over.
 */
export class Gate {
  #state = 'shut';
  #elapsed = 0;

  /** @returns {'shut' | 'open' | 'closing'} */
  get state() {
    return this.#state;
  }

  /** Let everything through. */
  open() {
    this.#state = 'open';
  }

  /** The person has finished: let the tail through, then shut. */
  release() {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#elapsed = 0;
  }

  /** Let nothing through from now on. */
  shut() {
    this.#state = 'shut';
  }

  /**
   * @param {ArrayBuffer} pcm 32 ms of PCM16
   * @param {boolean} turnOpen whether the server has heard speech whose end it has not yet found
   * @returns {ArrayBuffer | null} what to send instead of `pcm`; null for nothing
   */
  pass(pcm, turnOpen) {
    if (this.#state === 'open') return pcm;
    if (this.#state === 'shut') return null;
    this.#elapsed += CHUNK_MS;
    if (this.#elapsed <= LINGER_MS) return pcm;
    if (this.#elapsed <= TAIL_MS || (turnOpen && this.#elapsed <= TAIL_LIMIT_MS)) return new ArrayBuffer(pcm.byteLength);
    this.#state = 'shut';
    return null;
  }
}
