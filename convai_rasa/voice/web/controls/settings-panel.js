/** The settings: language and speed are the server's to follow, devices, volume and appearance the page's own. */

import { devices, watchDevices } from '../sound/devices.js';
import { Player } from '../sound/player.js';
import { language as pageLanguage, texts } from '../texts/index.js';
import { numberPreference, preference, remember } from './settings.js';

const SPEED = { low: 0.5, high: 2, usual: 1 }; // 1: the voice's own pace
const VOLUME = { low: 0, high: 100, usual: 100 }; // per cent
const THEMES = ['light', 'dark'];

/**
 * Events: `wanted` (detail: what `settings` is to tell the server), `volume` (detail: a factor in [0, 1]), and
 * `microphone` and `speaker` (detail: the id of the chosen device, empty for the system's own choice).
 */
export class SettingsPanel extends EventTarget {
  #page;
  #dialog;
  #languages = []; // that the bot speaks

  /** @param {Document} page */
  constructor(page) {
    super();
    this.#page = page;
    this.#dialog = page.getElementById('settings');
    page.getElementById('open-settings').addEventListener('click', () => {
      this.#listDevices();
      this.#dialog.showModal();
    });
    watchDevices(() => this.#listDevices());
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.#dialog.close(); // beside it
    });
    this.#device('microphone');
    this.#device('speaker');
    page.getElementById('speaker').closest('.field').hidden = !Player.choosesDevice;
    this.#page.getElementById('language').addEventListener('change', ({ target }) => {
      remember('language', target.value);
      this.dispatchEvent(new CustomEvent('wanted', { detail: { language: target.value } })); // '' takes it back
    });
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

  /** Offer the languages that the bot speaks; one that was chosen for another bot is forgotten. @param {string[]} codes */
  set languages(codes) {
    this.#languages = codes;
    const select = this.#page.getElementById('language');
    const names = new Intl.DisplayNames([pageLanguage], { type: 'language' });
    select.replaceChildren(
      new Option(texts.languageUsual, ''),
      new Option(texts.languageAuto, 'auto'),
      ...codes.map((code) => new Option(names.of(code), code)),
    );
    select.value = this.#chosenLanguage;
    select.closest('.field').hidden = codes.length < 2;
    if (preference('language') === select.value) return;
    remember('language', '');
    this.dispatchEvent(new CustomEvent('wanted', { detail: { language: '' } }));
  }

  get #chosenLanguage() {
    const chosen = preference('language');
    return this.#languages.length > 1 && ['auto', ...this.#languages].includes(chosen) ? chosen : '';
  }

  /** @param {'microphone' | 'speaker'} name @returns {string} the id of the chosen device, empty for the system's own */
  device(name) {
    return preference(name);
  }

  #device(name) {
    this.#page.getElementById(name).addEventListener('change', ({ target }) => {
      remember(name, target.value);
      this.dispatchEvent(new CustomEvent(name, { detail: target.value }));
    });
  }

  async #listDevices() {
    const kinds = { microphone: 'audioinput', speaker: 'audiooutput' };
    const labels = { microphone: texts.microphoneChoice, speaker: texts.speakerChoice };
    for (const [name, kind] of Object.entries(kinds)) {
      const select = this.#page.getElementById(name);
      const found = await devices(kind);
      const options = found.map(({ id, label }, i) => new Option(label || texts.deviceUnnamed(labels[name], i + 1), id));
      select.replaceChildren(new Option(texts.deviceUsual, ''), ...options);
      select.value = found.some(({ id }) => id === preference(name)) ? preference(name) : '';
    }
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
