/** Why the connection is as it is: what the server said, or what can be found out about it. */

const PROBE_MS = 3000;
const KNOWN = new Set([
  'busy', 'starting', 'stopping', 'unauthorized', 'forbidden_origin', 'forbidden_host', 'forbidden_machine',
  'forbidden_name',
]);
const ELSEWHERE = 4409; // close code: the same conversation was opened on another connection

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

/** Event `change`: {@link Reason#why} is another. */
export class Reason extends EventTarget {
  #socket;
  #token;
  #complaint = null; // what the server said before it closed the connection
  #losses = 0; // since the connection was last open
  /** @type {{code: string, message?: string} | null} why it is not open; null: it is, or nobody knows yet */
  why = null;

  /**
   * @param {import('./socket.js').VoiceSocket} socket
   * @param {boolean} token whether the page has one
   */
  constructor(socket, token) {
    super();
    this.#socket = socket;
    this.#token = token;
    socket.addEventListener('message', ({ detail }) => {
      this.#complaint = detail.type === 'error' ? detail : null;
    });
    socket.addEventListener('state', ({ detail }) => this.#changed(detail));
  }

  async #changed({ state, code }) {
    const complaint = this.#complaint && KNOWN.has(this.#complaint.code) ? this.#complaint : null;
    if (state === 'open' || state === 'ended') {
      this.#losses = 0;
      this.why = null;
    } else if (state === 'refused') {
      const wrong = complaint?.code === 'unauthorized' && this.#token;
      if (code === ELSEWHERE) this.why = { code: 'elsewhere' };
      else if (wrong) this.why = { code: 'wrongToken' };
      else this.why = complaint ?? { code: code === 4401 ? 'unauthorized' : 'refused' };
    } else if (state === 'waiting') {
      this.#losses += 1;
      this.#complaint = null;
      const losses = this.#losses;
      if (complaint) {
        this.why = complaint;
      } else {
        const there = await health() !== null;
        if (this.#socket.state !== 'waiting' || losses !== this.#losses) return;
        const guess = losses === 1 ? 'lost' : 'turnedAway';
        this.why = { code: there ? guess : 'unreachable' };
      }
    } else {
      return;
    }
    this.dispatchEvent(new Event('change'));
  }
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
