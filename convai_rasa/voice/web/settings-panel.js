/** The settings: language and speed are the server's to follow, volume and appearance the page's own. */

import { numberPreference, preference, remember } from './settings.js';

const SPEED = { low: 0.5, high: 2, usual: 1 }; // 1: the voice's own pace
const VOLUME = { low: 0, high: 100, usual: 100 }; // per cent
const THEMES = ['light', 'dark'];

/** Events: `wanted` (detail: what `settings` is to tell the server) and `volume` (detail: a factor in [0, 1]). */
export class SettingsPanel extends EventTarget {
  #page;
  #dialog;

  /** @param {Document} page */
  constructor(page) {
    super();
    this.#page = page;
    this.#dialog = page.getElementById('settings');
    page.getElementById('open-settings').addEventListener('click', () => this.#dialog.showModal());
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.#dialog.close(); // beside it
    });
    this.#language();
    this.#range('speed', SPEED, (speed) => `${speed.toFixed(1)} ×`);
    this.#range('volume', VOLUME, (volume) => `${volume} %`);
    this.#page.getElementById('speed').addEventListener('change', () => {
      this.dispatchEvent(new CustomEvent('wanted', { detail: { speed: this.wanted.speed } }));
    });
    this.#page.getElementById('volume').addEventListener('input', () => {
      this.dispatchEvent(new CustomEvent('volume', { detail: this.volume }));
    });
    this.#appearance();
  }

  /** @returns {{language?: string, speed?: number}} what the person has chosen; the rest is the bot's choice */
  get wanted() {
    const wanted = {};
    if (preference('language') !== '') wanted.language = preference('language');
    if (preference('speed') !== '') wanted.speed = numberPreference('speed', SPEED);
    return wanted;
  }

  /** @returns {number} in [0, 1] */
  get volume() {
    return numberPreference('volume', VOLUME) / 100;
  }

  #language() {
    const select = this.#page.getElementById('language');
    select.value = preference('language');
    if (select.selectedIndex < 0) select.value = '';
    select.addEventListener('change', () => {
      remember('language', select.value);
      this.dispatchEvent(new CustomEvent('wanted', { detail: { language: select.value } })); // '' takes it back
    });
  }

  #range(name, limits, show) {
    const range = this.#page.getElementById(name);
    const output = this.#page.getElementById(`${name}-value`);
    const display = () => {
      output.textContent = show(Number(range.value));
      range.setAttribute('aria-valuetext', output.textContent);
    };
    range.value = numberPreference(name, limits);
    display();
    range.addEventListener('input', () => {
      remember(name, range.value);
      display();
    });
  }

  #appearance() {
    const apply = (theme) => {
      if (THEMES.includes(theme)) this.#page.documentElement.dataset.theme = theme;
      else delete this.#page.documentElement.dataset.theme;
      const paper = getComputedStyle(this.#page.body).backgroundColor;
      this.#page.querySelector('meta[name=theme-color]').content = paper; // the browser's own bars
    };
    const chosen = THEMES.includes(preference('theme')) ? preference('theme') : '';
    for (const radio of this.#page.querySelectorAll('[name=theme]')) {
      radio.checked = radio.value === chosen;
      radio.addEventListener('change', () => {
        remember('theme', radio.value);
        apply(radio.value);
      });
    }
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => apply(preference('theme')));
    apply(chosen);
  }
}
