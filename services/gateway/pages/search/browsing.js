// What the catalogue has before anything is asked, narrowed by the same filters.

import { getJson } from "/api.js";
import { attributePairs } from "./question.js";

const SEPARATOR = " > ";
const STOCK_PAGE = 10_000;

const same = (a, b) => a.toLowerCase() === b.toLowerCase();

/**
 * @param {object} product Product
 * @param {import("./question.js").Question} question whose filters must hold
 * @returns {boolean} whether they do; stock is not looked at
 */
export function fits(product, question) {
  const path = product.category_path.join(SEPARATOR).toLowerCase() + SEPARATOR;
  const price = product.price ? Number(product.price.amount_micros) / 1e6 : NaN;
  const { categories, brands, attributes, min, max } = question;
  return (!categories.length || categories.some((one) => path.startsWith(one.toLowerCase() + SEPARATOR)))
    && (!brands.length || brands.some((brand) => same(brand, product.brand)))
    && (!min || price >= Number(min)) && (!max || price <= Number(max))
    && [...new Set(attributePairs({ attributes }).map(([name]) => name))].every((name) => (
      attributes[name].some((value) => same(value, product.attributes[name] ?? ""))));
}

/**
 * @param {object[]} products of the catalogue
 * @param {import("./question.js").Question} question whose filters must hold
 * @param {{storeId: string, topK: number, signal: AbortSignal}} how the store and how many
 * @returns {Promise<object[]>} SearchResult without score, with offers of the store
 */
export async function browse(products, question, { storeId, topK, signal }) {
  let found = products.filter((product) => fits(product, question));
  if (question.inStock && storeId) {
    const path = `/v1/stores/${encodeURIComponent(storeId)}/stock`;
    const { levels } = await getJson(path, { page_size: STOCK_PAGE }, { signal });
    const here = new Set(levels.map((level) => level.sku));
    found = found.filter((product) => here.has(product.sku));
  }
  const shown = found.slice(0, topK);
  const offers = shown.length ? await offersOf(shown, storeId, signal) : new Map();
  return shown.map((product) => ({
    product, offer: offers.get(product.sku), reference_image_id: "", folded_skus: [],
  }));
}

async function offersOf(products, storeId, signal) {
  const params = { sku: products.map((product) => product.sku), store: storeId };
  const { offers } = await getJson("/v1/offers", params, { signal });
  return new Map(offers.map((offer) => [offer.sku, offer]));
}
