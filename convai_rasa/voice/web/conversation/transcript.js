/** The conversation as text: what was heard, what was answered. */

import { button, element } from '../state/element.js';
import { texts } from '../texts/index.js';
import { heardUntil, splitHeard } from './heard.js';
import { timingView } from './timing.js';

/** @param {string} address @returns {string | null} the address, if it is one that can only be an image or a page */
function safeAddress(address) {
  try {
    const url = new URL(address, document.baseURI);
    return ['http:', 'https:'].includes(url.protocol) || address.startsWith('data:image/') ? url.href : null;
  } catch {
    return null;
  }
}

/** Events: `choose` (detail `{title, payload}`) when one of the bot's buttons is pressed. */
export class Transcript extends EventTarget {
  #scroller;
  #list;
  #hearing;
  #waiting;
  botName = texts.theBot;
  #replies = new Map(); // id → {item, text, spoken}: what the bot said and how it sounds
  #answers = []; // what the bot has said in this turn

  /** @param {Document} page */
  constructor(page) {
    super();
    this.#scroller = page.getElementById('conversation');
    this.#list = page.getElementById('transcript');
    this.#hearing = page.getElementById('hearing');
    this.#waiting = page.getElementById('waiting');
    new ResizeObserver(() => this.#follow()).observe(this.#scroller); // the keyboard of a phone, a notice, suggestions
  }

  /**
   * The words recognised so far. They stand outside the live region: read out, they would be talked over.
   * @param {string | null} text null when nobody speaks (any more)
   */
  hear(text) {
    this.#hearing.textContent = text ?? '';
    this.#hearing.hidden = text === null;
    if (text !== null) this.#follow();
  }

  /** Nobody speaks any more: words may still come, but a bubble without any would promise them. */
  stopHearing() {
    if (this.#hearing.textContent === '') this.hear(null);
  }

  /** @param {boolean} on whether the bot is about to answer */
  set waiting(on) {
    if (this.#waiting.hidden === !on) return;
    this.#waiting.hidden = !on;
    if (on) this.#follow();
  }

  /** What the person said or typed. @param {string} text @param {'spoken' | 'typed' | 'chosen'} manner */
  addPerson(text, manner) {
    const replacesPartial = !this.#hearing.hidden;
    this.hear(null);
    this.closeChoices();
    const item = this.#item('person', texts.youSaid);
    item.dataset.manner = manner;
    item.classList.toggle('settled', replacesPartial); // it stood there already: nothing is to move
    item.append(element('p', 'bubble', text));
    this.#append(item);
  }

  /**
   * @param {object} message
   * @param {string} message.id
   * @param {string} [message.text]
   * @param {{title: string, payload: string}[]} [message.buttons]
   * @param {string} [message.image] its address
   * @param {object} [message.custom]
   */
  addBot(message) {
    const item = this.#item('bot', texts.saidBy(this.botName));
    item.dataset.id = message.id;
    this.#replies.set(message.id, { item, text: message.text ?? '', spoken: message.text ?? '' });
    this.#answers.push(item);
    if (message.text) item.append(element('p', 'words', message.text));
    if (message.image) item.append(this.#picture(message.image));
    if (message.buttons?.length) item.append(this.#choices(message.buttons));
    const { voice, ...data } = Object(message.custom); // `voice` is for the server: how to speak
    if (Object.keys(data).length > 0) item.append(this.#data(data));
    this.#append(item);
  }

  /**
   * A reply is being spoken, perhaps again after an interruption that was none.
   * @param {string} id
   * @param {string} spoken its text as it sounds
   */
  speak(id, spoken) {
    const reply = this.#replies.get(id);
    if (!reply) return;
    reply.spoken = spoken || reply.text;
    const remark = reply.item.querySelector('.remark');
    if (!remark) return;
    remark.remove();
    reply.item.querySelector('.words').replaceChildren(reply.text);
  }

  /**
   * A reply was cut off here, before the server has said so.
   * @param {{id: string, playedMs: number, lengthMs?: number}} cut as the player tells it
   */
  cutAt({ id, playedMs, lengthMs }) {
    const reply = this.#replies.get(id);
    if (reply) this.cut(id, heardUntil(reply.spoken, playedMs, lengthMs));
  }

  /**
   * A reply was cut off.
   * @param {string} id
   * @param {string} heard the spoken words that were heard
   */
  cut(id, heard) {
    const reply = this.#replies.get(id);
    const words = reply?.item.querySelector('.words');
    if (!words) return;
    const [before, after] = splitHeard(reply.text, heard, reply.spoken);
    if (after === '') return; // it was just over
    reply.item.querySelector('.remark')?.remove();
    words.setAttribute('aria-live', 'off'); // what was read out once is no news
    words.replaceChildren(before, element('span', 'unheard', after));
    words.after(element('p', 'remark', before ? texts.interrupted : texts.notHeard));
    this.#follow();
  }

  /** Put the times of a turn under the bot's last words in it. @param {Record<string, number | null>} metrics */
  endTurn(metrics) {
    const last = this.#answers.pop();
    this.#answers = [];
    const view = last && timingView(metrics);
    if (!view) return;
    last.append(view);
    view.addEventListener('toggle', () => { if (last === this.#list.lastElementChild) this.#follow(); });
    this.#follow();
  }

  /** Part what was said from what follows. @param {string} text why */
  divide(text) {
    this.hear(null);
    this.closeChoices();
    this.#answers = [];
    this.#append(element('li', 'divider', text));
  }

  /** The conversation has moved on: the bot's buttons stay readable but no longer answer. */
  closeChoices() {
    for (const choice of this.#list.querySelectorAll('.choice')) choice.disabled = true;
  }

  /** @returns {string} what both sides have said, a line each, with the time of day */
  get text() {
    const lines = [...this.#list.children].map((item) => {
      if (item.matches('.divider')) return `--- ${item.textContent} ---`;
      const words = item.querySelector('.bubble, .words')?.textContent ?? '';
      return `${item.dataset.time}  ${item.matches('.person') ? '>' : '<'} ${words}`;
    });
    return `${lines.join('\n')}\n`;
  }

  /** @returns {boolean} whether the person has said anything in this conversation */
  get begun() {
    const since = [...this.#list.children].findLastIndex((item) => item.matches('.divider'));
    return [...this.#list.children].slice(since + 1).some((item) => item.matches('.person'));
  }

  #item(who, spokenLabel) {
    const item = element('li', who);
    item.dataset.time = new Date().toLocaleTimeString(undefined, { hour12: false });
    item.append(element('span', 'unseen', `${spokenLabel}: `));
    return item;
  }

  #append(item) {
    this.#list.append(item);
    this.#follow();
  }

  #follow() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #choices(buttons) {
    const group = element('div', 'choices');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', texts.choices);
    for (const { title, payload } of buttons) {
      group.append(button('choice', title, (pressed) => {
        pressed.classList.add('chosen');
        this.dispatchEvent(new CustomEvent('choose', { detail: { title, payload: payload ?? title } }));
      }));
    }
    return group;
  }

  #picture(address) {
    const safe = safeAddress(address);
    if (safe === null) return element('p', 'remark', texts.imageUnsafe);
    const image = element('img', 'picture');
    image.alt = texts.imageFrom(this.botName);
    image.addEventListener('load', () => this.#follow());
    image.addEventListener('error', () => {
      image.replaceWith(element('p', 'remark', texts.imageBroken));
    });
    image.src = safe;
    return image;
  }

  #data(custom) {
    const view = element('details', 'data');
    view.append(element('summary', '', texts.data), element('pre', '', JSON.stringify(custom, null, 2)));
    return view;
  }
}
