/** How long the bot took to answer, and what the time was spent on. */

import { preference, remember } from './settings.js';

const PARTS = [
  ['endpoint', 'Noticing you had finished'],
  ['asr', 'Recognising your words'],
  ['rasa', 'Deciding on an answer'],
  ['tts_first_audio', 'First sound of the voice'],
];

/** @param {number} ms @returns {string} */
function spoken(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/**
 * The parts overlap (recognition runs while the server waits for more speech), so each has its own bar against the
 * whole instead of a share of it.
 *
 * @param {Record<string, number | null>} metrics of `turn.end`, in milliseconds
 * @returns {HTMLElement | null} null when nothing was measured
 */
export function timingView(metrics) {
  const known = PARTS.filter(([key]) => Number.isFinite(metrics[key]));
  const total = Number.isFinite(metrics.response) ? metrics.response : null;
  if (total === null && known.length === 0) return null;
  const view = document.createElement('details');
  view.className = 'timing';
  view.open = preference('timing');
  view.addEventListener('toggle', () => remember('timing', view.open));

  const summary = document.createElement('summary');
  summary.textContent = total === null ? 'Times of this turn' : `Answered in ${spoken(total)}`;
  const list = document.createElement('dl');
  const longest = Math.max(total ?? 0, 1, ...known.map(([key]) => metrics[key]));
  for (const [key, label] of known) {
    const name = document.createElement('dt');
    name.textContent = label;
    const value = document.createElement('dd');
    const bar = document.createElement('span');
    bar.className = 'bar';
    bar.style.setProperty('--share', metrics[key] / longest);
    value.append(bar, spoken(metrics[key]));
    list.append(name, value);
  }
  view.append(summary, list);
  return view;
}
