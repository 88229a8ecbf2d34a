/** Messages that need the person's attention, above the controls; one per subject, read out when they appear. */

export class Notices {
  #list;
  #shown = new Map();

  /** @param {HTMLElement} list where they appear */
  constructor(list) {
    this.#list = list;
  }

  /**
   * @param {string} subject a newer notice on the same subject replaces the older
   * @param {string} text
   * @param {{label: string, run: () => void}} [action] what the person can do about it
   */
  show(subject, text, action) {
    const known = this.#shown.get(subject);
    if (known?.dataset.text === text) return;
    this.clear(subject);
    const notice = document.createElement('div');
    notice.className = 'notice';
    notice.dataset.subject = subject;
    notice.dataset.text = text;
    notice.setAttribute('role', 'alert');
    const words = document.createElement('p');
    words.textContent = text;
    notice.append(words);
    const buttons = document.createElement('div');
    if (action) buttons.append(this.#button(action.label, action.run));
    buttons.append(this.#button('Dismiss', () => this.clear(subject)));
    notice.append(buttons);
    this.#shown.set(subject, notice);
    this.#list.append(notice);
  }

  /** @param {string} subject */
  clear(subject) {
    this.#shown.get(subject)?.remove();
    this.#shown.delete(subject);
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
