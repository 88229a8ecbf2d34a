/** The conversation as text: what was heard, what was answered. */

import { timingView } from './timing.js';

/** @param {string} tag @param {string} className @param {string} [text] @returns {HTMLElement} */
function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

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
  #welcome;
  #botName = 'the bot';

  /** @param {Document} page */
  constructor(page) {
    super();
    this.#scroller = page.getElementById('conversation');
    this.#list = page.getElementById('transcript');
    this.#hearing = page.getElementById('hearing');
    this.#waiting = page.getElementById('waiting');
    this.#welcome = page.getElementById('welcome');
    new ResizeObserver(() => this.#follow()).observe(this.#scroller); // the keyboard of a phone, a notice
  }

  /** @param {string} name */
  set botName(name) {
    this.#botName = name;
  }

  /**
   * The words recognised so far. They stand outside the live region: read out, they would be talked over.
   * @param {string} text empty when there are none (any more)
   */
  hear(text) {
    this.#hearing.textContent = text;
    this.#hearing.hidden = text === '';
    if (text !== '') this.#follow();
  }

  /** @param {boolean} on whether the bot is about to answer */
  set waiting(on) {
    if (this.#waiting.hidden === !on) return;
    this.#waiting.hidden = !on;
    if (on) this.#follow();
  }

  /** What the person said or typed. @param {string} text @param {'spoken' | 'typed' | 'chosen'} manner */
  addPerson(text, manner) {
    this.hear('');
    for (const group of this.#list.querySelectorAll('.choices')) this.#close(group);
    const item = this.#item('person', 'You said');
    item.dataset.manner = manner;
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
    const item = this.#item('bot', `${this.#botName} said`);
    item.dataset.id = message.id;
    if (message.text) item.append(element('p', 'words', message.text));
    if (message.image) item.append(this.#picture(message.image));
    if (message.buttons?.length) item.append(this.#choices(message.buttons));
    if (message.custom) item.append(this.#data(message.custom));
    this.#append(item);
  }

  /** Say that an utterance was cut off. @param {string} id */
  markInterrupted(id) {
    const words = this.#bot(id)?.querySelector('.words');
    words?.after(element('p', 'remark', 'Interrupted'));
  }

  /** Show how far an utterance was heard before it was cut off. @param {string} id @param {string} heardText */
  showHeard(id, heardText) {
    const item = this.#bot(id);
    const words = item?.querySelector('.words');
    const whole = words?.textContent ?? '';
    if (!item?.querySelector('.remark') || !heardText || !whole.startsWith(heardText)) return;
    words.replaceChildren(heardText, element('span', 'unheard', whole.slice(heardText.length)));
  }

  /** Put the times of a turn under the bot's last words. @param {Record<string, number | null>} metrics */
  addTiming(metrics) {
    const view = timingView(metrics);
    const last = this.#list.lastElementChild;
    if (view === null || !last?.classList.contains('bot') || last.querySelector('.timing')) return; // nothing was said
    last.append(view);
    this.#follow();
  }

  #bot(id) {
    return [...this.#list.querySelectorAll('.bot')].find((item) => item.dataset.id === id);
  }

  #item(who, spokenLabel) {
    const item = element('li', who);
    item.append(element('span', 'unseen', `${spokenLabel}: `));
    return item;
  }

  #append(item) {
    this.#welcome.hidden = true;
    this.#list.append(item);
    this.#follow();
  }

  #follow() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #choices(buttons) {
    const group = element('div', 'choices');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', 'Suggested answers');
    for (const { title, payload } of buttons) {
      const button = element('button', 'choice', title);
      button.type = 'button';
      button.addEventListener('click', () => {
        button.classList.add('chosen');
        this.dispatchEvent(new CustomEvent('choose', { detail: { title, payload: payload ?? title } }));
      });
      group.append(button);
    }
    return group;
  }

  /** The conversation has moved on: the buttons stay readable but no longer answer. */
  #close(group) {
    for (const button of group.querySelectorAll('button')) button.disabled = true;
  }

  #picture(address) {
    const safe = safeAddress(address);
    if (safe === null) return element('p', 'remark', 'The bot sent an image with an address that cannot be shown.');
    const image = element('img', 'picture');
    image.alt = `Image from ${this.#botName}`;
    image.addEventListener('load', () => this.#follow());
    image.addEventListener('error', () => {
      image.replaceWith(element('p', 'remark', 'The bot sent an image that could not be loaded.'));
    });
    image.src = safe;
    return image;
  }

  #data(custom) {
    const view = element('details', 'data');
    view.append(element('summary', '', 'Data from the bot'), element('pre', '', JSON.stringify(custom, null, 2)));
    return view;
  }
}
