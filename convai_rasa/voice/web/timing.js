/** How long the bot took to answer, and what the time was spent on. */

import { isOn, rememberOn } from './settings.js';

const PARTS = [
  ['endpoint', 'Noticing you had finished'],
  ['asr', 'Recognising your words'],
  ['rasa', 'Deciding on an answer'],
  ['tts_first_audio', 'First sound of the voice'],
];

/** @param {number} ms @returns {string} */
function duration(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** @param {string} tag @param {string} className @param {string} [text] @returns {HTMLElement} */
function element(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/**
 * One bar, its segments in the order of time; unfolded, each with its name. The bar's name says the same in words.
 *
 * @param {Record<string, number | null | undefined>} metrics of `turn.end`, in milliseconds
 * @returns {HTMLElement | null} null when the bot did not answer
 */
export function timingView(metrics) {
  const known = PARTS.filter(([key]) => Number.isFinite(metrics[key]));
  if (!Number.isFinite(metrics.rasa) && !Number.isFinite(metrics.response)) return null;
  const whole = metrics.response ?? known.reduce((total, [key]) => total + metrics[key], 0);
  const view = element('details', 'timing');
  view.open = isOn('timing');
  view.addEventListener('toggle', () => rememberOn('timing', view.open));

  const bar = element('span', 'bar');
  bar.setAttribute('role', 'img');
  bar.setAttribute('aria-label', known.map(([key, label]) => `${label}: ${duration(metrics[key])}`).join(', '));
  const list = element('dl', '');
  for (const [key, label] of known) {
    const segment = element('span', 'segment');
    segment.dataset.part = key;
    segment.style.flexGrow = metrics[key];
    bar.append(segment);
    const name = element('dt', '', label);
    name.dataset.part = key;
    list.append(name, element('dd', '', duration(metrics[key])));
  }
  const summary = element('summary', '');
  summary.append(element('span', 'total', `Answered in ${duration(whole)}`), bar);
  view.append(summary, list);
  return view;
}
