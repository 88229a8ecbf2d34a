/** Brings the parts of the talk page together: the person's voice, the connection, the bot's voice, the transcript. */

import { caption } from './caption.js';
import { findName, showConnection } from './connection.js';
import { Listening } from './listening.js';
import { MICROPHONE_RATE } from './microphone.js';
import { Notices } from './notices.js';
import { Player } from './player.js';
import { takeToken } from './settings.js';
import { VoiceSocket } from './socket.js';
import { TalkButton } from './talk-button.js';
import { Transcript } from './transcript.js';
import { Waves } from './waves.js';

const VOICE_RATE = 22050; // Hz; what most neural voices produce, so that the server need not resample
const THINKING_LIMIT_MS = 20000; // after which the page stops promising an answer

const byId = (id) => document.getElementById(id);
const state = document.documentElement.dataset; // what is going on, for the style sheet and for tests

const stream = new URL('stream', document.baseURI);
stream.protocol = stream.protocol.replace('http', 'ws');
const socket = new VoiceSocket(stream, {
  token: takeToken(),
  sample_rate: MICROPHONE_RATE,
  output_sample_rate: VOICE_RATE,
});
const notices = new Notices(byId('notices'));
const player = new Player();
const transcript = new Transcript(document);
const listening = new Listening(new TalkButton(byId('talk')), notices);

let thinking = null; // the timer that ends "One moment…"
let voiceRate = VOICE_RATE;
let loudest = 0; // sound of the bot since the page was opened

/** What the person and the bot are doing, the most telling first. */
function phase() {
  if (listening.hearing) return 'hearing';
  if (listening.on && !listening.handsFree) return 'listening';
  if (player.speaking) return 'speaking';
  if (thinking !== null) return 'thinking';
  return listening.on ? 'listening' : 'idle';
}

/** Show the present state; every handler ends here. */
function render() {
  const now = phase();
  const { on, handsFree, latched, silent, device } = listening;
  state.phase = now;
  state.mode = handsFree ? 'hands-free' : 'press';
  state.microphone = device;
  state.connection = socket.state;
  byId('caption').textContent = caption({
    phase: now, connection: socket.state, device, handsFree, latched, silent, held: player.held,
  });
  byId('silence').hidden = !player.speaking || player.held;
  byId('hands-free').setAttribute('aria-checked', String(handsFree));
  byId('talk').setAttribute('aria-pressed', String(on));
  byId('talk').setAttribute('aria-label', handsFree ? 'Listen hands-free' : 'Hold to talk');
  transcript.waiting = now === 'thinking';
}

/** @param {boolean} on whether an answer is on its way */
function setThinking(on) {
  clearTimeout(thinking);
  thinking = on ? setTimeout(() => { setThinking(false); render(); }, THINKING_LIMIT_MS) : null;
}

/** The bot falls silent because the person wants the floor. */
function interrupt() {
  const cut = player.flush();
  if (cut === null) return;
  socket.send({ type: 'playback', id: cut.id, played_ms: cut.playedMs });
  transcript.markInterrupted(cut.id);
}

/**
 * Say something in writing.
 * @param {string} text for the bot
 * @param {string} shown for the person
 * @param {'typed' | 'chosen'} manner
 * @returns {boolean} whether it was sent
 */
function say(text, shown, manner) {
  interrupt();
  if (!socket.send({ type: 'text', text })) {
    notices.show('error', 'Not sent: there is no connection to the bot at the moment.');
    return false;
  }
  notices.clear('error');
  listening.forgetSilence();
  transcript.addPerson(shown, manner);
  setThinking(true);
  render();
  return true;
}

/** What each of the server's events does; the names are the protocol's. */
const handlers = {
  ready({ sample_rate: rate, session_id: session }) {
    state.session = session;
    voiceRate = rate ?? VOICE_RATE;
    player.prepare(voiceRate);
  },
  'speech.started'() {
    listening.setHearing(true);
    interrupt();
  },
  'speech.stopped'() {
    listening.setHearing(false);
    setThinking(true);
  },
  'transcript.partial'({ text }) {
    transcript.hear(text);
  },
  'transcript.final'({ text }) {
    const empty = text.trim() === '';
    listening.endTurn(empty);
    if (empty) transcript.hear('');
    else transcript.addPerson(text, 'spoken');
    setThinking(!empty);
  },
  'bot.message'(message) {
    player.announce(message.id);
    transcript.addBot(message);
  },
  'audio.start'({ id, sample_rate: rate }) {
    setThinking(false);
    player.begin(id, rate ?? voiceRate);
  },
  'audio.end'({ id }) {
    player.end(id);
  },
  interrupted({ id, heard_text: heardText }) {
    interrupt();
    transcript.showHeard(id, heardText);
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
    // Before the conversation is open it is about the connection, which has its own notice.
    if (socket.state === 'open') notices.show('error', message || 'The bot reported an error without saying which.');
  },
};

showConnection(socket, notices, byId('connection'));
socket.addEventListener('message', ({ detail }) => {
  handlers[detail.type]?.(detail); // an event this page does not know belongs to a newer server
  render();
});
socket.addEventListener('sound', ({ detail }) => player.push(detail));
socket.addEventListener('state', ({ detail }) => {
  if (detail.state !== 'open') {
    listening.setHearing(false);
    setThinking(false);
    transcript.hear('');
    player.disconnect();
  }
  render();
});

listening.addEventListener('sound', ({ detail }) => socket.sendSound(detail));
listening.addEventListener('done', () => socket.send({ type: 'stop' }));
listening.addEventListener('floor', () => { notices.clear('error'); interrupt(); });
listening.addEventListener('change', render);
player.addEventListener('change', render);
for (const type of ['progress', 'finish']) {
  player.addEventListener(type, ({ detail }) => {
    socket.send({ type: 'playback', id: detail.id, played_ms: detail.playedMs });
  });
}

byId('hands-free').addEventListener('click', () => listening.switchHandsFree());
byId('silence').addEventListener('click', () => { interrupt(); render(); });
byId('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const words = byId('words');
  const text = words.value.trim();
  if (text !== '' && say(text, text, 'typed')) words.value = '';
});
transcript.addEventListener('choose', ({ detail }) => say(detail.payload, detail.title, 'chosen'));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') { interrupt(); render(); }
});
for (const type of ['pointerdown', 'pointerup', 'click', 'keydown']) {
  document.addEventListener(type, () => player.unlock());
}
window.addEventListener('pagehide', () => listening.close());

new Waves(byId('meter'), byId('waves'), byId('talk'), () => {
  if (!player.speaking) return { level: listening.level, voice: listening.on ? 'person' : null };
  const { level } = player;
  loudest = Math.max(loudest, level);
  state.loudest = loudest.toFixed(4);
  state.playedMs = String(Math.round(player.totalMs));
  return { level, voice: 'bot' };
});
findName((name) => {
  byId('bot-name').textContent = name;
  document.title = name;
  transcript.botName = name;
});
socket.connect();
render();
