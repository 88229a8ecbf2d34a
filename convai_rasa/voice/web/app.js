/** Brings the parts of the talk page together: the microphone, the connection, the voice, the transcript. */

import { caption, CONNECTION } from './caption.js';
import { Gate } from './gate.js';
import { Microphone, MICROPHONE_RATE } from './microphone.js';
import { Notices } from './notices.js';
import { Player } from './player.js';
import { preference, remember, takeToken } from './settings.js';
import { VoiceSocket } from './socket.js';
import { TalkButton } from './talk-button.js';
import { Transcript } from './transcript.js';
import { Waves } from './waves.js';

const VOICE_RATE = 22050; // Hz; what most neural voices produce, so that the server need not resample
const THINKING_LIMIT_MS = 20000; // after which the page stops promising an answer
const MICROPHONE_REST_MS = 60000; // press-and-talk lets go of an unused microphone after this

const byId = (id) => document.getElementById(id);
const state = document.documentElement.dataset; // what is going on, for the style sheet and for tests

const stream = new URL('stream', document.baseURI);
stream.protocol = stream.protocol.replace('http', 'ws');
const socket = new VoiceSocket(stream, {
  token: takeToken(),
  sample_rate: MICROPHONE_RATE,
  output_sample_rate: VOICE_RATE,
});
const microphone = new Microphone();
const gate = new Gate();
const player = new Player();
const transcript = new Transcript(document);
const notices = new Notices(byId('notices'));
const button = new TalkButton(byId('talk'));

let handsFree = preference('hands-free');
let asking = false; // the microphone is being opened
let hearing = false; // the server hears speech
let thinking = null; // the timer that ends "One moment…"
let silent = false; // nothing was understood in the last turn
let voiceRate = VOICE_RATE;
let level = 0; // of the microphone
let loudest = 0; // of the bot, since the page was opened
let rest = null; // the timer that closes an unused microphone

/** What the person and the bot are doing, the most telling first. */
function phase() {
  if (hearing && gate.state !== 'shut') return 'hearing';
  if (gate.state === 'open' && !handsFree) return 'listening';
  if (player.speaking) return 'speaking';
  if (thinking !== null) return 'thinking';
  return gate.state === 'open' ? 'listening' : 'idle';
}

/** Show the present state; every handler ends here. */
function render() {
  const now = phase();
  state.phase = now;
  state.mode = handsFree ? 'hands-free' : 'press';
  state.connection = socket.state;
  byId('connection').textContent = CONNECTION[socket.state];
  byId('caption').textContent = caption({
    connection: socket.state, asking, handsFree, silent, phase: now,
    microphone: microphone.isOpen, latched: button.latched, held: player.held,
  });
  byId('silence').hidden = !player.speaking || player.held;
  byId('hands-free').setAttribute('aria-checked', String(handsFree));
  byId('talk').setAttribute('aria-pressed', String(gate.state === 'open'));
  byId('talk').setAttribute('aria-label', handsFree ? 'Listen hands-free' : 'Hold to talk');
  transcript.waiting = now === 'thinking';
}

function setThinking(on) {
  clearTimeout(thinking);
  thinking = on ? setTimeout(() => { setThinking(false); render(); }, THINKING_LIMIT_MS) : null;
}

/** @returns {Promise<boolean>} whether the microphone is open; the person has been told why not */
async function openMicrophone() {
  clearTimeout(rest);
  notices.clear('microphone');
  if (microphone.isOpen) return true;
  asking = true;
  state.microphone = 'asking';
  render();
  try {
    await microphone.open();
    state.microphone = 'on';
    return true;
  } catch (error) {
    state.microphone = error.reason;
    notices.show('microphone', error.message);
    button.finish();
    return false;
  } finally {
    asking = false;
    render();
  }
}

function closeMicrophone() {
  gate.shut();
  microphone.close();
  state.microphone = 'off';
  level = 0;
}

/** The bot falls silent because the person wants the floor. */
function interrupt() {
  if (!player.speaking) return;
  const cut = player.flush();
  if (cut === null) return;
  socket.send({ type: 'playback', id: cut.id, played_ms: cut.playedMs });
  transcript.markInterrupted(cut.id);
}

/** Hands-free: start, or pause when it is running. */
async function toggleListening() {
  if (gate.state === 'open') closeMicrophone();
  else if (await openMicrophone() && handsFree) gate.open();
  render();
}

button.addEventListener('press', async () => {
  player.unlock();
  silent = false;
  if (handsFree) {
    button.finish();
    await toggleListening();
    return;
  }
  interrupt();
  let stillWanted = true;
  const giveUp = () => { stillWanted = false; };
  button.addEventListener('release', giveUp, { once: true });
  if (await openMicrophone() && stillWanted) {
    button.removeEventListener('release', giveUp);
    gate.open();
  }
  render();
});
button.addEventListener('latch', render);
button.addEventListener('release', () => {
  if (handsFree) return;
  gate.release();
  rest = setTimeout(() => { closeMicrophone(); render(); }, MICROPHONE_REST_MS);
  render();
});

byId('hands-free').addEventListener('click', async () => {
  handsFree = !handsFree;
  remember('hands-free', handsFree);
  player.unlock();
  button.finish();
  if (handsFree) await toggleListening();
  else closeMicrophone();
  render();
});

