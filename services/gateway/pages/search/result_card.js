// One product found: picture, brand, price, stock, how alike, and what to do next.

import { productImageUrl, referenceImageUrl } from "/api.js";
import { formatNumber, formatPrice, t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { writeQuestion, emptyQuestion } from "./question.js";

const DECIMALS = { minimumFractionDigits: 2, maximumFractionDigits: 2 };

/**
 * @param {object} result SearchResult
 * @param {{storeId: string, onLike: (product: object) => void, onWhy?: (result: object) => void,
 *   onVariants: (result: object, place: HTMLElement) => void, showMatched?: boolean}} how what its
 *   buttons do, without onWhy there is nothing to compare; whether to show the picture that
 *   matched instead of the first
 * @returns {HTMLElement} a list item
 */
export function resultCard(result, how) {
  const { product } = result;
  const variants = make("div", { class: "variants", hidden: true });
  return make("li", { class: "result", data: { sku: product.sku } },
    make("a", { class: "result-photo", href: productUrl(product.sku), tabIndex: -1, "aria-hidden": "true" },
      productPicture(product, how.showMatched ? result.reference_image_id : "")),
    make("div", { class: "result-text" },
      make("p", { class: "soft small" }, product.brand || "\u00a0"),
      make("h3", {}, make("a", { href: productUrl(product.sku) }, product.title)),
      make("div", { class: "row result-offer" }, priceOf(result), stockBadge(result.offer, how.storeId)),
      likeness(result),
      actions(result, how, variants), variants));
}

/**
 * @param {string} sku a product's key
 * @returns {string} its page in the catalogue
 */
export const productUrl = (sku) => `/catalog?sku=${encodeURIComponent(sku)}`;

/**
 * @param {object} product Product
 * @param {string} [imageId] which of its pictures; default the first
 * @returns {HTMLElement} the picture, or a stand-in that says there is none
 */
export function productPicture(product, imageId) {
  const url = imageId ? referenceImageUrl(imageId) : productImageUrl(product);
  if (!url) return make("span", { class: "picture no-picture soft small" }, t("search.picture.none"));
  return make("img", { class: "picture", src: url, alt: "", loading: "lazy", decoding: "async" });
}

function priceOf({ offer, product }) {
  const price = formatPrice(offer?.price ?? product.price);
  return price ? make("span", { class: "price" }, price)
    : make("span", { class: "soft" }, t("shell.price.unknown"));
}

/**
 * @param {object | undefined} offer Offer
 * @param {string} storeId the chosen store; empty = none
 * @returns {HTMLElement | null} whether it is here; null when no store is chosen
 */
export function stockBadge(offer, storeId) {
  if (!storeId) return null;
  if (offer?.availability === "AVAILABILITY_IN_STOCK") {
    return make("span", { class: "badge ok" }, t("shell.stock.here", { count: offer.quantity }));
  }
  const none = offer?.availability === "AVAILABILITY_OUT_OF_STOCK";
  return make("span", { class: none ? "badge warn" : "badge" },
    t(none ? "shell.stock.none" : "shell.stock.unknown"));
}

/** Pictures of quite different things are half alike already: the bar shows the upper half. */
const barShare = (similarity) => Math.min(Math.max(2 * similarity - 1, 0), 1);

/** How alike it is, in a sentence and as a bar; what was found by words says so. */
function likeness(result) {
  if (result.score === undefined) return null;
  if (!result.reference_image_id) return make("p", { class: "soft small" }, t("search.by_words"));
  return likenessBar(result.similarity);
}

/**
 * @param {number} similarity cosine, -1..1
 * @returns {HTMLElement} it in words and as a bar
 */
export function likenessBar(similarity) {
  const bar = make("span", { class: "likeness-bar", "aria-hidden": "true" }, make("span", {}));
  bar.firstChild.style.width = `${barShare(similarity) * 100}%`;
  const value = formatNumber(similarity, DECIMALS);
  return make("p", { class: "likeness soft small", title: t("search.likeness.what") },
    make("span", {}, t("search.likeness", { value })), bar);
}

function actions(result, how, variants) {
  const { product, folded_skus: folded } = result;
  const like = make("a", {
    class: "result-action", href: `/search${writeQuestion({ ...emptyQuestion(), sku: product.sku })}`,
    "aria-label": t("search.like.label", { title: product.title }),
    onclick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      how.onLike(product);
    },
  }, t("search.like"));
  const why = how.onWhy && result.reference_image_id && make("button", {
    class: "result-action", type: "button", onclick: () => how.onWhy(result),
    "aria-label": t("search.why.label", { title: product.title }),
  }, t("search.why"));
  const more = folded.length > 0 && make("button", {
    class: "result-action", type: "button", "aria-expanded": "false",
    onclick: (event) => toggle(event.currentTarget, variants, () => how.onVariants(result, variants)),
  }, t("search.variants", { count: folded.length }));
  return make("div", { class: "result-actions" }, like, why, more);
}

function toggle(button, place, fill) {
  place.hidden = !place.hidden;
  button.setAttribute("aria-expanded", String(!place.hidden));
  if (!place.hidden && !place.childElementCount) fill();
}
