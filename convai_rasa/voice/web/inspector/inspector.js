/** For developers: what the bot made of each turn, how long it took, how loud both sides are, and the transcript. */

import { isOn, rememberOn } from '../controls/settings.js';
import { element } from '../state/element.js';
import { language, texts } from '../texts/index.js';
import { LatencyChart } from './latency.js';

const words = texts.inspector;
const MOST_TURNS = 100; // looked back at
const LEVEL_EVERY_MS = 100;
const QUIET_DB = -60;

/** @param {unknown} value @returns {string} */
function shown(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** @param {number} share in [0, 1] @returns {string} */
function percent(share) {
  return share.toLocaleString(language, { style: 'percent', maximumFractionDigits: 0 });
}

/** A name with a bar of its share. */
function ranked(name, share, className) {
  const row = element('li', className);
  const bar = element('span', 'share');
  bar.style.setProperty('--share', String(share));
  row.append(element('span', 'name', name), bar, element('span', 'number', percent(share)));
  return row;
}

/** A heading and what stands below it; nothing where there is nothing to say. */
function section(title, content) {
  if (content === null) return [];
  const made = element('section');
  made.append(element('h3', '', title), content);
  return [made];
}

/** Event `wanted` (detail: whether the server is to tell what the bot made of each turn). */
export class Inspector extends EventTarget {
  #page;
  #panel;
  #turns = [];
  #at = -1; // which of them is shown
  #allowed = true;
  #chart;
  #levels;
  #transcript;

  /**
   * @param {Document} page
   * @param {{levels: () => {you: number, bot: number}, transcript: () => string}} sources what is loud, and what was said
   */
  constructor(page, { levels, transcript }) {
    super();
    this.#page = page;
    this.#panel = page.getElementById('inspector');
    this.#levels = levels;
    this.#transcript = transcript;
    this.#chart = new LatencyChart(page.getElementById('latency'));
    const on = page.getElementById('developers');
    on.addEventListener('change', () => this.#open(on.checked));
    page.getElementById('close-inspector').addEventListener('click', () => {
      this.#open(false);
      page.getElementById('open-settings').focus(); // where it is switched on again
    });
    page.getElementById('earlier').addEventListener('click', () => this.#show(this.#at - 1));
    page.getElementById('later').addEventListener('click', () => this.#show(this.#at + 1));
    page.getElementById('copy').addEventListener('click', ({ target }) => this.#copy(target));
    page.getElementById('download').addEventListener('click', () => this.#download());
    setInterval(() => this.#showLevels(), LEVEL_EVERY_MS);
    this.#open(isOn('inspector') || new URLSearchParams(location.search).has('inspect'));
  }

  /** @returns {boolean} whether it is open */
  get on() {
    return !this.#panel.hidden;
  }

  /** The connection is open. @param {string} session its id @param {boolean} allowed whether the server tells */
  begin(session, allowed) {
    this.#page.getElementById('session').textContent = session;
    this.#allowed = allowed;
    this.#show(this.#at);
  }

  /** @param {object} turn the server's `inspect` */
  add(turn) {
    const last = this.#at === this.#turns.length - 1;
    this.#turns.push(turn);
    this.#turns = this.#turns.slice(-MOST_TURNS);
    this.#show(last ? this.#turns.length - 1 : this.#at);
  }

  /** @param {Record<string, number | null>} metrics of `turn.end` */
  time(metrics) {
    this.#chart.add(metrics);
  }

  #open(on) {
    const changed = this.#panel.hidden === on;
    this.#panel.hidden = !on;
    this.#page.getElementById('developers').checked = on;
    this.#page.documentElement.toggleAttribute('data-inspector', on);
    rememberOn('inspector', on);
    this.#show(this.#at);
    if (changed) this.dispatchEvent(new CustomEvent('wanted', { detail: on }));
  }

  #show(at) {
    this.#at = Math.min(Math.max(at, 0), this.#turns.length - 1);
    const box = this.#page.getElementById('understood');
    const turn = this.#turns[this.#at];
    this.#page.getElementById('steps').hidden = this.#turns.length < 2;
    this.#page.getElementById('earlier').disabled = this.#at <= 0;
    this.#page.getElementById('later').disabled = this.#at >= this.#turns.length - 1;
    this.#page.getElementById('step').textContent = words.turn(this.#at + 1, this.#turns.length);
    if (!this.#allowed || !turn) {
      box.replaceChildren(element('p', 'hint', this.#allowed ? words.nothing : words.forbidden));
      return;
    }
    box.replaceChildren(
      element('blockquote', '', turn.text ?? ''),
      ...section(words.understood, this.#intents(turn)),
      ...section(words.entities, this.#entities(turn)),
      ...section(words.sentiment, this.#sentiment(turn)),
      ...section(words.actions, this.#actions(turn)),
      ...section(words.slots, this.#slots(turn)),
      ...section(words.events, this.#events(turn)),
    );
  }

  #intents({ intent, intent_ranking: ranking }) {
    const list = element('ol', 'ranking');
    const known = ranking?.length ? ranking : [intent ?? {}];
    const rows = known.slice(0, 6).map(({ name, confidence }) => (
      ranked(name ?? words.noIntent, confidence ?? 0, name === intent?.name ? 'best' : '')
    ));
    if (intent?.name && !known.some(({ name }) => name === intent.name)) {
      rows.unshift(ranked(intent.name, intent.confidence ?? 0, 'best')); // a fallback, for example
    }
    list.append(...rows);
    return list;
  }

  #entities({ entities }) {
    if (!entities?.length) return element('p', 'hint', words.none);
    const list = element('ul', 'tags');
    for (const { entity, value, role, extractor } of entities) {
      const item = element('li');
      item.title = extractor ?? '';
      item.append(element('span', 'name', role ? `${entity}/${role}` : entity), ` ${shown(value)}`);
      list.append(item);
    }
    return list;
  }

  #sentiment({ sentiment }) {
    if (sentiment === null || sentiment === undefined) return null;
    if (typeof sentiment !== 'object') return element('p', '', shown(sentiment));
    return this.#table(Object.entries(sentiment).map(([key, value]) => [
      key, typeof value === 'number' ? value.toLocaleString(language, { maximumFractionDigits: 2 }) : shown(value),
    ]));
  }

  #actions({ actions }) {
    if (!actions?.length) return element('p', 'hint', words.none);
    const list = element('ol', 'actions');
    for (const { name, policy, confidence } of actions) {
      const item = element('li', '', name ?? '');
      const why = [policy?.replace(/^policy_\d+_/, ''), Number.isFinite(confidence) && percent(confidence)];
      item.append(element('span', 'why', why.filter(Boolean).join(' · ')));
      list.append(item);
    }
    return list;
  }

  #slots({ slots, form, events }) {
    const rows = Object.entries(slots ?? {});
    if (form) rows.unshift([words.form, form]);
    if (rows.length === 0) return element('p', 'hint', words.none);
    const changed = new Set((events ?? []).filter(({ event }) => event === 'slot').map(({ name }) => name));
    return this.#table(rows, changed);
  }

  #events({ events }) {
    const view = element('details');
    const list = element('ol', 'events');
    for (const { event, timestamp, ...rest } of events ?? []) {
      const item = element('li');
      const about = rest.name ?? rest.text ?? '';
      item.append(element('span', 'name', event), ` ${about}${'value' in rest ? ` = ${shown(rest.value)}` : ''}`);
      list.append(item);
    }
    view.append(element('summary', '', String(list.childElementCount)), list);
    return view;
  }

  #table(rows, marked = new Set()) {
    const table = element('dl', 'table');
    for (const [name, value] of rows) {
      const key = element('dt', marked.has(name) ? 'changed' : '', name);
      if (marked.has(name)) key.append(element('span', 'unseen', ` (${words.changed})`));
      table.append(key, element('dd', '', shown(value)));
    }
    return table;
  }

  #showLevels() {
    if (!this.on) return;
    for (const [who, level] of Object.entries(this.#levels())) {
      const db = Math.max(QUIET_DB, 20 * Math.log10(Math.max(level, 1e-6)));
      const meter = this.#page.getElementById(`level-${who}`);
      meter.style.setProperty('--share', String(1 - db / QUIET_DB));
      meter.nextElementSibling.textContent = db <= QUIET_DB ? words.quiet : `${db.toFixed(0)} dB`;
    }
  }

  async #copy(button) {
    try {
      await navigator.clipboard.writeText(this.#transcript());
      button.textContent = words.copied;
    } catch {
      button.textContent = words.notCopied; // a browser that does not let pages; the file remains
    }
    setTimeout(() => { button.textContent = words.copy; }, 2000);
  }

  #download() {
    const link = element('a');
    link.href = URL.createObjectURL(new Blob([this.#transcript()], { type: 'text/plain' }));
    link.download = `${this.#page.getElementById('bot-name').textContent} ${new Date().toISOString().slice(0, 16).replace(':', '-')}.txt`;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}
