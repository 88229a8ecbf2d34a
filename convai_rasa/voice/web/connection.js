/** What the person sees of the connection: its state, what is wrong with it, and whom it leads to. */

const STATES = {
  connecting: 'Connecting…',
  open: 'Connected',
  waiting: 'Reconnecting…',
  refused: 'Not connected',
  ended: 'Ended',
};
const PROBE_MS = 3000;
const UNREACHABLE = 'The bot cannot be reached. It may be restarting; this page keeps trying.';
const LOST = 'The connection was lost. Reconnecting…';
const TURNED_AWAY =
  'The bot is running but does not accept this page’s connection. Open the page with the address that '
  + 'the server printed, its “#token=…” included; a proxy in between must pass WebSockets on.';
const REFUSED =
  'The bot refused the connection. Open the page with the complete address that the server printed, '
  + 'its “#token=…” included.';

/** The channel's health route. @returns {Promise<{name?: string} | null>} null when the server does not answer */
async function health() {
  try {
    return await (await fetch(new URL('.', document.baseURI), { signal: AbortSignal.timeout(PROBE_MS) })).json();
  } catch {
    return null;
  }
}

/** Put the bot's name on the page, where the server tells it. @param {(name: string) => void} show */
export async function findName(show) {
  const name = (await health())?.name;
  if (typeof name === 'string' && name !== '') show(name);
}

/**
 * @param {import('./socket.js').VoiceSocket} socket
 * @param {import('./notices.js').Notices} notices
 * @param {HTMLElement} label
 */
export function showConnection(socket, notices, label) {
  let complaint = null; // what the server said before it closed the connection
  let losses = 0; // since the connection was last open

  socket.addEventListener('message', ({ detail }) => {
    complaint = detail.type === 'error' ? detail : null;
  });
  socket.addEventListener('state', async ({ detail: { state } }) => {
    label.textContent = STATES[state];
    if (state === 'open' || state === 'ended') {
      losses = 0;
      notices.clear('connection');
    } else if (state === 'refused') {
      const text = complaint && complaint.code !== 'unauthorized' ? complaint.message : REFUSED;
      notices.show('connection', text, { label: 'Try again', run: () => socket.connect() });
    } else if (state === 'waiting') {
      losses += 1;
      const told = complaint?.message;
      complaint = null;
      if (told) notices.clear('error'); // said here, with what can be done about it
      const guess = await health() === null ? UNREACHABLE : losses === 1 ? LOST : TURNED_AWAY;
      if (socket.state === 'waiting') {
        notices.show('connection', told ?? guess, { label: 'Try now', run: () => socket.connect() });
      }
    }
  });
}

/** A change of the network is the moment to look after the connection. @param {import('./socket.js').VoiceSocket} socket */
export function watchNetwork(socket) {
  const retry = () => { if (socket.state === 'waiting' && !document.hidden) socket.connect(); };
  window.addEventListener('online', retry);
  document.addEventListener('visibilitychange', retry); // timers stand still in a pocket
  window.addEventListener('offline', async () => {
    if (await health() === null) socket.drop(); // a bot on this very machine is still there
  });
}
