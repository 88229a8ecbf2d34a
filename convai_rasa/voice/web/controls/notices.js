/** What needs the person's attention, above the controls; read out when it appears, gone with its cause. */

import { button, element } from '../state/element.js';
import { texts } from '../texts/index.js';

export class Notices {
  #list;
  #shown = new Map(); // subject → its element, null when the person has dismissed it
  #said = new Map(); // subject → text

  /** @param {HTMLElement} list where they appear */
  constructor(list) {
    this.#list = list;
  }

  /**
   * Show these and no others. One that was dismissed stays away until its cause has left.
   * @param {{subject: string, text: string, action?: {label: string, run: () => void}}[]} wanted
   */
  show(wanted) {
    for (const subject of [...this.#said.keys()]) {
      if (wanted.find((notice) => notice.subject === subject)?.text !== this.#said.get(subject)) this.#remove(subject);
    }
    for (const notice of wanted) {
      if (!this.#said.has(notice.subject)) this.#add(notice);
    }
  }

  #add({ subject, text, action }) {
    const notice = element('div', 'notice');
    notice.dataset.subject = subject;
    notice.setAttribute('role', 'alert');
    const buttons = element('div');
    if (action) buttons.append(button('quiet', action.label, action.run));
    buttons.append(button('quiet', texts.dismiss, () => {
      this.#shown.get(subject)?.remove();
      this.#shown.set(subject, null);
    }));
    notice.append(element('p', '', text), buttons);
    this.#said.set(subject, text);
    this.#shown.set(subject, notice);
    this.#list.append(notice);
  }

  #remove(subject) {
    this.#shown.get(subject)?.remove();
    this.#shown.delete(subject);
    this.#said.delete(subject);
  }
}
