/** What is worn: price and stock in the chosen store, size, fit, and ways on. */

import { getJson, productImageUrl } from "/api.js";
import { formatPrice, t } from "/i18n.js";
import { icon, make } from "/shell/elements.js";
import { chosenStore, storeName } from "/shell.js";
import { fitBadge } from "./watching.js";

export class WornList {
  #offers = new Map();
  #asking = new AbortController();

  /**
   * @param {{list: HTMLElement, none: HTMLElement}} places
   * @param {import("./wardrobe.js").Wardrobe} wardrobe
   * @param {(sku: string) => void} onOff
   */
  constructor({ list, none }, wardrobe, onOff) {
    Object.assign(this, { list, none, wardrobe, onOff });
    wardrobe.addEventListener("changed", () => this.refresh());
  }

  /** Show what is worn, then what it costs and whether it is here. */
  async refresh() {
    this.show();
    this.#asking.abort();
    this.#asking = new AbortController();
    const skus = this.wardrobe.skus();
    if (!skus.length) return;
    const { signal } = this.#asking;
    try {
      const { offers } = await getJson("/v1/offers", { sku: skus, store: chosenStore() }, { signal });
      this.#offers = new Map(offers.map((one) => [one.sku, one]));
      this.show();
    } catch (problem) {
      if (!signal.aborted) console.info(`offers are not to be had: ${problem.message}`);
    }
  }

  show() {
    const worn = this.wardrobe.worn();
    this.none.hidden = worn.length > 0;
    this.list.replaceChildren(...worn.map((one) => this.#row(one)));
  }

  /** Tell size and fit. @param {import("./meshes.js").Placement[]} placements */
  placed(placements) {
    for (const row of this.list.children) {
      const product = this.wardrobe.products.get(row.dataset.sku);
      if (!product) continue;
      const { text, tone, width } = fitBadge(product, placements);
      const badge = row.querySelector(".fit");
      badge.className = `badge fit ${tone}`;
      if (badge.textContent !== text) badge.textContent = text;
      badge.hidden = !text;
      row.querySelector(".width").textContent = width;
    }
  }

  #row(product) {
    const offer = this.#offers.get(product.sku);
    const words = make("div", { class: "words" },
      make("strong", {}, product.title),
      make("div", { class: "row small" },
        make("span", { class: "cost" }, formatPrice(offer?.price ?? product.price)), stock(offer)),
      make("div", { class: "row small soft" },
        make("span", { class: "badge fit", hidden: true }), make("span", { class: "width" })),
      make("a", { class: "small", href: `/search?sku=${encodeURIComponent(product.sku)}` },
        t("mirror.worn.like")));
    const off = make("button", {
      class: "button quiet icon", type: "button", onclick: () => this.onOff(product.sku),
      "aria-label": t("mirror.worn.off", { name: product.title }),
    }, icon("close"));
    const picture = make("img", { class: "picture", src: productImageUrl(product, 160), alt: "" });
    return make("li", { class: "card", data: { sku: product.sku } }, picture, words, off);
  }
}

function stock(offer) {
  if (!offer || !offer.store_id) return null;
  const here = offer.quantity > 0;
  const known = offer.availability !== "AVAILABILITY_UNSPECIFIED";
  const text = here ? t("shell.stock.here", { count: offer.quantity })
    : t(known ? "shell.stock.none" : "shell.stock.unknown");
  const place = here ? `${text} · ${storeName(offer.store_id)}` : text;
  return make("span", { class: `badge ${here ? "ok" : known ? "warn" : ""}` }, place);
}
