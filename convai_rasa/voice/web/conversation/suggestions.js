/** What a stranger may ask: a few sentences to tap, until the person has said something. */

import { element } from '../state/element.js';

/** Event `choose` (detail: the sentence) when one is tapped. */
export class Suggestions extends EventTarget {
  #box;
  #list;

  /** @param {Document} page */
  constructor(page) {
    super();
    this.#box = page.getElementById('suggestions');
    this.#list = this.#box.querySelector('ul');
  }

  /** @param {string[]} sentences @param {string} [language] that they are in */
  offer(sentences, language = '') {
    this.#list.lang = language;
    this.#list.replaceChildren(...sentences.map((sentence) => this.#button(sentence)));
  }

  /** @param {boolean} on whether they are of use at the moment */
  show(on) {
    this.#box.hidden = !on || this.#list.childElementCount === 0;
  }

  #button(sentence) {
    const button = element('button', 'suggestion', sentence);
    button.type = 'button';
    button.addEventListener('click', () => this.dispatchEvent(new CustomEvent('choose', { detail: sentence })));
    const item = element('li');
    item.append(button);
    return item;
  }
}
