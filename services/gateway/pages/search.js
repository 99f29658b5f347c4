// The search page: words, a photo or a part of it, "more like this", narrowed by filters.

import { getJson } from "/api.js";
import { formatNumber, t } from "/i18n.js";
import { chosenStore, mountShell, noticeOf, storeName } from "/shell.js";
import { make } from "/shell/elements.js";
import { PAGE, proposals, search } from "/search/asking.js";
import { browse } from "/search/browsing.js";
import { cameraDialog } from "/search/camera_dialog.js";
import { showConditions } from "/search/conditions.js";
import { facetValues, readProducts } from "/search/facet_values.js";
import { FacetPanel } from "/search/facets.js";
import { PhotoIntake, offerSamples } from "/search/photo.js";
import { showLooking, showProposals } from "/search/proposed.js";
import {
  conditionCount, emptyQuestion, readQuestion, withoutConditions, writeQuestion,
} from "/search/question.js";
import { RegionEditor } from "/search/region.js";
import { productPicture } from "/search/result_card.js";
import { showNothing, showResults, showSearching, showTrouble } from "/search/results.js";
import { afterPause, newestOnly } from "/search/timing.js";
import { showWhy } from "/search/why.js";

const REGION_PAUSE_MS = 250;
const MOST_RESULTS = 1000;
/** Results that an explanation is told beside: what a place adds for all of them tells nothing. */
const COMPARED = 6;

const byId = (id) => document.getElementById(id);

const state = {
  question: readQuestion(location.search),
  /** @type {Blob | null} */
  photo: null,
  region: null,
  topK: PAGE,
  found: null,
  took_ms: 0,
  values: facetValues({ products: [], of: 0 }),
};

const answering = newestOnly();
const proposing = newestOnly();

const asked = (changes = {}) => ({
  question: state.question, photo: state.photo, region: state.region, topK: state.topK,
  storeId: chosenStore(), ...changes,
});

const nothingAsked = ({ question, photo } = state) => !photo && !question.text && !question.sku;

/** Change the question, put it into the address, and ask. */
function change(changes, { remember = true } = {}) {
  Object.assign(state, { question: { ...state.question, ...changes }, topK: PAGE });
  if (remember) history.pushState(null, "", location.pathname + writeQuestion(state.question));
  ask();
}

async function ask() {
  showAsked();
  showSearching();
  const started = performance.now();
  try {
    await answering(async (signal) => {
      state.found = nothingAsked() ? await browsed(signal) : await search(asked(), signal);
      state.took_ms = performance.now() - started;
      showFound();
    });
  } catch (problem) {
    showTrouble(problem, ask);
  }
}

/** Before anything is asked: the catalogue itself, with the same filters. */
async function browsed(signal) {
  const how = { storeId: chosenStore(), topK: state.topK, signal };
  return { group: { results: await browse((await products).products, state.question, how) } };
}

function showFound() {
  const { results } = state.found.group;
  byId("trouble").replaceChildren();
  byId("nothing").hidden = true;
  byId("status").textContent = statusOf(results);
  if (!results.length) showNothing(tries());
  else showResults(results, cardActions());
  byId("more").hidden = results.length < state.topK || state.topK >= MOST_RESULTS;
}

function statusOf({ length: count }) {
  if (!count) return "";
  if (nothingAsked()) {
    const { of } = state.values;
    return of ? t("search.browsed.some", { count: of }) : t("search.browsed");
  }
  return t("search.found", { count, ms: formatNumber(Math.round(state.took_ms)) });
}

const cardActions = () => ({
  storeId: chosenStore(),
  onLike: (product) => moreLike(product.sku),
  onWhy: state.photo ? why : undefined,
  showMatched: Boolean(state.photo),
});

/** More like a product: it takes the place of words and photo, the filters stay. */
function moreLike(sku) {
  if (state.photo) photo.clear();
  change({ sku, text: "" });
  byId("main").focus({ preventScroll: true });
  scrollTo({ top: 0, behavior: "smooth" });
}

function why(result) {
  const { sku } = result.product;
  const rank = state.found.group.results.findIndex((one) => one.product.sku === sku) + 1;
  const explain = async () => {
    const { group } = await search(asked({ explain: true, topK: Math.max(rank, COMPARED) }));
    const told = group.results.filter((one) => one.explanation);
    const others = told.filter((one) => one.product.sku !== sku);
    const maps = others.map((one) => one.explanation.query_map);
    return {
      told: told.find((one) => one.product.sku === sku)?.explanation,
      others: maps.filter((map) => map.length),
    };
  };
  showWhy(byId("why"), result, state.photo, state.region, explain)
    .catch((problem) => byId("trouble").replaceChildren(noticeOf(problem)));
}

