/** The audio thread's half of the microphone: 16 kHz PCM16 in chunks of one VAD frame, each with its level. */

import { Resampler } from './resampler.js';

const OUTPUT_RATE = 16000;
const CHUNK_SAMPLES = 512; // 32 ms: one frame of the server's voice activity detection

class Capture extends AudioWorkletProcessor {
  #resampler = sampleRate === OUTPUT_RATE ? null : new Resampler(sampleRate, OUTPUT_RATE);
  #chunk = new Int16Array(CHUNK_SAMPLES);
  #filled = 0;
  #energy = 0;

  process([input]) {
    if (input.length === 0) return true; // the device has not delivered yet
    const samples = this.#resampler ? this.#resampler.process(input[0]) : input[0];
    for (const sample of samples) this.#add(Math.max(-1, Math.min(1, sample)));
    return true;
  }

  #add(sample) {
    this.#chunk[this.#filled] = Math.round(sample * 32767);
    this.#energy += sample * sample;
    this.#filled += 1;
    if (this.#filled < CHUNK_SAMPLES) return;
    const level = Math.sqrt(this.#energy / CHUNK_SAMPLES);
    this.port.postMessage({ pcm: this.#chunk.buffer, level }, [this.#chunk.buffer]);
    this.#chunk = new Int16Array(CHUNK_SAMPLES);
    this.#filled = 0;
    this.#energy = 0;
  }
}

registerProcessor('capture', Capture);
