/** The words of the page in the language of the browser. */

import de from './de.js';
import en from './en.js';
import es from './es.js';

const LANGUAGES = { en, de, es };

/**
 * The first of a person's languages that the page speaks.
 * @param {readonly string[]} wanted as the browser tells them, for example `['de-AT', 'en']`
 * @returns {keyof typeof LANGUAGES}
 */
export function choose(wanted) {
  return wanted.map((language) => language.split('-')[0].toLowerCase()).find((code) => code in LANGUAGES) ?? 'en';
}

export const language = choose(navigator.languages ?? [navigator.language]);

/** @type {typeof en} */
export const texts = LANGUAGES[language];

/**
 * Put the words into the page: `data-text="end"` names those of an element, `data-label="end"` its name for those who
 * do not see it, `data-hint="typePlaceholder"` what stands in an empty field. A dot leads into a group.
 * @param {Document} page
 */
export function translate(page) {
  const find = (path) => path.split('.').reduce((group, key) => group[key], texts);
  page.documentElement.lang = language;
  for (const element of page.querySelectorAll('[data-text]')) element.textContent = find(element.dataset.text);
  for (const element of page.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', find(element.dataset.label));
  }
  for (const element of page.querySelectorAll('[data-hint]')) element.placeholder = find(element.dataset.hint);
}
