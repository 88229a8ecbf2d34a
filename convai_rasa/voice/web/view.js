/** Shows what is going on: whose turn it is, what can be pressed, and the caption that says so. */

import { caption } from './caption.js';

const ANSWER_LIMIT_MS = 20000; // after which the page stops promising an answer
const WORDS_LIMIT_MS = 4000; // after which what was heard was no speech

export class View {
  #page;
  #parts;
  #thinking = null; // the timer that ends "One moment…"

  /**
   * @param {Document} page its root element's dataset tells the state to the style sheet and to tests
   * @param {{socket: object, player: object, listening: object, transcript: object}} parts that are shown
   */
  constructor(page, parts) {
    this.#page = page;
    this.#parts = parts;
  }

  /** @param {boolean} on whether an answer is on its way */
  set thinking(on) {
    this.#think(on ? ANSWER_LIMIT_MS : 0);
  }

  /** The person has finished; which words it were, if any, is on its way. */
  awaitWords() {
    this.#think(WORDS_LIMIT_MS);
  }

  #think(limitMs) {
    clearTimeout(this.#thinking);
    this.#thinking = limitMs === 0 ? null : setTimeout(() => { this.thinking = false; this.render(); }, limitMs);
  }

  /** Show the present state. */
  render() {
    const { socket, player, listening, transcript } = this.#parts;
    const { on, handsFree, latched, silent, device } = listening;
    const phase = this.#phase();
    const byId = (id) => this.#page.getElementById(id);
    Object.assign(this.#page.documentElement.dataset, {
      phase, mode: handsFree ? 'hands-free' : 'press', microphone: device, connection: socket.state,
    });
    byId('caption').textContent = caption({
      phase, connection: socket.state, device, handsFree, latched, silent, held: player.held,
    });
    byId('silence').hidden = !player.speaking || player.held;
    byId('end').hidden = socket.state !== 'open';
    byId('hands-free').setAttribute('aria-checked', String(handsFree));
    byId('talk').setAttribute('aria-pressed', String(on));
    byId('talk').setAttribute('aria-label', handsFree ? 'Listen hands-free' : 'Hold to talk');
    transcript.waiting = phase === 'thinking';
  }

  /** What the person and the bot are doing, the most telling first. */
  #phase() {
    const { player, listening } = this.#parts;
    if (listening.hearing) return 'hearing';
    if (listening.on && !listening.handsFree) return 'listening';
    if (player.speaking) return 'speaking';
    if (this.#thinking !== null) return 'thinking';
    return listening.on ? 'listening' : 'idle';
  }
}
