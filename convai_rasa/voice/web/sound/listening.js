/** When the person is listened to: while the button is held, or all the time. */

import { isOn, rememberOn } from '../controls/settings.js';
import { isMissing } from '../state/sentences.js';
import { Gate } from './gate.js';
import { Microphone } from './microphone.js';

const REST_MS = 60000; // an unused microphone stays open this long, so that the next press loses no word

/**
 * Joins the talk button, the microphone and the gate between it and the server.
 *
 * Events: `sound` (detail: 32 ms of PCM16 that the server is to hear), `done` (the person has finished: the server
 * need not wait for silence), `floor` (the person starts to talk with the button), `wanted` (they want to talk, but
 * nobody is there to hear it), `change` (of anything shown).
 */
export class Listening extends EventTarget {
  #microphone = new Microphone();
  #gate = new Gate();
  #button;
  #connected;
  handsFree = isOn('hands-free');
  device = 'off'; // or asking, on, muted, or the reason why it is not to be had
  level = 0; // root mean square of what the microphone hears, in [0, 1]
  hearing = false; // whether the server hears speech at the moment
  silent = false; // whether the person pressed the button and no words came
  #heard = false;
  #letGo = false; // of the microphone, as soon as the gate is shut
  #rest = null;

  /**
   * @param {import('../controls/talk-button.js').TalkButton} button
   * @param {() => boolean} connected whether anybody is there to hear
   */
  constructor(button, connected) {
    super();
    this.#button = button;
    this.#connected = connected;
    button.addEventListener('press', () => this.#pressed());
    button.addEventListener('latch', () => this.#changed());
    button.addEventListener('release', () => {
      if (!this.handsFree) this.#gate.release();
      this.#changed();
    });
    this.#microphone.addEventListener('chunk', ({ detail }) => {
      const before = this.#gate.state;
      this.level = detail.level;
      if (this.#gate.pass()) this.dispatchEvent(new CustomEvent('sound', { detail: detail.pcm }));
      if (before !== this.#gate.state) this.#wasShut();
    });
    this.#microphone.addEventListener('lost', ({ detail: error }) => {
      if (this.#gate.state !== 'shut') this.dispatchEvent(new Event('done'));
      this.close();
      this.#button.finish();
      this.device = error.reason;
      this.#changed();
    });
    this.#microphone.addEventListener('muted', ({ detail: muted }) => {
      this.device = muted ? 'muted' : 'on';
      this.#changed();
    });
    this.#microphone.addEventListener('available', () => {
      if (!isMissing(this.device)) return;
      this.device = 'off';
      this.#changed();
    });
  }

  /** @returns {boolean} whether what the person says goes to the server */
  get on() {
    return this.#gate.state === 'open';
  }

  /** @returns {boolean} whether the button was tapped, so that the end of the turn is the server's to find */
  get latched() {
    return this.#button.latched;
  }

  /** Listen all the time, or only while the button is held. */
  async switchHandsFree() {
    this.handsFree = !this.handsFree;
    rememberOn('hands-free', this.handsFree);
    this.#button.finish();
    if (this.handsFree) await this.#start();
    else this.#stop();
    this.#changed();
  }

  /** The server has begun (or ceased) to hear speech. @param {boolean} on */
  setHearing(on) {
    this.hearing = on;
    if (!on) return;
    this.#heard = true;
    this.silent = false;
  }

  /** The server has found the end of a turn. @param {boolean} empty whether there were no words in it */
  endTurn(empty) {
    this.hearing = false;
    this.silent = empty;
    if (this.latched) this.#button.finish(); // a button still held means that there is more to come
  }

  /** Something else than speech has answered the bot. */
  forgetSilence() {
    this.silent = false;
  }

  /** Listen from now on, if that needs no button. */
  async begin() {
    if (this.handsFree) await this.#start();
    this.#changed();
  }

  /** Let go of the device. */
  close() {
    clearTimeout(this.#rest);
    this.#gate.shut();
    this.#microphone.close();
    this.#button.finish();
    if (!isMissing(this.device)) this.device = 'off';
    this.hearing = false;
    this.level = 0;
  }

  /** Hear another device from now on. @param {string} id empty for the system's own choice */
  async useDevice(id) {
    this.#microphone.device = id;
    if (!this.#microphone.isOpen) return;
    this.#microphone.close();
    await this.#openMicrophone();
    this.#changed();
  }

  async #pressed() {
    if (!this.#connected()) {
      this.#button.finish();
      this.dispatchEvent(new Event('wanted'));
      return;
    }
    this.silent = false;
    this.#heard = false;
    if (this.handsFree) {
      this.#button.finish();
      if (this.on) this.#stop();
      else await this.#start();
    } else {
      this.dispatchEvent(new Event('floor'));
      let wanted = true;
      const forget = () => { wanted = false; };
      this.#button.addEventListener('release', forget, { once: true });
      if (await this.#openMicrophone() && wanted) this.#gate.open();
      this.#button.removeEventListener('release', forget);
    }
    this.#changed();
  }

  async #start() {
    if (this.#connected() && await this.#openMicrophone() && this.handsFree) this.#gate.open();
  }

  /** Finish the words under way, then let go of the microphone. */
  #stop() {
    if (this.#gate.state === 'shut') {
      this.close();
    } else {
      this.#letGo = true;
      this.#gate.release();
    }
  }

  #wasShut() {
    this.dispatchEvent(new Event('done'));
    if (this.#letGo) {
      this.close();
    } else {
      if (!this.#heard) this.silent = true;
      this.#rest = setTimeout(() => { this.close(); this.#changed(); }, REST_MS);
    }
    this.#changed();
  }

  /** @returns {Promise<boolean>} whether it is open; if not, the person has been told why */
  async #openMicrophone() {
    clearTimeout(this.#rest);
    this.#letGo = false;
    if (this.#microphone.isOpen) return true;
    this.device = 'asking';
    this.#changed();
    try {
      await this.#microphone.open();
      this.device = 'on';
      return true;
    } catch (error) {
      this.device = error.reason;
      this.#button.finish();
      return false;
    }
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
