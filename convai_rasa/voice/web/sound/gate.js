/** Which of the microphone's chunks go to the server. */

const LINGER_CHUNKS = 5; // 160 ms: people let go of the button during their last sound

/** Open while the person talks; once released, it lets the last moment through and shuts. */
export class Gate {
  /** @type {'shut' | 'open' | 'closing'} */
  state = 'shut';
  #lingering = 0;

  /** Let everything through. */
  open() {
    this.state = 'open';
  }

  /** The person has finished: let the last moment through, then shut. */
  release() {
    if (this.state !== 'open') return;
    this.state = 'closing';
    this.#lingering = LINGER_CHUNKS;
  }

  /** Let nothing through from now on. */
  shut() {
    this.state = 'shut';
  }

  /** A chunk has arrived. @returns {boolean} whether it is to be sent */
  pass() {
    const passes = this.state !== 'shut';
    if (this.state === 'closing') {
      this.#lingering -= 1;
      if (this.#lingering === 0) this.state = 'shut';
    }
    return passes;
  }
}
