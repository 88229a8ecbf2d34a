/** The talk button's gestures: held with a pointer or a key, or tapped once to start and once more to finish. */

const TAP_MS = 300; // a shorter press leaves the button on, for those who cannot or do not want to hold it

/**
 * Events: `press` (talk from here on), `latch` (it was a tap: on without being held) and `release` (the person has
 * finished). Holding Space anywhere on the page where it has no other meaning counts as holding the button.
 */
export class TalkButton extends EventTarget {
  #button;
  #pressedAt = null;
  #on = false;

  /** @param {HTMLButtonElement} button */
  constructor(button) {
    super();
    this.#button = button;
    button.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      this.#down(event.timeStamp);
    });
    for (const type of ['pointerup', 'pointercancel']) {
      button.addEventListener(type, (event) => this.#up(event.timeStamp));
    }
    button.addEventListener('contextmenu', (event) => event.preventDefault()); // a long press on a phone
    button.addEventListener('click', (event) => this.#clicked(event));
    document.addEventListener('keydown', (event) => {
      if (!this.#meant(event)) return;
      event.preventDefault();
      if (!event.repeat) this.#down(event.timeStamp);
    });
    document.addEventListener('keyup', (event) => {
      if (this.#meant(event)) event.preventDefault();
      if (['Space', 'Enter', 'NumpadEnter'].includes(event.code)) this.#up(event.timeStamp);
    });
    window.addEventListener('blur', () => this.finish()); // the release would happen unseen
  }

  /** @returns {boolean} whether it is on without being held */
  get latched() {
    return this.#on && this.#pressedAt === null;
  }

  /** Come up, whether held or left on. */
  finish() {
    this.#pressedAt = null;
    if (!this.#on) return;
    this.#on = false;
    this.dispatchEvent(new Event('release'));
  }

  /** Whether a key means this button. */
  #meant(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#button.checkVisibility()) return false;
    if (event.target === this.#button) return ['Space', 'Enter', 'NumpadEnter'].includes(event.code);
    if (event.code !== 'Space' || !(event.target instanceof Element)) return false;
    return event.target.closest('input, button, summary, a, dialog') === null;
  }

  /** Assistive technology clicks without pressing. */
  #clicked(event) {
    if (event.detail !== 0 || event.pointerType) return;
    if (this.#on) {
      this.finish();
    } else {
      this.#down(event.timeStamp);
      this.#pressedAt = null;
      this.dispatchEvent(new Event('latch'));
    }
  }

  /** @param {number} time of the event, not of its handling: a busy page must not turn a tap into a long press */
  #down(time) {
    if (this.#on) {
      this.finish();
      return;
    }
    this.#on = true;
    this.#pressedAt = time;
    this.dispatchEvent(new Event('press'));
  }

  #up(time) {
    if (this.#pressedAt === null) return;
    const held = time - this.#pressedAt;
    this.#pressedAt = null;
    if (held >= TAP_MS) this.finish();
    else this.dispatchEvent(new Event('latch'));
  }
}
