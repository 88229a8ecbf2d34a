/** How long the bot took to answer, and what the time was spent on. */

import { isOn, rememberOn } from '../controls/settings.js';
import { element } from '../state/element.js';
import { language, texts } from '../texts/index.js';

/** The parts of a turn in the order of time; their names are the protocol's. */
export const PARTS = ['endpoint', 'asr', 'rasa', 'tts_first_audio'];

/** @param {number} ms @returns {string} */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toLocaleString(language, { maximumFractionDigits: 2, minimumFractionDigits: 2 })} s`;
}

/** @param {Record<string, number | null | undefined>} metrics @returns {number | null} null when the bot did not answer */
export function whole(metrics) {
  if (!Number.isFinite(metrics.rasa) && !Number.isFinite(metrics.response)) return null;
  return metrics.response ?? PARTS.reduce((total, part) => total + (metrics[part] ?? 0), 0);
}

/**
 * One bar, its segments in the order of time; unfolded, each with its name. The bar's name says the same in words.
 *
 * @param {Record<string, number | null | undefined>} metrics of `turn.end`, in milliseconds
 * @returns {HTMLElement | null} null when the bot did not answer
 */
export function timingView(metrics) {
  const total = whole(metrics);
  if (total === null) return null;
  const known = PARTS.filter((part) => Number.isFinite(metrics[part]));
  const view = element('details', 'timing');
  view.open = isOn('timing');
  view.addEventListener('toggle', () => rememberOn('timing', view.open));

  const bar = element('span', 'bar');
  bar.setAttribute('role', 'img');
  bar.setAttribute('aria-label', known.map((part) => `${texts.parts[part]}: ${duration(metrics[part])}`).join(', '));
  const list = element('dl', '');
  for (const part of known) {
    const segment = element('span', 'segment');
    segment.dataset.part = part;
    segment.style.flexGrow = metrics[part];
    bar.append(segment);
    const name = element('dt', '', texts.parts[part]);
    name.dataset.part = part;
    list.append(name, element('dd', '', duration(metrics[part])));
  }
  const summary = element('summary', '');
  summary.append(element('span', 'total', texts.answeredIn(duration(total))), bar);
  view.append(summary, list);
  return view;
}
