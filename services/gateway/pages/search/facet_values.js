// Which categories, brands, prices and attributes there are to choose from.

import { getJson } from "/api.js";

const PAGE_SIZE = 1000;
const SEPARATOR = " > ";
const MOST_VALUES = 40;

/**
 * @typedef {object} Category
 * @property {string} path levels joined by " > "
 * @property {string} name the last level
 * @property {number} count products in it and below
 * @property {Category[]} below the next level
 */

/**
 * @typedef {object} FacetValues
 * @property {Category[]} categories the first level
 * @property {[string, number][]} brands each with its products, by name
 * @property {Record<string, [string, number][]>} attributes values by name
 * @property {{low: number, high: number, currency: string} | null} prices null = none known
 * @property {number} of how many products they were taken from; 0 = the whole catalogue, else
 *   there are more, and neither counts nor the range of prices are the catalogue's
 */

/**
 * @returns {Promise<{products: object[], of: number}>} the catalogue's first thousand products
 *   that are sold: enough to choose from, without loading a large catalogue into a browser; `of`
 *   as in `FacetValues`
 */
export async function readProducts() {
  const answer = await getJson("/v1/products", { page_size: PAGE_SIZE });
  const products = answer.products.filter((product) => product.status === "PRODUCT_STATUS_ACTIVE");
  return { products, of: answer.next_page_token ? answer.products.length : 0 };
}

/**
 * @param {{products: object[], of: number}} read of `readProducts`
 * @returns {FacetValues} what they can be narrowed by
 */
export function facetValues({ products, of }) {
  return {
    of,
    categories: categoryTree(products),
    brands: counted(products.map((product) => product.brand).filter(Boolean)),
    attributes: attributeValues(products),
    prices: priceRange(products),
  };
}

function categoryTree(products) {
  const top = { below: [] };
  for (const { category_path: levels } of products) {
    let here = top;
    levels.forEach((name, depth) => {
      here = child(here, name, levels.slice(0, depth + 1).join(SEPARATOR));
      here.count += 1;
    });
  }
  return sorted(top.below);
}

function child(parent, name, path) {
  const found = parent.below.find((category) => category.name === name);
  if (found) return found;
  const made = { path, name, count: 0, below: [] };
  parent.below.push(made);
  return made;
}

function sorted(categories) {
  categories.forEach((category) => sorted(category.below));
  return categories.sort((a, b) => a.name.localeCompare(b.name));
}

function counted(values) {
  const counts = new Map();
  values.forEach((value) => counts.set(value, (counts.get(value) ?? 0) + 1));
  return [...counts].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
}

/** An attribute that nearly every product has a value of its own for narrows nothing. */
function attributeValues(products) {
  const values = {};
  for (const { attributes } of products) {
    Object.entries(attributes).forEach(([name, value]) => (values[name] ??= []).push(value));
  }
  const entries = Object.entries(values).map(([name, all]) => [name, counted(all)]);
  const useful = ([name, counts]) => counts.length > 1 && counts.length <= MOST_VALUES
    && counts.length < values[name].length;
  return Object.fromEntries(entries.filter(useful).sort(([a], [b]) => a.localeCompare(b)));
}

function priceRange(products) {
  const prices = products.map((product) => product.price).filter(Boolean);
  const currency = prices[0]?.currency_code ?? "";
  if (!currency || prices.some((price) => price.currency_code !== currency)) return null;
  const amounts = prices.map((price) => Number(price.amount_micros) / 1e6);
  return { low: Math.min(...amounts), high: Math.max(...amounts), currency };
}
