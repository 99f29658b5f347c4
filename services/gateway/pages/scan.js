// The scanner: connects camera, socket, results, codes and basket.

import { getJson } from "/api.js";
import { listSamples, openSource } from "/camera.js";
import { t, translatePage } from "/i18n.js";
import { Basket } from "/scan/basket.js";
import { showBasket } from "/scan/basket_view.js";
import { Feedback } from "/scan/feedback.js";
import { emptyWhenIdle } from "/scan/idle.js";
import { Results } from "/scan/results.js";
import { showSamples } from "/scan/samples.js";
import { Scanner } from "/scan/scanner.js";
import { Stage } from "/scan/stage.js";
import { listenForWedge } from "/scan/wedge.js";
import { chosenStore, mountShell, noticeOf } from "/shell.js";

const byId = (id) => document.getElementById(id);

await mountShell({ page: "scan" });

const basket = new Basket(sessionStorage);
const feedback = new Feedback(byId("spoken"));
const results = new Results(byId("results"), byId("nothing"), {
  onTake: (taken) => basket.add(taken), onProblem: complain,
});
const stage = new Stage(byId("stage"), { onPick: (key) => results.reveal(key) });
const scanner = new Scanner({ onItems: show, onState: say, onProblem: complain });

function show(items, frame) {
  stage.draw(frame, items);
  results.update(items, { live: scanner.isLive });
  feedback.notice(items);
}

function say(state) {
  byId("state").textContent = state === "open" ? "" : t(`scan.state.${state}`);
  byId("state").hidden = state === "open" || state === "closed";
}

function complain(problem, retry) {
  byId("trouble").replaceChildren(...(problem ? [noticeOf(problem, { retry })] : []));
}

async function begin(what) {
  stop();
  complain();
  say("opening");
  try {
    const source = await openSource({ ...what, onEnded: stop });
    results.clear();
    await run(source);
  } catch (problem) {
    stop();
    complain(problem, () => begin(what));
  }
}

async function run(source) {
  stage.state = source.kind;
  byId("running").hidden = false;
  byId("stop").dataset.i18n = source.kind === "image" ? "scan.over" : "scan.stop";
  translatePage(byId("running"));
  byId("shoot").hidden = !source.live;
  byId("again").hidden = true;
  if (source.kind === "video") stage.preview(source);
  await scanner.run(source, chosenStore());
}

function stop() {
  scanner.stop();
  byId("running").hidden = true;
  stage.state = "empty";
  byId("state").hidden = true;
}

async function lookUp(code) {
  complain();
  try {
    const params = { code, store: chosenStore(), alternatives: 3 };
    const answer = await getJson("/v1/lookup", params);
    results.addLookup(answer);
    feedback.noticeCode(answer);
  } catch (problem) {
    complain(problem);
  }
}

async function shoot() {
  complain();
  byId("shoot").hidden = true;
  byId("again").hidden = false;
  try {
    await scanner.hold();
  } catch (problem) {
    complain(problem, shoot);
  }
}

function dropFiles() {
  const target = byId("stage");
  target.addEventListener("dragover", (event) => event.preventDefault());
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file) begin({ file });
  });
}

byId("camera").addEventListener("click", () => begin({ camera: "environment" }));
byId("file").addEventListener("change", (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) begin({ file });
});
byId("stop").addEventListener("click", stop);
byId("shoot").addEventListener("click", shoot);
byId("again").addEventListener("click", () => run(scanner.source));
byId("code-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const code = byId("code").value.trim();
  byId("code").value = "";
  if (code) lookUp(code);
});
for (const name of ["sound", "haptics"]) feedback.bind(byId(name), name);
dropFiles();
listenForWedge(document, lookUp);
showBasket(basket, byId("basket"));
emptyWhenIdle(basket, () => results.forget());
window.addEventListener("storechange", (event) => {
  scanner.configure(event.detail);
  Promise.all([results.priceAgain(event.detail), basket.priceAgain(event.detail)]).catch(complain);
});
window.addEventListener("languagechosen", () => results.redraw());
window.addEventListener("pagehide", stop);
listSamples().then((samples) => showSamples(samples, byId("samples"), begin)).catch(complain);