byId('silence').addEventListener('click', () => { interrupt(); render(); });
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') { interrupt(); render(); }
});
for (const type of ['pointerup', 'click', 'keydown']) document.addEventListener(type, () => player.unlock());

/** Say something in writing. @param {string} text for the bot @param {string} shown for the person @param {'typed' | 'chosen'} manner */
function say(text, shown, manner) {
  interrupt();
  if (!socket.send({ type: 'text', text })) {
    notices.show('connection', 'Not sent: there is no connection to the bot at the moment.');
    return false;
  }
  silent = false;
  transcript.addPerson(shown, manner);
  setThinking(true);
  render();
  return true;
}

byId('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const words = byId('words');
  const text = words.value.trim();
  if (text !== '' && say(text, text, 'typed')) words.value = '';
});
transcript.addEventListener('choose', ({ detail }) => say(detail.payload, detail.title, 'chosen'));

microphone.addEventListener('chunk', ({ detail }) => {
  const before = gate.state;
  const pcm = gate.pass(detail.pcm, hearing);
  level = before === 'open' ? detail.level : 0;
  if (pcm !== null) socket.sendSound(pcm);
  if (before !== gate.state) { hearing = false; render(); }
});
microphone.addEventListener('lost', () => {
  gate.shut();
  state.microphone = 'lost';
  notices.show('microphone', 'The microphone was disconnected. Connect it again, or allow it in the browser, and press the button.');
  render();
});

player.addEventListener('change', render);
for (const type of ['progress', 'finish']) {
  player.addEventListener(type, ({ detail }) => {
    socket.send({ type: 'playback', id: detail.id, played_ms: detail.playedMs });
    state.playedMs = String(Math.round(player.totalMs));
  });
}

/** What each of the server's events does; names as in the protocol. */
const handlers = {
  ready({ sample_rate: rate, session_id: session }) {
    state.session = session;
    voiceRate = rate ?? VOICE_RATE;
    player.prepare(voiceRate);
  },
  'speech.started'() {
    hearing = true;
    silent = false;
    interrupt();
  },
  'speech.stopped'() {
    hearing = false;
    setThinking(true);
  },
  'transcript.partial'({ text }) {
    transcript.hear(text);
  },
  'transcript.final'({ text }) {
    hearing = false;
    silent = text.trim() === '';
    if (silent) transcript.hear('');
    else transcript.addPerson(text, 'spoken');
    setThinking(!silent);
    button.finish();
  },
  'bot.message'(message) {
    player.announce(message.id);
    transcript.addBot(message);
  },
  'audio.start'({ id, sample_rate: rate }) {
    setThinking(false);
    player.begin(id, rate ?? voiceRate);
    transcript.markSpoken(id);
  },
  'audio.end'({ id }) {
    player.end(id);
  },
  interrupted({ id, heard_text: heardText }) {
    player.flush();
    transcript.markInterrupted(id, heardText);
  },
  'turn.end'({ metrics }) {
    setThinking(false);
    transcript.addTiming(metrics ?? {});
    state.turns = String(Number(state.turns ?? 0) + 1);
  },
  error({ code, message }) {
    setThinking(false);
    transcript.hear('');
    state.error = code;
    notices.show('error', message || 'The bot reported an error without saying which.');
  },
};

socket.addEventListener('message', ({ detail }) => {
  handlers[detail.type]?.(detail); // an event this page does not know belongs to a newer server
  render();
});
socket.addEventListener('sound', ({ detail }) => player.push(detail));
socket.addEventListener('state', ({ detail }) => {
  if (detail.state === 'open') {
    notices.clear('connection');
    notices.clear('error');
  } else {
    hearing = false;
    setThinking(false);
    transcript.hear('');
    player.disconnect();
  }
  if (detail.state === 'waiting') {
    const seconds = Math.max(1, Math.round((detail.retryAt - Date.now()) / 1000));
    notices.show('connection', `The bot cannot be reached. Trying again in ${seconds} s.`,
      { label: 'Try now', run: () => socket.connect() });
  } else if (detail.state === 'refused') {
    notices.show('connection', 'The bot refused the connection. Open the page with the complete address that the server printed, its “#token=…” included.',
      { label: 'Try again', run: () => socket.connect() });
  }
  render();
});

/** Put the bot's name on the page; without an answer it stays as it is. */
async function showName() {
  try {
    const { name } = await (await fetch(new URL('.', document.baseURI))).json();
    if (typeof name !== 'string' || name === '') return;
    byId('bot-name').textContent = name;
    document.title = name;
    transcript.botName = name;
  } catch {
    state.name = 'unknown'; // the connection's own notice says what is wrong
  }
}

new Waves(byId('meter'), byId('waves'), byId('talk'), () => {
  if (player.speaking) {
    loudest = Math.max(loudest, player.level);
    state.loudest = loudest.toFixed(4);
    state.playedMs = String(Math.round(player.totalMs));
    return { level: player.level, voice: 'bot' };
  }
  return { level, voice: gate.state === 'open' ? 'person' : null };
});
window.addEventListener('pagehide', closeMicrophone);
showName();
socket.connect();
render();
