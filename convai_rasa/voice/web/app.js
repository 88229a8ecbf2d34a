/** Brings the parts of the talk page together: the person's voice, the connection, the bot's voice, the transcript. */

import { Reason, findName, watchNetwork } from './connection/connection.js';
import { VoiceSocket } from './connection/socket.js';
import { Ending } from './controls/ending.js';
import { Notices } from './controls/notices.js';
import { SettingsPanel } from './controls/settings-panel.js';
import { takeToken } from './controls/settings.js';
import { TalkButton } from './controls/talk-button.js';
import { Waves } from './controls/waves.js';
import { Suggestions } from './conversation/suggestions.js';
import { Transcript } from './conversation/transcript.js';
import { Inspector } from './inspector/inspector.js';
import { watchDevices } from './sound/devices.js';
import { Listening } from './sound/listening.js';
import { MICROPHONE_RATE } from './sound/microphone.js';
import { Player } from './sound/player.js';
import { View } from './state/view.js';
import { texts, translate } from './texts/index.js';

const VOICE_RATE = 22050; // Hz; what most neural voices produce, so that the server need not resample

translate(document);
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
  inspect: inspector.on,
  ...settings.wanted,
}));
const reason = new Reason(socket, token !== undefined);
const player = new Player();
const transcript = new Transcript(document);
const suggestions = new Suggestions(document);
const listening = new Listening(new TalkButton(byId('talk')), () => socket.state === 'open');
const inspector = new Inspector(document, {
  levels: () => ({ you: listening.level, bot: player.level }),
  transcript: () => transcript.text,
});
const notices = new Notices(byId('notices'));
const view = new View(document, { socket, reason, player, listening, transcript, suggestions, notices });
const ending = new Ending(document, () => {
  again = true;
  socket.connect();
  byId('talk').focus();
});

let voiceRate = VOICE_RATE;
let again = false; // whether the person has asked for another conversation, to go on as they talked before
let pageFiles = null; // what the server said of the page's files at first
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
  const held = player.output === 'held';
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
  const sent = socket.send({ type: 'text', text });
  view.trouble = sent ? null : { code: 'notSent' };
  if (!sent) {
    render();
    return false;
  }
  listening.forgetSilence();
  transcript.addPerson(shown, manner);
  view.thinking = true;
  render();
  return true;
}

/** What each of the server's events does; the names are the protocol's. */
const handlers = {
  ready({
    sample_rate: rate, session_id: session, resumed, languages, suggestions: sentences, inspect, page,
  }) {
    if (!resumed) {
      player.forget();
      if (missed !== null) transcript.cutAt(missed);
      if (state.session) transcript.divide(lost ? texts.notResumed : texts.newConversation);
    }
    lost = false;
    missed = null;
    state.session = session;
    voiceRate = rate ?? VOICE_RATE;
    player.prepare(voiceRate);
    view.trouble = null;
    pageFiles ??= page;
    view.outdated = page !== pageFiles;
    settings.languages = languages ?? [];
    suggestions.offer(sentences ?? [], languages?.[0]);
    inspector.begin(session, Boolean(inspect));
    if (again) listening.begin();
    again = false;
  },
  'speech.started'() {
    listening.setHearing(true);
    view.trouble = null;
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
    listening.forgetSilence();
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
  inspect(turn) {
    inspector.add(turn);
  },
  'turn.end'({ metrics }) {
    view.thinking = false;
    transcript.endTurn(metrics ?? {});
    inspector.time(metrics ?? {});
    state.turns = String(Number(state.turns ?? 0) + 1);
  },
  hangup() {
    ending.announce(texts.botEnded);
  },
  transfer({ to }) {
    ending.announce(texts.handedOver, to);
  },
  error({ code, message }) {
    view.thinking = false;
    transcript.hear(null);
    state.error = code;
    // Before the conversation is open it is about the connection, which has its own notice.
    if (socket.state === 'open') view.trouble = { code, message };
  },
};

reason.addEventListener('change', render);
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
listening.addEventListener('floor', () => {
  view.trouble = null;
  if (player.output !== 'held') interrupt(); // else this very press lets the greeting out
});
listening.addEventListener('wanted', () => { if (socket.state === 'waiting') socket.connect(); });
listening.addEventListener('change', render);
player.addEventListener('change', render);
for (const type of ['progress', 'finish']) {
  player.addEventListener(type, ({ detail }) => report(detail));
}

settings.addEventListener('wanted', ({ detail }) => socket.send({ type: 'settings', ...detail }));
settings.addEventListener('volume', ({ detail }) => { player.volume = detail; });
settings.addEventListener('microphone', ({ detail }) => listening.useDevice(detail));
settings.addEventListener('speaker', ({ detail }) => player.useDevice(detail));
player.volume = settings.volume;
player.useDevice(settings.device('speaker'));
listening.useDevice(settings.device('microphone'));
inspector.addEventListener('wanted', ({ detail }) => socket.send({ type: 'settings', inspect: detail }));
watchDevices(() => player.devicesChanged());

byId('end').addEventListener('click', () => {
  interrupt();
  ending.announce(texts.youEnded);
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
suggestions.addEventListener('choose', ({ detail }) => say(detail, detail, 'chosen'));
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
  if (!player.speaking) return listening.on ? { level: listening.level, voice: 'person' } : { level: 0, voice: null };
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
