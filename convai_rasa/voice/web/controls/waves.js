/** The level meter: bars that run outwards from the button as somebody speaks. */

const BAR_WIDTH = 3;
const BAR_STEP = 7;
const BUTTON_RADIUS = 56; // the middle is left free for the button and its halo
const STEP_MS = 45; // time that one bar stands for
const SILENCE_DB = -55;
const LOUD_DB = -12;

const CALM = 0.35; // height of the bars of whoever speaks, where nothing is to move

/** @param {number} rms in [0, 1] @returns {number} how loud it seems, in [0, 1] */
function loudness(rms) {
  const db = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.max(0, Math.min(1, (db - SILENCE_DB) / (LOUD_DB - SILENCE_DB)));
}

/** Draws the recent past of one level on both sides of the talk button. */
export class Waves {
  #meter;
  #canvas;
  #button;
  #read;
  #past = [];
  #peak = 0;
  #steppedAt = 0;
  #drawn = ''; // what stands there, where nothing is to move
  #still = matchMedia('(prefers-reduced-motion: reduce)');

  /**
   * @param {HTMLElement} meter the element with role meter
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} button gets the custom property --level, in [0, 1]
   * @param {() => {level: number, voice: 'person' | 'bot' | null}} read the level now (root mean square), and whose
   */
  constructor(meter, canvas, button, read) {
    this.#meter = meter;
    this.#canvas = canvas;
    this.#button = button;
    this.#read = read;
    requestAnimationFrame((time) => this.#frame(time));
  }

  #frame(time) {
    const { level, voice } = this.#read();
    const loud = loudness(level);
    this.#peak = Math.max(this.#peak, loud);
    if (time - this.#steppedAt >= STEP_MS) {
      this.#steppedAt = time;
      this.#past.unshift({ height: this.#peak, voice });
      this.#past.length = Math.min(this.#past.length, 200);
      this.#button.style.setProperty('--level', voice === 'person' ? this.#peak.toFixed(2) : '0');
      this.#meter.setAttribute('aria-valuenow', String(Math.round(this.#peak * 100)));
      this.#peak = 0;
      if (this.#still.matches) this.#past = [{ height: voice ? CALM : 0, voice }];
      this.#draw();
    }
    requestAnimationFrame((next) => this.#frame(next));
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = devicePixelRatio;
    const style = getComputedStyle(this.#canvas);
    const colour = (name) => style.getPropertyValue(name);
    const colours = { person: colour('--accent'), bot: colour('--ink'), none: colour('--line') };
    if (this.#still.matches) {
      const wanted = JSON.stringify([width, height, ratio, this.#past, colours]);
      if (wanted === this.#drawn) return;
      this.#drawn = wanted;
    }
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const pen = this.#canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.lineWidth = BAR_WIDTH;
    pen.lineCap = 'round';
    const bars = Math.floor((width / 2 - BUTTON_RADIUS) / BAR_STEP);
    for (let i = 0; i < bars; i += 1) {
      const { height: loud, voice } = this.#past[this.#still.matches ? 0 : i] ?? { height: 0, voice: null };
      const reach = 1 - (i / bars) ** 2; // the bars fade as they run out
      const half = 0.5 + loud * reach * (height / 2 - BAR_WIDTH);
      pen.strokeStyle = loud > 0.02 && voice ? colours[voice] : colours.none;
      pen.globalAlpha = 0.15 + 0.85 * reach;
      for (const side of [-1, 1]) {
        const x = width / 2 + side * (BUTTON_RADIUS + BAR_STEP * (i + 0.5));
        pen.beginPath();
        pen.moveTo(x, height / 2 - half);
        pen.lineTo(x, height / 2 + half);
        pen.stroke();
      }
    }
  }
}