/** What could help when nothing was found. */
function tries() {
  const { question } = state;
  return [
    conditionCount(question) > 0 && {
      label: t("search.try.conditions"), act: () => change(withoutConditions(question)),
    },
    state.region && { label: t("search.region.whole"), act: () => region.set(null) },
    state.photo && question.text && { label: t("search.try.photo"), act: () => change({ text: "" }) },
    ...state.values.categories.slice(0, 4).map(({ name }) => ({
      label: name, act: () => change({ ...emptyQuestion(), text: name }),
    })),
  ].filter(Boolean);
}

/** Show what is asked: words, filters, "more like". */
function showAsked() {
  const { question } = state;
  if (document.activeElement !== byId("text")) byId("text").value = question.text;
  const store = chosenStore();
  facets.show(state.values, question, store && storeName(store));
  showConditions(byId("conditions"), question, change, state.values.prices?.currency);
  const count = conditionCount(question);
  byId("open-facets").textContent = count ? t("search.facets.count", { count }) : t("search.facets");
  byId("share").hidden = !navigator.clipboard || writeQuestion(question) === "";
  showLike();
}

async function showLike() {
  const { sku } = state.question;
  byId("like").hidden = !sku;
  if (!sku || byId("like").dataset.sku === sku) return;
  byId("like").dataset.sku = sku;
  const shown = (title, picture) => byId("like").replaceChildren(...[
    picture, make("span", {}, t("search.like.of", { title })),
    make("button", { class: "button quiet", type: "button", onclick: () => change({ sku: "" }) },
      t("search.like.end")),
  ].filter(Boolean));
  shown(sku);
  try {
    const product = await getJson(`/v1/products/${encodeURIComponent(sku)}`);
    if (state.question.sku === sku) shown(product.title, productPicture(product));
  } catch (problem) {
    console.info(`no picture of ${sku}: ${problem.message}`);
  }
}

function onPhoto(blob) {
  state.photo = blob;
  region.set(null, { tell: false });
  state.region = null;
  byId("whole").hidden = true;
  showProposals([], () => {});
  change({ sku: "" }, { remember: state.question.sku !== "" });
  if (blob) propose(blob);
}

async function propose(blob) {
  showLooking(true);
  try {
    await proposing(async (signal) => {
      const found = await proposals(blob, signal);
      if (!signal.aborted && state.photo === blob) showProposals(found, (box) => region.set(box));
    });
  } catch (problem) {
    console.info(`no parts are proposed: ${problem.message}`);
  } finally {
    if (state.photo === blob) showLooking(false);
  }
}

const askSoon = afterPause(() => ask(), REGION_PAUSE_MS);

function onRegion(box) {
  state.region = box;
  state.topK = PAGE;
  byId("whole").hidden = !box;
  byId("begin-region").hidden = Boolean(box);
  askSoon();
}

function listen() {
  byId("words").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("text").value.trim();
    change({ text, ...(text && { sku: "" }) });
  });
  byId("text").addEventListener("search", () => { if (!byId("text").value) change({ text: "" }); });
  byId("begin-region").addEventListener("click", () => region.begin());
  byId("whole").addEventListener("click", () => {
    region.set(null);
    byId("begin-region").focus();
  });
  byId("more").addEventListener("click", () => {
    state.topK = Math.min(state.topK + PAGE, MOST_RESULTS);
    ask();
  });
  byId("open-camera").addEventListener("click", cameraDialog(byId("camera"), (taken) => photo.show(taken)));
  byId("open-facets").addEventListener("click", () => showFacets(true));
  byId("close-facets").addEventListener("click", () => showFacets(false));
  byId("facets").addEventListener("keydown", ({ key }) => { if (key === "Escape") showFacets(false); });
  byId("share").addEventListener("click", share);
  addEventListener("storechange", ask);
  addEventListener("popstate", () => {
    state.question = readQuestion(location.search);
    state.topK = PAGE;
    ask();
  });
  addEventListener("languagechosen", () => {
    showAsked();
    if (state.found) showFound();
  });
}

/** Where there is no room beside the results, the filters are a sheet. */
function showFacets(open) {
  byId("facets").classList.toggle("open", open);
  byId("open-facets").setAttribute("aria-expanded", String(open));
  (open ? byId("close-facets") : byId("open-facets")).focus();
}

async function share() {
  await navigator.clipboard.writeText(location.href);
  byId("share").textContent = t("search.shared");
  setTimeout(() => { byId("share").textContent = t("search.share"); }, 2000);
}

await mountShell({ page: "search" });
const facets = new FacetPanel(byId("facets"), change);
const region = new RegionEditor(byId("surface"), onRegion, byId("begin-region"));
const photo = new PhotoIntake(onPhoto, (problem) => byId("trouble").replaceChildren(noticeOf(problem)));
const products = readProducts();
listen();
ask();
offerSamples(photo).catch((problem) => console.info(`no samples: ${problem.message}`));
products.then((read) => {
  state.values = facetValues(read);
  showAsked();
}).catch((problem) => console.info(`no filters: ${problem.message}`));
