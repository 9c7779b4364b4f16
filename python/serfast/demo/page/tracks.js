// What was heard, over one axis of time: envelope, spectrogram, features, probabilities.

import { element } from "./dom.js";
import { colourOf } from "./emotions.js";
import { INFERNO, PURPLE_ORANGE, Series, bytesOf } from "./series.js";

const SECONDS_SHOWN = 10; // of a microphone; a file is shown whole
const MEL_RANGE_DB = 65;
const QUIETEST_TOP = 90; // bytes; a room without a voice stays dark
const LINES = [
  { name: "pitch", unit: "Hz", low: 75, high: 500, logarithmic: true },
  { name: "loudness", unit: "dB", low: -70, high: 0 },
  { name: "brightness", unit: "Hz", low: 0, high: 5000 },
];

export class Tracks {
  constructor(root, facts) {
    this.root = root;
    this.facts = facts;
    this.classes = [];
    new ResizeObserver(() => this.redraw()).observe(root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    this.clear();
  }

  // Rows for the classes of a model.
  build(classes) {
    this.classes = classes;
    this.root.replaceChildren();
    this.rows = {};
    this.heading("Sound");
    this.row("waveform", 64, "the waveform; where there is voice, it has the colour of buttons");
    this.row("mel", 120, "the mel spectrogram: time to the right, pitch upwards, louder is brighter",
      `mel, to ${this.facts.max_hz / 1000} kHz`);
    this.heading("Features behind it");
    for (const { name, unit } of LINES) this.row(name, 40, `${name} in ${unit} over time`);
    this.row("mfcc", 52, "coefficients of the spectrum's shape over time",
      `MFCC 2 to ${this.facts.n_mfcc + 1}`);
    this.heading("Emotions");
    for (const name of classes) this.row(`of ${name}`, 30, `the probability of ${name} over time`, name);
    this.row("time", 20, "seconds", "");
    this.clear();
  }

  heading(text) {
    this.root.append(element("h3", {}, text));
  }

  row(key, height, description, label = key) {
    const canvas = element("canvas");
    canvas.style.height = `${height}px`;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", description);
    const value = element("span", { className: "value" });
    const row = element("div", { className: "track" }, element("span", { className: "name" }, label), canvas, value);
    this.root.append(row);
    this.rows[key] = { row, canvas, value, height };
  }

  // Forget what was heard; `whole`: show all of what comes, else the last seconds.
  clear(whole = false) {
    const { n_mels, n_mfcc } = this.facts;
    this.whole = whole;
    this.time = 0;
    this.words = [];
    this.playing = null;
    this.voiced = new Series(1, Uint8Array);
    this.envelope = new Series(2, Float32Array);
    this.mel = new Series(n_mels, Uint8Array);
    this.mfcc = new Series(n_mfcc, Uint8Array);
    for (const { name } of LINES) this[name] = new Series(1, Float32Array);
    for (const name of this.classes) {
      this.rows[`of ${name}`].value.textContent = "";
      this.rows[`of ${name}`].row.classList.remove("likeliest");
    }
    for (const { name } of LINES) if (this.rows) this.rows[name].value.textContent = "";
    this.redraw();
  }

  sound(message) {
    this.time = message.time;
    this.envelope.push(message.envelope);
    this.mel.push(bytesOf(message.mel));
    this.mfcc.push(bytesOf(message.mfcc));
    for (const { name, unit } of LINES) {
      this[name].push(message[name].map((number) => number ?? NaN));
      const last = message[name].at(-1);
      if (last !== undefined) this.rows[name].value.textContent = last === null ? "–" : `${Math.round(last)} ${unit}`;
    }
    this.redraw();
  }

  state({ time, voice }) {
    const n = Math.round(time * this.facts.rate) - this.voiced.end;
    if (n > 0) this.voiced.push(new Uint8Array(n).fill(voice ? 1 : 0));
  }

  word(word) {
    const before = this.words.at(-1)?.end ?? 0;
    this.words.push({ ...word, from: Math.max(before, word.end - 1, word.start) });
    if (this.words.length > 600) this.words.shift();
    for (const name of this.classes) {
      const { row, value } = this.rows[`of ${name}`];
      value.textContent = `${Math.round(100 * word.probabilities[name])} %`;
      row.classList.toggle("likeliest", name === word.label);
    }
    this.redraw();
  }

  redraw() {
    if (this.waiting || !this.rows) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  draw() {
    const span = this.whole ? this.time || 1 : SECONDS_SHOWN;
    const end = Math.max(this.time, span);
    this.view = { start: end - span, end, span };
    const style = getComputedStyle(this.root);
    this.colours = Object.fromEntries(
      ["accent", "wave", "soft", "line"].map((name) => [name, style.getPropertyValue(`--${name}`)]));
    this.paint("waveform", (...place) => this.drawWaveform(...place));
    this.paint("mel", (...place) => this.drawHeat(this.mel, ...place));
    this.paint("mfcc", (...place) => this.drawHeat(this.mfcc, ...place));
    for (const line of LINES) this.paint(line.name, (...place) => this.drawLine(line, ...place));
    for (const name of this.classes) this.paint(`of ${name}`, (...place) => this.drawShare(name, ...place));
    this.paint("time", (...place) => this.drawSeconds(...place));
  }

  paint(key, draw) {
    const { canvas, height } = this.rows[key];
    const width = canvas.clientWidth, ratio = devicePixelRatio;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    draw(context, width, height);
    if (this.playing !== null && key !== "time") {
      context.fillStyle = this.colours.accent;
      context.fillRect(this.x(this.playing, width) - 1, 0, 2, height);
    }
  }

  x(time, width) {
    return ((time - this.view.start) / this.view.span) * width;
  }

  // The frames of a series that are in view.
  frames(series) {
    const first = Math.max(Math.floor(this.view.start * this.facts.rate), series.start);
    return [first, Math.min(Math.ceil(this.view.end * this.facts.rate), series.end)];
  }

  drawWaveform(context, width, height) {
    const [first, last] = this.frames(this.envelope);
    const column = Math.max(width / (this.view.span * this.facts.rate), 1);
    const loudest = this.envelope.largest(first, last, 0.05);
    for (let frame = first; frame < last; frame++) {
      const at = this.envelope.index(frame);
      const low = this.envelope.data[at] / loudest, high = this.envelope.data[at + 1] / loudest;
      context.fillStyle = this.voiced.data[this.voiced.index(frame)] ? this.colours.accent : this.colours.wave;
      const top = (0.5 - high * 0.48) * height;
      context.fillRect(this.x(frame / this.facts.rate, width), top, column, Math.max((high - low) * 0.48 * height, 1));
    }
  }

  drawHeat(series, context, width, height) {
    const [first, last] = this.frames(series);
    if (last <= first) return;
    const n = last - first, rows = series.width, mel = series === this.mel;
    const palette = mel ? INFERNO : PURPLE_ORANGE;
    const step = 255 / (this.facts.mel_db[1] - this.facts.mel_db[0]);
    const range = mel ? MEL_RANGE_DB * step : 120;
    const top = mel ? series.largest(first, last, QUIETEST_TOP) : 128 + range / 2;
    const image = new ImageData(n, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let frame = 0; frame < n; frame++) {
      const at = series.index(first + frame);
      for (let row = 0; row < rows; row++) {
        const share = 1 - (top - series.data[at + row]) / range;
        pixels[(rows - 1 - row) * n + frame] = palette[Math.max(0, Math.min(255, Math.round(255 * share)))];
      }
    }
    this.scratch ??= element("canvas");
    Object.assign(this.scratch, { width: n, height: rows });
    this.scratch.getContext("2d").putImageData(image, 0, 0);
    const left = this.x(first / this.facts.rate, width);
    context.drawImage(this.scratch, left, 0, this.x(last / this.facts.rate, width) - left, height);
  }

  drawLine({ name, low, high, logarithmic }, context, width, height) {
    const series = this[name], [first, last] = this.frames(series);
    const scale = logarithmic ? Math.log : Number;
    context.strokeStyle = this.colours.accent;
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.beginPath();
    let drawing = false;
    for (let frame = first; frame < last; frame++) {
      const value = series.data[series.index(frame)];
      const share = (scale(value) - scale(low)) / (scale(high) - scale(low));
      const y = height - 3 - Math.max(0, Math.min(1, share)) * (height - 6);
      if (!Number.isNaN(value)) context[drawing ? "lineTo" : "moveTo"](this.x(frame / this.facts.rate, width), y);
      drawing = !Number.isNaN(value);
    }
    context.stroke();
  }

  drawShare(name, context, width, height) {
    context.fillStyle = this.colours.line;
    context.fillRect(0, height - 1, width, 1);
    for (const word of this.words) {
      if (word.end < this.view.start) continue;
      const left = this.x(word.from, width), share = word.probabilities[name];
      context.fillStyle = colourOf(name);
      context.globalAlpha = word.label === name ? 1 : 0.55;
      const high = Math.max(share * (height - 1), 1);
      context.fillRect(left, height - high, this.x(word.end, width) - left - 1, high);
    }
    context.globalAlpha = 1;
  }

  drawSeconds(context, width, height) {
    const step = [0.2, 0.5, 1, 2, 5, 10, 30, 60].find((seconds) => (seconds / this.view.span) * width > 64);
    context.fillStyle = this.colours.soft;
    context.font = `12px ${getComputedStyle(this.root).fontFamily}`;
    for (let tick = Math.ceil(this.view.start / step); tick * step <= this.view.end; tick++) {
      const text = `${+(tick * step).toFixed(1)} s`, x = this.x(tick * step, width);
      context.textAlign = x < 12 ? "left" : x > width - 12 ? "right" : "center";
      context.fillText(text, x, height - 5);
    }
  }
}
