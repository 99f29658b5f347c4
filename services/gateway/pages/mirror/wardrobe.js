/** What can be tried on, and what is worn: one product a slot. Nothing of the page here. */

import { getJson } from "/api.js";

/** The kinds in the order in which they are offered. */
export const KINDS = ["GLASSES", "HAT", "EARRINGS", "NECKLACE", "LIPSTICK", "TOP", "DRESS",
  "TROUSERS", "SHOES", "WATCH", "BRACELET", "RING"];
const PART = { WATCH: "hand", RING: "hand", BRACELET: "hand", TOP: "body", DRESS: "body",
  TROUSERS: "body", SHOES: "body" };
/** What cannot be worn together. */
const INSTEAD_OF = { DRESS: ["TOP", "TROUSERS"], TOP: ["DRESS"], TROUSERS: ["DRESS"] };
/** The contract's limit of products in one request. */
export const MOST_WORN = 10;
const PAGE_SIZE = 500;
const MOST_PAGES = 40;

/** The kind of a product, `GLASSES`; empty when it cannot be tried on. */
export function kindOfProduct(product) {
  const kind = (product.try_on_asset?.kind ?? "").replace("TRY_ON_KIND_", "");
  return KINDS.includes(kind) ? kind : "";
}

/** The part of a person that a kind needs to be seen: face, hand or body. */
export function partOf(kind) {
  return PART[kind] ?? "face";
}

/**
 * Read the products that can be tried on, a page at a time.
 * @param {(products: object[]) => void} onFound called with each page's
 * @returns {Promise<void>} resolves when all have been read
 */
export async function readWearables(onFound) {
  let token = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await getJson("/v1/products", { try_on: true, page_size: PAGE_SIZE, page_token: token });
    onFound(answer.products.filter((one) => kindOfProduct(one)));
    token = answer.next_page_token;
    if (!token) return;
  }
}

/** The products that are offered, and those that are worn. */
export class Wardrobe extends EventTarget {
  /** @type {Map<string, object>} by SKU */
  products = new Map();
  /** @type {Map<string, object>} by kind */
  #worn = new Map();

  /** Offer more products. @param {object[]} found */
  offer(found) {
    for (const product of found) this.products.set(product.sku, product);
    if (found.length) this.dispatchEvent(new Event("offered"));
  }

  /** Kinds that have products. */
  kinds() {
    const there = new Set([...this.products.values()].map(kindOfProduct));
    return KINDS.filter((kind) => there.has(kind));
  }

  /** The products of a kind. @param {string} kind */
  of(kind) {
    return [...this.products.values()].filter((one) => kindOfProduct(one) === kind);
  }

  /** What is worn, in the order of kinds. @returns {object[]} */
  worn() {
    return KINDS.map((kind) => this.#worn.get(kind)).filter(Boolean);
  }

  /** @returns {string[]} */
  skus() {
    return this.worn().map((one) => one.sku);
  }

  /** Whether a product is worn. @param {string} sku */
  isWorn(sku) {
    return this.skus().includes(sku);
  }

  /**
   * Put a product on, in place of what cannot be worn with it; worn already: take it off.
   * @param {string} sku
   * @returns {boolean} false when as much is worn as can be
   */
  toggle(sku) {
    const product = this.products.get(sku);
    if (!product) return true;
    const kind = kindOfProduct(product);
    if (this.isWorn(sku)) this.#worn.delete(kind);
    else {
      for (const other of INSTEAD_OF[kind] ?? []) this.#worn.delete(other);
      if (this.#worn.size >= MOST_WORN && !this.#worn.has(kind)) return false;
      this.#worn.set(kind, product);
    }
    this.dispatchEvent(new Event("changed"));
    return true;
  }

  /** Take products off and offer them no more: they cannot be tried on after all. */
  drop(skus) {
    for (const sku of skus) {
      const kind = kindOfProduct(this.products.get(sku) ?? {});
      if (this.#worn.get(kind)?.sku === sku) this.#worn.delete(kind);
      this.products.delete(sku);
    }
    this.dispatchEvent(new Event("offered"));
    this.dispatchEvent(new Event("changed"));
  }
}
