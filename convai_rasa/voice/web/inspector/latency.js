/** Answering times of the last turns, one bar each, its parts in the order of time. */

import { PARTS, duration, whole } from '../conversation/timing.js';
import { texts } from '../texts/index.js';

const SVG = 'http://www.w3.org/2000/svg';
const MOST = 30; // turns
const WIDTH = 320;
const HEIGHT = 96;
const LABEL = 40; // left of the bars, for the scale
const STEPS_MS = [200, 500, 1000, 2000, 5000, 10000, 20000, 60000]; // what the scale may end with

function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export class LatencyChart {
  #box;
  #turns = []; // {number, metrics, total}
  #count = 0;

  /** @param {HTMLElement} box */
  constructor(box) {
    this.#box = box;
    this.#draw();
  }

  /** @param {Record<string, number | null>} metrics of a `turn.end`; a turn without an answer is left out */
  add(metrics) {
    const total = whole(metrics);
    if (total === null) return;
    this.#count += 1;
    this.#turns.push({ number: this.#count, metrics, total });
    this.#turns = this.#turns.slice(-MOST);
    this.#draw();
  }

  #draw() {
    if (this.#turns.length === 0) {
      this.#box.textContent = texts.inspector.noLatency;
      return;
    }
    const longest = Math.max(...this.#turns.map(({ total }) => total));
    const top = STEPS_MS.find((step) => step >= longest) ?? longest;
    const chart = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', class: 'latency' });
    chart.setAttribute('aria-label', this.#turns
      .map(({ number, total }) => texts.inspector.latencyOf(number, duration(total))).join(', '));
    for (const share of [0, 0.5, 1]) {
      const y = 6 + (1 - share) * (HEIGHT - 12);
      chart.append(svg('line', { x1: LABEL, x2: WIDTH, y1: y, y2: y, class: 'grid' }));
      const label = svg('text', { x: LABEL - 6, y: y + 3.5, 'text-anchor': 'end' });
      label.textContent = share === 0 ? '0' : duration(top * share);
      chart.append(label);
    }
    const step = (WIDTH - LABEL) / Math.max(12, this.#turns.length);
    this.#turns.forEach((turn, i) => chart.append(this.#bar(turn, LABEL + i * step + step * 0.15, step * 0.7, top)));
    this.#box.replaceChildren(chart);
  }

  #bar({ number, metrics, total }, x, width, top) {
    const bar = svg('g', {});
    const title = svg('title', {});
    title.textContent = texts.inspector.latencyOf(number, duration(total));
    bar.append(title);
    let y = HEIGHT - 6;
    for (const part of PARTS) {
      const height = Math.max(0, (metrics[part] ?? 0) / top) * (HEIGHT - 12);
      if (height === 0) continue;
      y -= height;
      bar.append(svg('rect', { x, y, width, height, 'data-part': part }));
    }
    return bar;
  }
}
