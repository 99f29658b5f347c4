// What the shopper wants to buy; kept for as long as the tab is open, on this device only.

import { getJson } from "/api.js";
import { productImageUrl } from "/api.js";

const KEPT = "vitrine.basket";
const MOST_OF_ONE = 99;

/**
 * One product in the basket.
 * @typedef {object} Line
 * @property {string} sku
 * @property {string} title
 * @property {string} image where its picture is; may be empty
 * @property {{currency_code: string, amount_micros: string}|null} price of one; null = not known
 * @property {number} quantity 1 to 99
 */

/** The basket; tells `change` after every change. */
export class Basket extends EventTarget {
  #storage;
  #lines;

  /** @param {Storage} storage where it is kept */
  constructor(storage) {
    super();
    this.#storage = storage;
    this.#lines = read(storage);
  }

  /** @returns {Line[]} in the order in which they were added */
  get lines() {
    return structuredClone(this.#lines);
  }

  /** @returns {number} pieces in all */
  get count() {
    return this.#lines.reduce((sum, line) => sum + line.quantity, 0);
  }

  /**
   * Totals by currency; what has no price is in none of them.
   * @returns {{currency_code: string, amount_micros: number}[]}
   */
  get totals() {
    const sums = new Map();
    for (const { price, quantity } of this.#lines.filter((line) => line.price)) {
      const sum = sums.get(price.currency_code) ?? 0;
      sums.set(price.currency_code, sum + quantity * Number(price.amount_micros));
    }
    return [...sums].map(([currency_code, amount_micros]) => ({ currency_code, amount_micros }));
  }

  /** @param {{product: object, offer?: object}} taken one piece more of it */
  add({ product, offer }) {
    const line = this.#lines.find((one) => one.sku === product.sku);
    const price = offer?.price ?? product.price ?? null;
    if (line) Object.assign(line, { price, quantity: Math.min(line.quantity + 1, MOST_OF_ONE) });
    else this.#lines.push({ sku: product.sku, title: product.title, image: productImageUrl(product, 160), price, quantity: 1 });
    this.#changed();
  }

  /**
   * @param {string} sku
   * @param {number} quantity pieces from now on; 0 takes it out
   */
  set(sku, quantity) {
    for (const line of this.#lines) if (line.sku === sku) line.quantity = Math.min(quantity, MOST_OF_ONE);
    this.#lines = this.#lines.filter((line) => line.quantity > 0);
    this.#changed();
  }

  /** Take everything out. */
  clear() {
    this.#lines = [];
    this.#changed();
  }

  /**
   * Take the prices of another store.
   * @param {string} store
   * @throws {import("/api.js").Problem}
   */
  async priceAgain(store) {
    if (this.#lines.length === 0) return;
    const { offers } = await getJson("/v1/offers", { sku: this.#lines.map((line) => line.sku), store });
    for (const line of this.#lines) {
      line.price = offers.find((offer) => offer.sku === line.sku)?.price ?? null;
    }
    this.#changed();
  }

  #changed() {
    this.#storage.setItem(KEPT, JSON.stringify(this.#lines));
    this.dispatchEvent(new Event("change"));
  }
}

function read(storage) {
  try {
    const lines = JSON.parse(storage.getItem(KEPT) ?? "[]");
    return Array.isArray(lines) ? lines.filter((line) => line?.sku && line.quantity > 0) : [];
  } catch {
    return []; // what cannot be read was not written by this version: start anew
  }
}
