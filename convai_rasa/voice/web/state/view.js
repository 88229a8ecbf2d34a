/** Shows what is going on: whose turn it is, what can be pressed, and the sentences that say so. */

import { texts } from '../texts/index.js';
import { caption, notices, talkButton, welcome } from './sentences.js';

const ANSWER_LIMIT_MS = 20000; // after which the page stops promising an answer
const WORDS_LIMIT_MS = 4000; // after which what was heard was no speech

export class View {
  #page;
  #parts;
  #keys = matchMedia('(hover: hover)');
  #thinking = null; // the timer that ends "One moment…"
  outdated = false; // whether the server has a newer page
  trouble = null; // {code, message}: what went wrong in the present turn

  /**
   * @param {Document} page its root element's dataset tells the state to the style sheet and to tests
   * @param {{socket: object, reason: object, player: object, listening: object, transcript: object,
   *   suggestions: object, notices: object}} parts that are shown
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
    const { socket, reason, player, listening, transcript, suggestions } = this.#parts;
    const { on, handsFree, latched, silent, device } = listening;
    const phase = this.#phase();
    const now = {
      phase, connection: socket.state, why: reason.why, device, handsFree, latched, silent, output: player.output,
      outdated: this.outdated, trouble: this.trouble,
    };
    const byId = (id) => this.#page.getElementById(id);
    Object.assign(this.#page.documentElement.dataset, {
      phase, mode: handsFree ? 'hands-free' : 'press', microphone: device, connection: socket.state,
      output: player.output,
    });
    byId('connection').textContent = texts.connection[socket.state];
    byId('caption').textContent = caption(now);
    byId('silence').hidden = !player.speaking || player.output === 'held';
    byId('end').hidden = socket.state !== 'open';
    byId('hands-free').setAttribute('aria-checked', String(handsFree));
    byId('talk').setAttribute('aria-pressed', String(on));
    byId('talk').setAttribute('aria-label', talkButton(now));
    this.#welcome(now);
    suggestions.show(socket.state === 'open' && !transcript.begun && phase !== 'hearing');
    transcript.waiting = phase === 'thinking';
    this.#notices(now);
  }

  #welcome(now) {
    const box = this.#page.getElementById('welcome');
    box.hidden = now.connection === 'ended' || this.#page.querySelector('.person, .divider') !== null;
    const { title, how } = welcome(now, this.#keys.matches);
    box.querySelector('h2').textContent = title;
    box.querySelector('p').textContent = how;
  }

  #notices(now) {
    const { socket, notices: list } = this.#parts;
    const run = { connect: () => socket.connect(), reload: () => location.reload() };
    const label = {
      connect: now.connection === 'refused' ? texts.tryAgain : texts.tryNow, reload: texts.reload,
    };
    list.show(notices(now).map(({ subject, text, action }) => ({
      subject, text, action: action && { label: label[action], run: run[action] },
    })));
  }

  /** What the person and the bot are doing, the most telling first. */
  #phase() {
    const { player, listening } = this.#parts;
    if (listening.hearing) return 'hearing';
    if (listening.on && !listening.handsFree && player.output !== 'held') return 'listening';
    if (player.speaking) return 'speaking';
    if (this.#thinking !== null) return 'thinking';
    return listening.on ? 'listening' : 'idle';
  }
}
