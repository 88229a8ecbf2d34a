/** What is left when a conversation has ended: why it did, where to go on, and a way back. */

import { element } from '../state/element.js';

const LINKS = new Set(['tel:', 'sip:', 'sips:', 'mailto:', 'https:']);

/** @param {string} address @returns {HTMLElement | string} a link, if it is an address that can be followed */
function destination(address) {
  const readable = address.replace(/^(tel|sips?|mailto):/, '');
  if (!URL.canParse(address) || !LINKS.has(new URL(address).protocol)) return readable;
  const link = element('a', '', readable);
  link.href = address;
  return link;
}

/** Takes the place of the controls once the last words have been played. */
export class Ending {
  #panel;
  #words;
  #again;
  #farewell = null;

  /**
   * @param {Document} page
   * @param {() => void} restart what "Talk again" does
   */
  constructor(page, restart) {
    this.#panel = page.getElementById('ended');
    this.#words = page.getElementById('ended-words');
    this.#again = page.getElementById('again');
    this.#again.addEventListener('click', restart);
  }

  /**
   * Somebody has said goodbye.
   * @param {string} why a sentence; without its full stop where somebody follows
   * @param {string} [to] whom the person is handed over to
   */
  announce(why, to) {
    this.#farewell = to ? [why, ' ', destination(to), '.'] : [why];
  }

  /** @returns {boolean} whether somebody has said goodbye and the page has not said so yet */
  get pending() {
    return this.#farewell !== null;
  }

  show() {
    this.#panel.hidden = false;
    this.#words.replaceChildren(...this.#farewell);
    this.#farewell = null;
    this.#again.focus(); // the control that had the focus is gone
  }

  hide() {
    this.#panel.hidden = true;
    this.#words.replaceChildren();
  }
}
