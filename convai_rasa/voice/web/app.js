/** Brings the parts of the talk page together: the person's voice, the connection, the bot's voice, the transcript. */

import { findName, showConnection, watchNetwork } from './connection.js';
import { Ending } from './ending.js';
import { Listening } from './listening.js';
import { MICROPHONE_RATE } from './microphone.js';
import { Notices } from './notices.js';
import { Player } from './player.js';
import { SettingsPanel } from './settings-panel.js';
import { takeToken } from './settings.js';
import { VoiceSocket } from './socket.js';
import { TalkButton } from './talk-button.js';
import { Transcript } from './transcript.js';
import { View } from './view.js';
import { Waves } from './waves.js';

const LOST = 'The earlier conversation could not be resumed. This is a new one.';
const VOICE_RATE = 22050; // Hz; what most neural voices produce, so that the server need not resample

const byId = (id) => document.getElementById(id);
const state = document.documentElement.dataset; // what is going on, for the style sheet and for tests

const stream = new URL('stream', document.baseURI);
stream.protocol = stream.protocol.replace('http', 'ws');
const settings = new SettingsPanel(document);
const token = takeToken();
const socket = new VoiceSocket(stream, () => ({
  token,
  sample_rate: MICROPHONE_RATE,
  output_sample_rate: VOICE_RATE,
  greet: true, // shown at once, and spoken as soon as the browser lets sound out
  ...settings.wanted,
}));
const notices = new Notices(byId('notices'));
const player = new Player();
const transcript = new Transcript(document);
const listening = new Listening(new TalkButton(byId('talk')), notices);
const view = new View(document, { socket, player, listening, transcript });
const ending = new Ending(document, () => {
  socket.connect();
  listening.begin();
  byId('talk').focus();
});

let voiceRate = VOICE_RATE;
let lost = false; // whether the connection was, since the conversation began
let missed = null; // the reply that was being spoken then
const read = new Set(); // ids of replies that the browser let nobody hear
let loudest = 0; // sound of the bot since the page was opened

/** Show the present state; every handler ends here. */
function render() {
  if (socket.state === 'ended' && ending.pending && !player.speaking) {
    ending.show(); // first: what follows has this shown again
    listening.close();
    transcript.closeChoices();
  }
  view.render();
}

/** Tell the server how much of an utterance was heard. */
function report({ id, playedMs }) {
  socket.send({ type: 'playback', id, played_ms: playedMs });
}

/** The bot falls silent because the person wants the floor. */
function interrupt() {
  const { held } = player;
  const cut = player.refuse();
  if (cut === null) return;
  if (held) { // a browser that lets no sound out has left the person to read it
    read.add(cut.id);
    if (cut.lengthMs !== undefined) report({ id: cut.id, playedMs: cut.lengthMs });
  } else {
    report(cut);
    transcript.cutAt(cut);
  }
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
  view.thinking = true;
  render();
  return true;
}

/** What each of the server's events does; the names are the protocol's. */
const handlers = {
  ready({ sample_rate: rate, session_id: session, resumed }) {
    if (!resumed) {
      player.forget();
      if (missed !== null) transcript.cutAt(missed);
      if (state.session) transcript.divide(lost ? LOST : 'A new conversation');
    }
    lost = false;
    missed = null;
    state.session = session;
    voiceRate = rate ?? VOICE_RATE;
    player.prepare(voiceRate);
  },
  'speech.started'() {
    listening.setHearing(true);
    transcript.hear('');
  },
  'speech.stopped'() {
    listening.setHearing(false);
    transcript.stopHearing();
    view.awaitWords();
  },
  'transcript.partial'({ text }) {
    transcript.hear(text);
  },
  'transcript.final'({ text }) {
    const empty = text.trim() === '';
    listening.endTurn(empty);
    if (empty) transcript.hear(null);
    else transcript.addPerson(text, 'spoken');
    view.thinking = !empty;
  },
  'bot.message'(message) {
    player.announce(message.id);
    transcript.addBot(message);
  },
  'audio.start'({ id, text, sample_rate: rate, from_ms: fromMs }) {
    view.thinking = false;
    transcript.speak(id, text);
    player.begin(id, rate ?? voiceRate, fromMs ?? 0);
  },
  'audio.end'({ id }) {
    player.end(id);
  },
  interrupted({ id, heard_text: heardText }) {
    const cut = player.flush();
    if (cut !== null) report(cut);
    if (!read.has(id)) transcript.cut(id, heardText);
  },
  'turn.end'({ metrics }) {
    view.thinking = false;
    transcript.endTurn(metrics ?? {});
    state.turns = String(Number(state.turns ?? 0) + 1);
  },
  hangup() {
    ending.announce('The bot has ended the conversation');
  },
  transfer({ to }) {
    ending.announce('The bot has handed you over to', to);
  },
  error({ code, message }) {
    view.thinking = false;
    transcript.hear(null);
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
    view.thinking = false;
    transcript.hear(null);
  }
  if (detail.state === 'ended') {
    player.finish();
  } else if (detail.state !== 'open') {
    missed = player.pause() ?? missed;
  }
  if (detail.state === 'waiting') lost = true;
  if (detail.state === 'connecting') ending.hide();
  render();
});

listening.addEventListener('sound', ({ detail }) => socket.sendSound(detail));
listening.addEventListener('done', () => socket.send({ type: 'stop' }));
listening.addEventListener('floor', () => { notices.clear('error'); interrupt(); });
listening.addEventListener('change', render);
player.addEventListener('change', render);
for (const type of ['progress', 'finish']) {
  player.addEventListener(type, ({ detail }) => report(detail));
}

settings.addEventListener('wanted', ({ detail }) => socket.send({ type: 'settings', ...detail }));
settings.addEventListener('volume', ({ detail }) => { player.volume = detail; });
player.volume = settings.volume;

byId('end').addEventListener('click', () => {
  interrupt();
  ending.announce('You have ended the conversation');
  socket.end();
});
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
  if (event.key === 'Escape' && !event.target.closest?.('dialog')) { interrupt(); render(); }
});
for (const type of ['pointerdown', 'pointerup', 'click', 'keydown']) {
  document.addEventListener(type, () => player.unlock());
}
window.addEventListener('pagehide', () => {
  listening.close();
  socket.end();
});
window.addEventListener('pageshow', ({ persisted }) => { if (persisted) socket.connect(); }); // it came back

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
watchNetwork(socket);
socket.connect();
render();
