/** What the page says about the state it is in: one true sentence for each, which leaves with its cause. */

import { texts } from '../texts/index.js';

/**
 * @typedef {object} Situation
 * @property {'connecting' | 'open' | 'waiting' | 'refused' | 'ended'} connection
 * @property {{code: string, message?: string} | null} why it is not open, as far as that is known
 * @property {string} device what the microphone is: off, asking, on, muted, or the reason why it is not to be had
 * @property {'ready' | 'held' | 'none'} output whether sound leaves, waits for a gesture, or cannot leave
 * @property {boolean} handsFree
 * @property {boolean} latched whether the button was tapped rather than held
 * @property {boolean} silent whether the last turn had no words in it
 * @property {'idle' | 'listening' | 'hearing' | 'thinking' | 'speaking'} phase
 * @property {boolean} outdated whether the server has a newer page
 * @property {{code: string, message?: string} | null} trouble what went wrong in the present turn
 */

/** @typedef {{subject: string, text: string, action?: 'connect' | 'reload'}} Notice */

const WAITING = { busy: 'place', starting: 'starting', stopping: 'starting' };

/** @param {string} device @returns {boolean} whether the microphone is not to be had */
export function isMissing(device) {
  return !['off', 'asking', 'on', 'muted'].includes(device);
}

/** The line under the button: what is going on, and what the person can do. @param {Situation} now @returns {string} */
export function caption(now) {
  const words = texts.caption;
  if (now.connection === 'ended') return ''; // the page says goodbye in its place
  if (now.connection === 'refused') return words.refused;
  if (now.connection === 'waiting') return words[WAITING[now.why?.code] ?? 'reconnecting'];
  if (now.connection !== 'open') return words.connecting;
  if (now.device === 'asking') return words.asking;
  if (now.output === 'held') return words.held;
  if (now.phase === 'thinking') return words.thinking;
  if (now.phase === 'speaking') {
    return now.handsFree && now.device === 'on' ? words.speakingOver : words.speaking;
  }
  if (now.device === 'muted') return words.muted;
  if (now.device === 'refused') return words.blocked;
  if (isMissing(now.device)) return words.noMicrophone;
  if (now.phase === 'hearing' || now.phase === 'listening') {
    if (now.handsFree) return now.phase === 'hearing' ? words.hearing : words.justSpeak;
    return now.latched ? words.untilYouStop : words.untilYouLetGo;
  }
  if (now.silent) return words.silent;
  return now.handsFree ? words.tapToListen : words.holdOrTap;
}

/** What the talk button does, for those who cannot see it. @param {Situation} now @returns {string} */
export function talkButton(now) {
  if (isMissing(now.device)) return texts.talkButton.again;
  return now.handsFree ? texts.talkButton.handsFree : texts.talkButton.hold;
}

/**
 * How to ask, before anybody has.
 * @param {Situation} now
 * @param {boolean} keys whether there is a keyboard
 * @returns {{title: string, how: string}}
 */
export function welcome(now, keys) {
  if (isMissing(now.device)) return { title: texts.welcomeType, how: texts.howToType };
  const hold = keys ? texts.howToHoldKeys : texts.howToHold;
  return { title: texts.welcomeSpeak, how: now.handsFree ? texts.howToHandsFree : hold };
}

/** What needs attention, at most one notice on a subject. @param {Situation} now @returns {Notice[]} */
export function notices(now) {
  const found = [];
  if (now.connection === 'waiting' || now.connection === 'refused') {
    const text = now.why && (texts.why[now.why.code] ?? now.why.message);
    if (text || now.connection === 'refused') {
      found.push({ subject: 'connection', text: text || texts.why.refused, action: 'connect' });
    }
  }
  if (now.connection === 'ended') return found;
  if (now.outdated) found.push({ subject: 'page', text: texts.outdated, action: 'reload' });
  if (isMissing(now.device)) found.push({ subject: 'microphone', text: texts.microphone[now.device] });
  if (now.output === 'none') found.push({ subject: 'output', text: texts.output });
  if (now.trouble && (now.connection === 'open' || now.trouble.code === 'notSent')) {
    const text = texts.trouble[now.trouble.code] ?? now.trouble.message ?? texts.trouble.other;
    found.push({ subject: 'error', text });
  }
  return found;
}
