// The scenario: pictures, what was said to each, and what the model heard in it.

import { $, element, showLevel } from "./dom.js";
import { colourOf, drawFace } from "./emotions.js";
import { openMicrophone } from "./microphone.js";

const USUAL_COUNT = 8;

export class Scenario {
  microphone = null;

  constructor(link, facts, tell) {
    Object.assign(this, { link, facts, tell });
    $("seconds").textContent = facts.seconds;
    $("begin").onclick = () => this.run();
    $("again").onclick = () => this.show("intro");
    $("break").onclick = () => this.stop();
  }

  // Which pictures there are for a model: of emotions that it knows.
  choose(classes) {
    this.n_classes = classes.length;
    this.pictures = this.facts.pictures.filter(({ emotion }) => classes.includes(emotion));
    $("count").max = this.pictures.length;
    $("count").value = Math.min(this.pictures.length, USUAL_COUNT);
    $("begin").disabled = this.pictures.length === 0;
    $("known").replaceChildren(...classes.map((emotion) => {
      const face = element("div");
      drawFace(face, emotion);
      return element("li", {}, face, emotion);
    }));
  }

  show(part) {
    for (const id of ["intro", "show", "results"]) $(id).hidden = id !== part;
  }

  async run() {
    this.tell("");
    if (!$("count").reportValidity()) return;
    const pictures = this.pictures.slice(0, $("count").valueAsNumber);
    this.done = [];
    try {
      this.microphone = await openMicrophone((block) => this.take(block));
    } catch (error) {
      this.tell(error.message);
      return;
    }
    this.show("show");
    for (const [turn, picture] of pictures.entries()) {
      await this.record(picture, `${turn + 1} of ${pictures.length}`);
      if (!this.microphone) break;
    }
    this.stop();
    if (this.done.length) this.summarise();
    else this.show("intro");
  }

  // Show a picture, let it be heard what is said, and wait for what the model says.
  async record(picture, turn) {
    const image = $("shown");
    image.src = `pictures/${picture.number}`;
    image.alt = "A picture to speak to";
    await image.decode().catch(() => {});
    if (!this.microphone) return;
    $("turn").textContent = turn;
    this.heard = null;
    this.left = Math.round(this.facts.seconds * this.microphone.rate);
    this.total = this.left;
    const ended = new Promise((resolve) => { this.resolve = resolve; });
    this.link.begin(this, { do: "start", rate: this.microphone.rate, picture: picture.number });
    this.recording = true;
    if (await ended) this.done.push({ ...picture, word: this.heard });
  }

  take(block) {
    if (!this.recording) return;
    const samples = block.subarray(0, this.left);
    this.link.data(samples);
    this.left -= samples.length;
    $("progress").style.width = `${100 * (1 - this.left / this.total)}%`;
    if (this.left === 0) {
      this.recording = false;
      this.link.command({ do: "stop" });
    }
  }

  stop() {
    if (!this.microphone) return;
    this.microphone.close();
    this.microphone = null;
    if (this.recording) this.link.command({ do: "stop" });
    this.recording = false;
    this.resolve(false);
  }

  state(message) {
    showLevel($("show-level"), message);
  }

  word(word) {
    this.heard = word;
  }

  ended() {
    this.resolve(true);
  }

  error({ message }) {
    this.stop();
    this.tell(message);
  }

  summarise() {
    const right = this.done.filter(({ emotion, word }) => word?.label === emotion).length;
    $("summary").textContent = `${right} of ${this.done.length} as expected`;
    $("confusions").textContent = inWords(this.done, this.n_classes);
    $("cards").replaceChildren(...this.done.map(card));
    this.show("results");
    $("summary").focus();
  }
}

// What went otherwise than expected, and how good guessing would be.
function inWords(done, n_classes) {
  const mute = done.filter(({ word }) => !word).length;
  const others = done.filter(({ emotion, word }) => word && word.label !== emotion)
    .map(({ emotion, word }) => `${emotion} sounded ${word.label}`);
  const parts = [others.join(", "), mute ? `no voice was heard for ${mute}` : ""].filter(Boolean);
  const sentences = [parts.join("; "), `guessing finds one in ${n_classes}`].filter(Boolean);
  return sentences.map((text) => `${text[0].toUpperCase()}${text.slice(1)}.`).join(" ");
}

function card({ number, emotion, word }) {
  const item = element("li", { className: word?.label === emotion ? "as-expected" : "" });
  const text = element("div", { className: "text" });
  const verdict = !word ? "No voice heard" : word.label === emotion ? "✓ As expected" : "≠ Otherwise";
  const facts = element("dl", {},
    element("dt", {}, "expected"), element("dd", {}, emotion),
    element("dt", {}, "detected"), element("dd", {}, word?.label ?? "–"));
  text.append(element("p", { className: "verdict" }, verdict), facts);
  if (word) text.append(shares(word.probabilities));
  item.append(element("img", { src: `pictures/${number}`, alt: `The picture meant to be ${emotion}` }), text);
  return item;
}

function shares(probabilities) {
  const list = element("div", { className: "shares" });
  for (const [name, share] of Object.entries(probabilities).slice(0, 3)) {
    const filled = element("div");
    filled.style.width = `${100 * share}%`;
    filled.style.background = colourOf(name);
    list.append(
      element("span", {}, name), element("div", { className: "bar" }, filled),
      element("span", { className: "number" }, `${Math.round(100 * share)} %`),
    );
  }
  return list;
}
