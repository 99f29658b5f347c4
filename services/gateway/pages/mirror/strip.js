/** The strip of products: chips of kinds, and the products of the chosen kind. */

import { productImageUrl } from "/api.js";
import { formatPrice, t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { kindOfProduct } from "./wardrobe.js";

export class Strip {
  #kind = "";

  /**
   * @param {{kinds: HTMLElement, list: HTMLElement}} places
   * @param {import("./wardrobe.js").Wardrobe} wardrobe
   * @param {(sku: string) => void} onChosen
   */
  constructor({ kinds, list }, wardrobe, onChosen) {
    Object.assign(this, { kinds, list, wardrobe, onChosen });
    wardrobe.addEventListener("offered", () => this.show());
    wardrobe.addEventListener("changed", () => this.#mark());
  }

  /** Show the products of a kind; by default the kind shown before. */
  show(kind = this.#kind) {
    const there = this.wardrobe.kinds();
    this.#kind = there.includes(kind) ? kind : there[0] ?? "";
    this.kinds.replaceChildren(...there.map((one) => this.#chip(one)));
    this.list.replaceChildren(...this.wardrobe.of(this.#kind).map((one) => this.#card(one)));
    this.list.scrollLeft = 0;
    this.#mark();
  }

  #chip(kind) {
    return make("button", {
      class: "chip", type: "button", data: { kind }, onclick: () => this.#choose(kind),
    }, make("span", {}, t(`mirror.kind.${kind}`)), make("span", { class: "dot" }));
  }

  #choose(kind) {
    this.show(kind);
    this.kinds.querySelector(`[data-kind="${kind}"]`).focus();
  }

  #card(product) {
    const picture = make("img", {
      class: "picture", src: productImageUrl(product, 320), alt: "", loading: "lazy", decoding: "async",
    });
    const button = make("button", {
      class: "card product", type: "button", data: { sku: product.sku },
      onclick: () => this.onChosen(product.sku),
    }, picture, make("span", { class: "name" }, product.title),
    make("span", { class: "small soft" }, formatPrice(product.price)));
    return make("li", {}, button);
  }

  /** Say which are worn, without drawing all anew: the focus stays. */
  #mark() {
    const worn = new Set(this.wardrobe.worn().map(kindOfProduct));
    for (const chip of this.kinds.children) {
      const { kind } = chip.dataset;
      chip.setAttribute("aria-pressed", String(kind === this.#kind));
      chip.classList.toggle("has-worn", worn.has(kind));
      const words = t(worn.has(kind) ? "mirror.kind.worn" : "mirror.kind.plain", { kind: t(`mirror.kind.${kind}`) });
      chip.setAttribute("aria-label", words);
    }
    for (const card of this.list.querySelectorAll("[data-sku]")) {
      card.setAttribute("aria-pressed", String(this.wardrobe.isWorn(card.dataset.sku)));
    }
  }
}
