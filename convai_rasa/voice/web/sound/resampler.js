/**
 * Sample-rate conversion of a stream, for the microphone's way down to 16 kHz.
 *
 * A polyphase windowed-sinc filter (Kaiser window; J. O. Smith, "Digital Audio Resampling"): what lies above
 * half the output rate is removed before samples are dropped, so that hiss and sibilants do not fold back
 * into the band where the recogniser listens.
 */

const ZERO_CROSSINGS = 32; // on each side of the centre: a transition band of about 1 kHz when going to 16 kHz
const KAISER_BETA = 8.6; // about 85 dB of stop-band attenuation
const CUTOFF = 0.925; // of half the lower rate, so that the transition band ends where aliases would begin

/** @param {number} a @param {number} b @returns {number} the greatest common divisor */
function gcd(a, b) {
  return b === 0 ? a : gcd(b, a % b);
}

/** @param {number} x @returns {number} the modified Bessel function of the first kind, order zero */
function bessel0(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** Converts a stream of float samples from one rate to another; feed it blocks of any size. */
export class Resampler {
  #up;
  #down;
  #half;
  #phases;
  #buffer;
  #filled;
  #position; // of the next output sample, in units of 1/up input samples, counted from the buffer's start

  /**
   * @param {number} inputRate Hz, an integer
   * @param {number} outputRate Hz, an integer
   */
  constructor(inputRate, outputRate) {
    const common = gcd(inputRate, outputRate);
    this.#up = outputRate / common;
    this.#down = inputRate / common;
    const bandwidth = CUTOFF * Math.min(1, outputRate / inputRate);
    this.#half = Math.ceil(ZERO_CROSSINGS / bandwidth);
    this.#phases = Array.from({ length: this.#up }, (_, phase) => this.#filter(phase / this.#up, bandwidth));
    this.#buffer = new Float32Array(4096 + 2 * this.#half);
    this.#filled = this.#half; // the silence before the first sample
    this.#position = this.#half * this.#up;
  }

  /** The taps for an output sample that lies `fraction` of a sample after an input sample. */
  #filter(fraction, bandwidth) {
    const taps = new Float32Array(2 * this.#half);
    let sum = 0;
    for (let i = 0; i < taps.length; i += 1) {
      const x = i - this.#half + 1 - fraction;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * bandwidth * x) / (Math.PI * bandwidth * x);
      const edge = Math.min(1, Math.abs(x) / this.#half);
      taps[i] = sinc * (bessel0(KAISER_BETA * Math.sqrt(1 - edge * edge)) / bessel0(KAISER_BETA));
      sum += taps[i];
    }
    return taps.map((tap) => tap / sum); // unit gain at 0 Hz in every phase
  }

  /**
   * @param {Float32Array} block samples at the input rate
   * @returns {Float32Array} the samples at the output rate that can be computed so far
   */
  process(block) {
    if (this.#filled + block.length > this.#buffer.length) {
      const larger = new Float32Array(this.#filled + block.length);
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(block, this.#filled);
    this.#filled += block.length;

    const output = [];
    for (;;) {
      const centre = Math.floor(this.#position / this.#up);
      if (centre + this.#half >= this.#filled) break;
      const taps = this.#phases[this.#position % this.#up];
      const first = centre - this.#half + 1;
      let sample = 0;
      for (let i = 0; i < taps.length; i += 1) sample += taps[i] * this.#buffer[first + i];
      output.push(sample);
      this.#position += this.#down;
    }
    const spent = Math.min(this.#filled, Math.floor(this.#position / this.#up) - this.#half + 1);
    if (spent > 0) {
      this.#buffer.copyWithin(0, spent, this.#filled);
      this.#filled -= spent;
      this.#position -= spent * this.#up;
    }
    return Float32Array.from(output);
  }
}
