// The catalogue page: products, stores, what recognition knows, the import of a feed.

import { mountShell, noticeOf } from "/shell.js";
import { followChanges } from "/catalog/changes.js";
import { showFigures, showRecognition } from "/catalog/figures.js";
import { ImportPanel } from "/catalog/importing.js";
import { Follower } from "/catalog/knowledge.js";
import { refreshProduct, showProduct } from "/catalog/product_drawer.js";
import { ProductList, fillCategories } from "/catalog/products.js";
import { showStores } from "/catalog/stores.js";
import { afterPause } from "/search/timing.js";

const TABS = ["products", "stores", "recognition", "import"];
const TYPING_MS = 300;
const REFRESH_MS = 400;

const byId = (id) => document.getElementById(id);

let live = false;
let toldLast = "";

/** The address's query with some parameters changed; empty values are taken out. */
function address(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  return query.size ? `${location.pathname}?${query}` : location.pathname;
}

function openTab(name) {
  for (const tab of TABS) {
    const chosen = tab === name;
    byId(`tab-${tab}`).setAttribute("aria-selected", String(chosen));
    byId(`tab-${tab}`).tabIndex = chosen ? 0 : -1;
    byId(tab).hidden = !chosen;
  }
  if (name === "stores") showStores(byId("stores"));
  if (name === "import") importing.show();
  if (name === "recognition") showRecognition(byId("recognition"), follower.knowledge);
}

function chooseTab(name) {
  history.pushState(null, "", address({ tab: name === "products" ? "" : name }));
  openTab(name);
}

function moveTab(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const now = TABS.findIndex((tab) => byId(`tab-${tab}`) === document.activeElement);
  const name = TABS.at((now + step) % TABS.length);
  chooseTab(name);
  byId(`tab-${name}`).focus();
}

function onKnown(knowledge) {
  showFigures(byId("figures"), knowledge, live);
  if (!byId("recognition").hidden) showRecognition(byId("recognition"), knowledge);
  const told = JSON.stringify([
    knowledge.index?.applied_revision, knowledge.index?.local_features_revision, knowledge.index?.problems,
  ]);
  if (told !== toldLast && list.products.length) list.show();
  toldLast = told;
  refreshProduct(byId("product"), knowledge);
}

const openProduct = (sku) => showProduct(byId("product"), sku, () => follower.knowledge);

/** Any link to a product opens it here. */
function openLinked(event) {
  const sku = event.target.closest("[data-open]")?.dataset.open;
  if (!sku || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", address({ sku }));
  openProduct(sku);
}

/** What the address says: tab, words, category, product. */
function readAddress() {
  const query = new URLSearchParams(location.search);
  byId("query").value = query.get("query") ?? "";
  if (byId("category").options.length) byId("category").value = query.get("category") ?? "";
  openTab(TABS.includes(query.get("tab")) ? query.get("tab") : "products");
  if (query.get("sku")) openProduct(query.get("sku"));
  else byId("product").close();
}

function narrow() {
  history.replaceState(null, "", address({ query: byId("query").value.trim(), category: byId("category").value }));
  list.narrow();
}

const refresh = afterPause(() => {
  list.read();
  fillCategories(byId("category").value).catch((problem) => console.info(problem.message));
}, REFRESH_MS);

function listen() {
  TABS.forEach((tab) => byId(`tab-${tab}`).addEventListener("click", () => chooseTab(tab)));
  document.querySelector("[role=tablist]").addEventListener("keydown", moveTab);
  document.addEventListener("click", openLinked);
  byId("product").addEventListener("close", () => history.replaceState(null, "", address({ sku: "" })));
  byId("product").addEventListener("click", (event) => {
    if (event.target === event.currentTarget) event.currentTarget.close();
  });
  byId("query").addEventListener("input", afterPause(narrow, TYPING_MS));
  byId("category").addEventListener("change", narrow);
  byId("narrow").addEventListener("submit", (event) => {
    event.preventDefault();
    narrow();
  });
  addEventListener("popstate", () => {
    readAddress();
    list.narrow();
  });
  addEventListener("languagechosen", () => {
    toldLast = "";
    onKnown(follower.knowledge);
    openTab(TABS.find((tab) => !byId(tab).hidden));
    refresh();
  });
}

await mountShell({ page: "catalog" });
const follower = new Follower(onKnown);
const list = new ProductList(() => follower.knowledge);
const importing = new ImportPanel(byId("import"), () => follower.soon());
const changed = (sku) => {
  list.fresh.add(sku);
  follower.soon();
  refresh();
  if (byId("product").open && byId("product").dataset.sku === sku) openProduct(sku);
};
listen();
const typedEarly = byId("query").value.trim();
if (typedEarly) history.replaceState(null, "", address({ query: typedEarly }));
readAddress();
follower.soon(0);
const category = new URLSearchParams(location.search).get("category") ?? "";
if (!category) list.read();
fillCategories(category)
  .then(() => category && list.read())
  .catch((problem) => byId("trouble").replaceChildren(noticeOf(problem)));
followChanges({
  onProduct: ({ sku }) => changed(sku),
  onDeleted: changed,
  onLive: (now) => {
    live = now;
    showFigures(byId("figures"), follower.knowledge, live);
  },
});
