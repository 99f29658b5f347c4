// Real products of this shop: one in the finder, as scanning shows it, and a row of others.

import { productImageUrl } from "/api.js";
import { formatPrice, t } from "/i18n.js";
import { make } from "/shell/elements.js";

const MOST_SHOWN = 10;

/**
 * One product of each kind, as far as there are kinds.
 * @param {object[]} products
 * @returns {object[]} at most ten, each with a picture
 */
export function chooseWares(products) {
  const kinds = new Map();
  for (const product of products) {
    const kind = product.category_path.slice(0, 2).join(" ");
    if (productImageUrl(product) && !kinds.has(kind)) kinds.set(kind, product);
  }
  return [...kinds.values()].slice(0, MOST_SHOWN);
}

function stock(offer) {
  if (offer?.availability === "AVAILABILITY_IN_STOCK") return t("shell.stock.here", { count: offer.quantity });
  return offer?.availability === "AVAILABILITY_OUT_OF_STOCK" ? t("shell.stock.none") : "";
}

/**
 * Show a product as the scanner would: framed, named, priced.
 * @param {{product: object, offer?: object}} ware
 * @param {HTMLElement} finder
 */
export function showFinder({ product, offer }, finder) {
  finder.replaceChildren(
    make("img", { src: productImageUrl(product), alt: "", width: 640, height: 640 }),
    make("span", { class: "finder-mark" }),
    make("span", { class: "finder-label" }, make("strong", {}, product.title),
      make("span", {}, [formatPrice(offer?.price ?? product.price), stock(offer)].filter(Boolean).join(" · "))));
  finder.hidden = false;
}

/** Pictures of a catalogue are large: each is asked for when it comes into view, not before. */
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    target.src = target.dataset.src;
    seen.unobserve(target);
  }
});

function ware({ product, offer }) {
  const picture = make("img", { class: "picture", alt: "", width: 640, height: 640, data: { src: productImageUrl(product) } });
  seen.observe(picture);
  return make("li", {}, make("a", { class: "ware", href: `/search?sku=${encodeURIComponent(product.sku)}` }, picture,
    make("span", {}, product.title), make("span", { class: "soft" }, formatPrice(offer?.price ?? product.price))));
}

/**
 * Show a row of products.
 * @param {{product: object, offer?: object}[]} wares
 * @param {HTMLElement} section
 * @param {HTMLElement} list
 */
export function showWares(wares, section, list) {
  list.replaceChildren(...wares.map(ware));
  section.hidden = false;
}
