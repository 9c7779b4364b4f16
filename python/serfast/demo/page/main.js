// The page: what there is to choose from, its two views, and one connection for both.

import { $ } from "./dom.js";
import { Link } from "./link.js";
import { Listen } from "./listen.js";
import { Scenario } from "./scenario.js";
import { Tracks } from "./tracks.js";

function tell(problem) {
  $("problem").textContent = problem;
  $("problem").hidden = !problem;
}

const facts = await (await fetch("state")).json();
let listen, scenario;
const link = new Link(() => {
  listen?.stop();
  scenario?.stop();
  tell("The server has ended: start it again, and open the address that it prints.");
});
await link.opened;

const tracks = new Tracks($("tracks"), facts.tracks);
listen = new Listen(link, facts, tracks, tell);
scenario = new Scenario(link, facts, tell);

for (const name of Object.keys(facts.models)) $("model").add(new Option(name, name));
$("kept").textContent = facts.save ? `Recordings are kept in ${facts.save}.` : "Nothing is kept on disk.";
$("version").textContent = `serfast ${facts.version}`;

function useModel() {
  const name = $("model").value, { classes, title } = facts.models[name];
  $("model").title = title;
  tracks.build(classes);
  listen.clear();
  scenario.choose(classes);
}

$("model").onchange = () => {
  listen.stop();
  scenario.stop();
  link.command({ do: "model", name: $("model").value });
  useModel();
};

function showView() {
  const pictures = location.hash === "#pictures";
  listen.stop();
  scenario.stop();
  tell("");
  $("listen").hidden = pictures;
  $("pictures").hidden = !pictures;
  for (const [id, current] of [["to-listen", !pictures], ["to-pictures", pictures]]) {
    if (current) $(id).setAttribute("aria-current", "page");
    else $(id).removeAttribute("aria-current");
  }
  scrollTo(0, 0);
}

link.page = listen;
useModel();
addEventListener("hashchange", showView);
showView();
