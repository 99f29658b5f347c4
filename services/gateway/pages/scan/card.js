// One thing that was scanned, as a card: what it is, what it costs, why, and what to do.

import { productImageUrl } from "/api.js";
import { formatPercent, formatPrice, t } from "/i18n.js";
import { conflictsOf, whyOf } from "/scan/evidence.js";
import { kindOf, offerWords, sureness, titleOf } from "/scan/words.js";
import { icon, make } from "/shell/elements.js";

const TONES = { identified: "ok", ambiguous: "warn", conflict: "warn", unknown: "" };
const BADGES = { identified: "check", conflict: "warn" };

/**
 * @param {object} product
 * @returns {HTMLElement} its picture; decoration beside its name
 */
export function pictureOf(product) {
  const src = productImageUrl(product, 320);
  return src ? make("img", { class: "picture", src, alt: "", loading: "lazy" }) : make("span", { class: "picture" });
}

function badge(item) {
  const kind = kindOf(item);
  return make("span", { class: `badge ${TONES[kind]}` }, BADGES[kind] && icon(BADGES[kind]), sureness(item));
}

function priceLine(product, offer) {
  const stock = offerWords(offer);
  return make("p", { class: "price-line" },
    make("span", { class: "price" }, formatPrice(offer?.price ?? product.price) || t("shell.price.unknown")),
    stock.text && make("span", { class: `badge ${stock.tone}` }, stock.text));
}

function takeButton(product, offer, onTake) {
  return make("button", {
    class: "button primary take", type: "button", "aria-label": t("scan.take.what", { title: product.title }),
    onclick: () => onTake({ product, offer }),
  }, icon("plus"), t("scan.take"));
}

function known(product, offer, head, tail, onTake) {
  return [make("div", { class: "known" }, pictureOf(product),
    make("div", { class: "known-text" }, head,
      make("h3", {}, product.title), make("p", { class: "small soft" }, product.brand), priceLine(product, offer)),
    takeButton(product, offer, onTake)), ...tail];
}

function candidate({ product, probability }, onChoose) {
  const text = [pictureOf(product), make("span", { class: "candidate-title" }, product.title),
    make("span", { class: "small soft" }, formatPercent(probability))];
  if (!onChoose) return make("li", { class: "candidate" }, text);
  return make("li", {}, make("button", {
    class: "candidate", type: "button", onclick: () => onChoose(product),
  }, make("span", { class: "visually-hidden" }, t("scan.choose.what")), text));
}

function ambiguous(item, { onChoose }) {
  return [make("div", { class: "row" }, badge(item)), make("h3", {}, titleOf(item)), ...conflictsOf(item),
    make("p", { class: "small soft" }, t("scan.choose")),
    make("ul", { class: "plain candidates" }, item.candidates.map((one) => candidate(one, onChoose))), whyOf(item)];
}

function unknown(item) {
  const nearest = item.candidates.slice(0, 3);
  return [make("div", { class: "row" }, badge(item)), make("h3", {}, titleOf(item)), ...conflictsOf(item),
    make("p", { class: "small soft" }, t(nearest.length ? "scan.nearest" : "scan.nearest.none")),
    make("ul", { class: "plain candidates" }, nearest.map((one) => candidate(one))), whyOf(item)];
}

/**
 * The content of a card for what the camera saw.
 * @param {object} item a ScannedItem
 * @param {object} choice
 * @param {{product: object, offer?: object}} [choice.chosen] what a person chose among candidates
 * @param {number} [choice.times] how often it is in the picture
 * @param {(product: object) => void} choice.onChoose
 * @param {(taken: {product: object, offer?: object}) => void} choice.onTake
 * @returns {Node[]}
 */
export function itemCard(item, { chosen, times = 1, onChoose, onTake }) {
  if (chosen) {
    const head = make("span", { class: "badge" }, t("scan.chosen"));
    return known(chosen.product, chosen.offer, head, [...conflictsOf(item), whyOf(item)], onTake);
  }
  if (item.decision === "DECISION_IDENTIFIED") {
    const head = make("span", { class: "row" }, badge(item),
      times > 1 && make("span", { class: "badge" }, t("scan.times", { count: times })));
    return known(item.product, item.offer, head, [...conflictsOf(item), whyOf(item)], onTake);
  }
  return item.decision === "DECISION_AMBIGUOUS" ? ambiguous(item, { onChoose }) : unknown(item);
}

/**
 * The content of a card for a code that was typed or read by a hand scanner.
 * @param {object} answer a LookupAnswer
 * @param {{onTake: (taken: object) => void}} handlers
 * @returns {Node[]}
 */
export function lookupCard(answer, { onTake }) {
  const code = make("p", { class: "small soft" }, `${t("scan.code")} `, make("code", {}, answer.gtin || answer.code));
  if (answer.product) {
    const head = make("span", { class: "badge ok" }, icon("check"), t("scan.by.code"));
    return known(answer.product, answer.offer, head, [code], onTake);
  }
  return [make("span", { class: "badge" }, t("scan.by.code")), make("h3", {}, t("scan.code.nothing")), code,
    answer.problem && make("p", { class: "small soft" }, answer.problem)].filter(Boolean);
}
