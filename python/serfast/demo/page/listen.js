// The view that listens: microphone, file or sample; the word of the moment; enrolment; timing.

import { $, showLevel } from "./dom.js";
import { drawFace } from "./emotions.js";
import { openMicrophone } from "./microphone.js";

const PIECE_BYTES = 1 << 18;
const MAX_SECONDS_BEHIND = 10; // of which the samples wait in the browser

export class Listen {
  microphone = null;

  constructor(link, facts, tracks, tell) {
    Object.assign(this, { link, facts, tracks, tell });
    $("start").onclick = () => (this.microphone ? this.stop() : this.start());
    $("file").onchange = () => this.hearFile($("file").files[0]);
    $("sample").onchange = () => this.hearSample();
    $("learn").onclick = () =>
      link.command({ do: "learn", on: $("learn").getAttribute("aria-pressed") !== "true" });
    $("forget").onclick = () => link.command({ do: "forget" });
    for (const { number, name } of facts.samples) $("sample").add(new Option(name, number));
    this.followPlayer();
    this.clear();
  }

  clear(whole = false) {
    this.tracks.clear(whole);
    this.latencies = [];
    this.secondsHeard = 0;
    this.announced = null;
    $("now").classList.remove("heard");
    drawFace($("face"), null);
    $("emotion").textContent = "Say something";
    $("share").textContent = "It hears three seconds, and says how they sound once a second.";
    $("level").style.width = 0;
    for (const id of ["cost-features", "cost-word", "cost-server", "heard"]) $(id).textContent = "–";
  }

  async start() {
    this.tell("");
    $("start").disabled = true;
    try {
      const microphone = await openMicrophone((block) => {
        this.began ??= performance.now() - (1000 * block.length) / microphone.rate;
        if ((performance.now() - this.began) / 1000 - this.secondsHeard > MAX_SECONDS_BEHIND) {
          this.stop();
          this.tell(`This computer is ${MAX_SECONDS_BEHIND} seconds behind what is said, and stopped listening: close other programs, and start again.`);
        } else {
          this.link.data(block);
        }
      });
      this.began = undefined;
      this.file = this.ofAll = null;
      this.hidePlayer();
      this.clear();
      this.link.begin(this, { do: "start", rate: microphone.rate });
      this.microphone = microphone;
      this.showRecording();
    } catch (error) {
      this.tell(error.message);
    }
    $("start").disabled = false;
  }

  stop() {
    if (!this.microphone) return;
    this.microphone.close();
    this.microphone = null;
    this.link.command({ do: "stop" });
    this.showRecording();
  }

  showRecording() {
    $("start").textContent = this.microphone ? "Stop" : "Start listening";
    $("start").classList.toggle("recording", this.microphone !== null);
  }

  async hearSample() {
    const number = $("sample").value;
    if (number === "") return;
    const answer = await fetch(`samples/${number}`);
    this.hearFile(new File([await answer.blob()], $("sample").selectedOptions[0].text));
  }

  async hearFile(file) {
    if (!file) return;
    this.stop();
    this.tell("");
    this.hidePlayer();
    this.clear(true);
    this.file = file;
    $("emotion").textContent = "Listening…";
    $("share").textContent = file.name;
    this.link.begin(this, { do: "file", size: file.size });
    if (file.size <= this.facts.max_bytes) {
      for (let at = 0; at < file.size; at += PIECE_BYTES) {
        this.link.data(await file.slice(at, at + PIECE_BYTES).arrayBuffer());
      }
    }
    $("file").value = "";
  }

  // What the server says.

  sound(message) {
    this.tracks.sound(message);
    this.secondsHeard = message.time;
    $("cost-features").textContent = `${(1000 * message.cost).toFixed(2)} ms`;
    $("heard").textContent = `${message.time.toFixed(1)} s`;
  }

  state(message) {
    this.tracks.state(message);
    showLevel($("level"), message);
    $("voice").textContent = message.voice ? "voice" : "silence";
    if (message.mute && message.time > 2 && this.microphone) {
      this.tell("Only zeros arrive: is the microphone muted?");
    }
  }

  word(word) {
    this.tracks.word(word);
    this.show(word.label, word.probabilities[word.label], `${word.start.toFixed(1)} to ${word.end.toFixed(1)} s`);
    this.latencies.push(1000 * word.latency);
    if (this.microphone) {
      $("cost-word").textContent = `${Math.round(performance.now() - this.began - 1000 * word.end)} ms`;
    }
    const sorted = [...this.latencies].sort((a, b) => a - b);
    $("cost-server").textContent = `${Math.round(sorted[sorted.length >> 1])} ms`;
  }

  whole({ probabilities }) {
    this.ofAll = probabilities;
  }

  show(label, share, which) {
    drawFace($("face"), label);
    $("now").classList.add("heard");
    $("emotion").textContent = label;
    $("share").textContent = `${Math.round(100 * share)} %, ${which}`;
    if (label !== this.announced) $("announced").textContent = label;
    this.announced = label;
  }

  ended({ time }) {
    if (!this.file) return;
    if (this.ofAll) {
      const [[label, share]] = Object.entries(this.ofAll);
      if (!this.latencies.length) {
        this.tracks.word({ label, probabilities: this.ofAll, start: 0, end: time });
      }
      this.show(label, share, `the whole of ${this.file.name}`);
    } else if (!this.latencies.length) {
      $("emotion").textContent = "No voice";
    }
    $("player").src = URL.createObjectURL(this.file);
    $("player").hidden = false;
    this.file = this.ofAll = null;
  }

  learnt({ on, windows }) {
    $("learn").setAttribute("aria-pressed", on);
    $("forget").disabled = windows === 0;
    const times = windows === 1 ? "one stretch of three seconds" : `${windows} stretches of three seconds`;
    $("learnt").textContent = windows ? `learnt from ${times}` : on ? "learns while you speak" : "";
  }

  refused({ message }) {
    this.tell(message);
  }

  error({ message }) {
    this.file = null;
    if (this.microphone) this.stop();
    if (!this.latencies.length) this.clear();
    this.tell(message);
  }

  // A line moves over the tracks while a file is played.
  followPlayer() {
    const player = $("player");
    const follow = () => {
      this.tracks.playing = player.currentTime;
      this.tracks.redraw();
      if (!player.paused) requestAnimationFrame(follow);
    };
    player.onplay = follow;
    player.onseeked = follow;
  }

  hidePlayer() {
    const player = $("player");
    player.pause();
    if (player.src) URL.revokeObjectURL(player.src);
    player.removeAttribute("src");
    player.hidden = true;
  }
}
