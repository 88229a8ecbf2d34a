/** What a stranger may ask: a few sentences to tap, until the person has said something. */

import { button, element } from '../state/element.js';

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
    this.#list.replaceChildren(...sentences.map((sentence) => {
      const item = element('li');
      item.append(button('suggestion', sentence, () => {
        this.dispatchEvent(new CustomEvent('choose', { detail: sentence }));
      }));
      return item;
    }));
  }

  /** @param {boolean} on whether they are of use at the moment */
  show(on) {
    this.#box.hidden = !on || this.#list.childElementCount === 0;
  }
}
