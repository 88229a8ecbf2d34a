/** The one line under the button: what is going on, and what the person can do. */

/**
 * @typedef {object} Situation
 * @property {'connecting' | 'open' | 'waiting' | 'refused' | 'ended'} connection
 * @property {string} device what the microphone is: off, asking, on, or the reason why it is not to be had
 * @property {boolean} handsFree
 * @property {boolean} latched whether the button was tapped rather than held
 * @property {boolean} held whether the browser holds the bot's sound back
 * @property {boolean} silent whether the last turn had no words in it
 * @property {'idle' | 'listening' | 'hearing' | 'thinking' | 'speaking'} phase
 */

/** @param {Situation} now @returns {string} */
export function caption(now) {
  if (now.connection === 'refused') return 'Not connected';
  if (now.connection !== 'open') return 'Connecting…';
  if (now.device === 'asking') return 'Waiting for the microphone…';
  if (now.held) return 'Press any key or tap to hear the bot';
  if (now.phase === 'thinking') return 'One moment…';
  if (now.phase === 'speaking') {
    return now.handsFree && now.device === 'on' ? 'Speaking. You can talk over it' : 'Speaking';
  }
  if (now.phase === 'hearing' || (now.phase === 'listening' && !now.handsFree)) {
    return now.latched ? 'Listening… tap when you have finished' : 'Listening…';
  }
  if (now.phase === 'listening') return 'Listening. Just speak';
  if (now.silent) return 'I did not hear any words. Please try again';
  return now.handsFree ? 'Tap to start listening' : 'Hold to talk, or tap';
}
