// The grid of results, what was searched in words, and what to try when nothing was found.

import { formatPrice, t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { noticeOf } from "/shell.js";
import { productsOf } from "./asking.js";
import { productPicture, productUrl, resultCard } from "./result_card.js";

const byId = (id) => document.getElementById(id);

/**
 * @param {object[]} results SearchResult, best first
 * @param {object} how what a card's buttons do; see `resultCard`
 */
export function showResults(results, how) {
  fill(results.map((result) => resultCard(result, { ...how, onVariants: showVariants })));
}

function fill(cards) {
  byId("results").classList.remove("stale");
  byId("results").replaceChildren(...cards);
}

/** Say that a newer answer is on its way; the old one stays until then. */
export function showSearching() {
  byId("results").classList.add("stale");
  byId("nothing").hidden = true;
  byId("trouble").replaceChildren();
  byId("status").textContent = t("search.searching");
}

/**
 * @param {Error} problem what went wrong
 * @param {() => void} retry asks again
 */
export function showTrouble(problem, retry) {
  fill([]);
  byId("status").textContent = "";
  byId("more").hidden = true;
  byId("trouble").replaceChildren(noticeOf(problem, { retry }));
}

/**
 * Say kindly that nothing was found, with what can be tried.
 * @param {{label: string, act: () => void}[]} tries what could help
 */
export function showNothing(tries) {
  fill([]);
  byId("nothing").replaceChildren(
    make("p", { class: "nothing-lead" }, t("search.nothing")),
    make("p", { class: "soft" }, t("search.nothing.try")),
    make("div", { class: "row" }, tries.map(({ label, act }) => make("button", {
      class: "button", type: "button", onclick: act,
    }, label))));
  byId("nothing").hidden = false;
}

async function showVariants(result, place) {
  place.replaceChildren(make("span", { class: "spinner" }));
  try {
    const products = await productsOf(result.folded_skus);
    place.replaceChildren(make("ul", { class: "plain" }, products.map(variant)));
  } catch (problem) {
    place.replaceChildren(noticeOf(problem, { retry: () => showVariants(result, place) }));
  }
}

function variant(product) {
  return make("li", {}, make("a", { class: "variant", href: productUrl(product.sku) },
    productPicture(product), make("span", {}, product.title),
    make("span", { class: "soft small" }, formatPrice(product.price))));
}
