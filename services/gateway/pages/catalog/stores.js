// The stores, and what the chosen one has in stock.

import { getJson } from "/api.js";
import { formatNumber, t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { chosenStore, noticeOf } from "/shell.js";

const PAGE_SIZE = 100;

/** @param {HTMLElement} panel where to show them */
export async function showStores(panel) {
  panel.replaceChildren(make("span", { class: "spinner" }));
  try {
    const { stores } = await getJson("/v1/stores");
    if (!stores.length) panel.replaceChildren(make("p", { class: "soft" }, t("catalog.stores.none")));
    else showChoice(panel, stores);
  } catch (problem) {
    panel.replaceChildren(noticeOf(problem, { retry: () => showStores(panel) }));
  }
}

function showChoice(panel, stores) {
  const stock = make("div");
  const buttons = stores.map((store) => make("button", {
    class: "card store", type: "button", onclick: () => choose(store),
  }, make("strong", {}, store.name || store.id), make("span", { class: "soft small" },
    [store.id, store.currency_code, store.time_zone].filter(Boolean).join(" · "))));
  const choose = (chosen) => {
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(stores[index] === chosen)));
    const title = make("h2", {}, t("catalog.stock", { store: chosen.name || chosen.id }));
    const place = make("div", { class: "stack" }, title);
    stock.replaceChildren(place);
    addStock(place, chosen, "");
  };
  panel.replaceChildren(make("div", { class: "store-list" }, buttons), stock);
  choose(stores.find((store) => store.id === chosenStore()) ?? stores[0]);
}

/** Add a page of a store's stock below what is there. */
async function addStock(place, store, token) {
  try {
    const path = `/v1/stores/${encodeURIComponent(store.id)}/stock`;
    const { levels, next_page_token: next } = await getJson(path, { page_size: PAGE_SIZE, page_token: token });
    if (!levels.length && !token) return place.append(make("p", { class: "soft" }, t("catalog.stock.none")));
    place.append(await table(levels));
    if (!next) return;
    const more = make("button", { class: "button", type: "button", onclick: () => {
      more.remove();
      addStock(place, store, next);
    } }, t("search.more"));
    place.append(more);
  } catch (problem) {
    place.append(noticeOf(problem));
  }
}

async function table(levels) {
  const skus = levels.map((level) => level.sku);
  const { products } = await getJson("/v1/products:batchGet", { sku: skus });
  const titles = new Map(products.map((product) => [product.sku, product.title]));
  const rows = levels.map(({ sku, quantity }) => make("tr", {},
    make("th", { scope: "row" }, make("a", {
      href: `/catalog?sku=${encodeURIComponent(sku)}`, data: { open: sku },
    }, titles.get(sku) ?? sku)),
    make("td", { class: "soft small" }, sku), make("td", { class: "number" }, formatNumber(quantity))));
  return make("table", { class: "table" },
    make("thead", {}, make("tr", {}, ["catalog.stock.product", "catalog.fact.sku", "catalog.stock.pieces"]
      .map((key) => make("th", { scope: "col" }, t(key))))),
    make("tbody", {}, rows));
}
