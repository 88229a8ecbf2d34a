/** What the page remembers: preferences in this browser, the token in this tab. */

const TOKEN = 'convai.voice.token';
const PREFIX = 'convai.voice.';

/** Storage may be switched off; the page then works without remembering. */
function storage(kind) {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

/**
 * The token from `#token=…`, taken out of the address bar and kept until the tab is closed.
 * @returns {string | undefined}
 */
export function takeToken() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get('token');
  if (given === null) return storage('sessionStorage')?.getItem(TOKEN) ?? undefined;
  storage('sessionStorage')?.setItem(TOKEN, given);
  history.replaceState(null, '', location.pathname + location.search);
  return given;
}

/** @param {string} name @returns {string} a preference, empty until it was set */
export function preference(name) {
  return storage('localStorage')?.getItem(PREFIX + name) ?? '';
}

/** @param {string} name @param {string} value empty to forget it */
export function remember(name, value) {
  if (value === '') storage('localStorage')?.removeItem(PREFIX + name);
  else storage('localStorage')?.setItem(PREFIX + name, value);
}

/** @param {string} name @returns {boolean} a preference that is on or off, off until it was set */
export function isOn(name) {
  return preference(name) === 'on';
}

/** @param {string} name @param {boolean} on */
export function rememberOn(name, on) {
  remember(name, on ? 'on' : 'off');
}

/**
 * A number that was remembered, if it still makes sense.
 * @param {string} name
 * @param {{low: number, high: number, usual: number}} range
 * @returns {number}
 */
export function numberPreference(name, { low, high, usual }) {
  const text = preference(name);
  const number = Number(text);
  return text !== '' && number >= low && number <= high ? number : usual;
}
