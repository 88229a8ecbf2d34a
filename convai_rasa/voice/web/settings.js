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

/** @param {string} name @returns {boolean} a preference, false until it was set */
export function preference(name) {
  return storage('localStorage')?.getItem(PREFIX + name) === 'on';
}

/** @param {string} name @param {boolean} on */
export function remember(name, on) {
  storage('localStorage')?.setItem(PREFIX + name, on ? 'on' : 'off');
}
