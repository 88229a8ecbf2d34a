/** What needs the person's attention, above the controls; read out when it appears, gone with its cause. */

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
    const notice = document.createElement('div');
    notice.className = 'notice';
    notice.dataset.subject = subject;
    notice.setAttribute('role', 'alert');
    const words = document.createElement('p');
    words.textContent = text;
    const buttons = document.createElement('div');
    if (action) buttons.append(this.#button(action.label, action.run));
    buttons.append(this.#button(texts.dismiss, () => {
      this.#shown.get(subject)?.remove();
      this.#shown.set(subject, null);
    }));
    notice.append(words, buttons);
    this.#said.set(subject, text);
    this.#shown.set(subject, notice);
    this.#list.append(notice);
  }

  #remove(subject) {
    this.#shown.get(subject)?.remove();
    this.#shown.delete(subject);
    this.#said.delete(subject);
  }

  #button(label, run) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'quiet';
    button.textContent = label;
    button.addEventListener('click', run);
    return button;
  }
}
