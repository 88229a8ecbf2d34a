/** How long the bot took to answer, and what the time was spent on. */

import { preference, remember } from './settings.js';

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

/**
 * The parts follow one another: each bar begins where the one before it ends.
 *
 * @param {Record<string, number | null | undefined>} metrics of `turn.end`, in milliseconds
 * @returns {HTMLElement | null} null when the bot did not answer
 */
export function timingView(metrics) {
  const known = PARTS.filter(([key]) => Number.isFinite(metrics[key]));
  const sum = known.reduce((total, [key]) => total + metrics[key], 0);
  if (!Number.isFinite(metrics.rasa) && !Number.isFinite(metrics.response)) return null;
  const whole = metrics.response ?? sum;
  const scale = Math.max(whole, sum, 1);
  const view = document.createElement('details');
  view.className = 'timing';
  view.open = preference('timing');
  view.addEventListener('toggle', () => remember('timing', view.open));

  const summary = document.createElement('summary');
  summary.textContent = `Answered in ${duration(whole)}`;
  const list = document.createElement('dl');
  let start = 0;
  for (const [key, label] of known) {
    const name = document.createElement('dt');
    name.textContent = label;
    const value = document.createElement('dd');
    const bar = document.createElement('span');
    bar.className = 'bar';
    bar.style.setProperty('--start', start / scale);
    bar.style.setProperty('--share', metrics[key] / scale);
    value.append(bar, duration(metrics[key]));
    list.append(name, value);
    start += metrics[key];
  }
  view.append(summary, list);
  return view;
}
