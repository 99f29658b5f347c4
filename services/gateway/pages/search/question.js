// The question as a link can carry it: everything that is asked except the photo.

/**
 * @typedef {object} Question
 * @property {string} text words
 * @property {string} sku "more like this"; empty = none
 * @property {string[]} categories paths, levels joined by " > "
 * @property {string[]} brands brands
 * @property {Record<string, string[]>} attributes accepted values by name
 * @property {string} min lowest price, as typed; empty = no bound
 * @property {string} max highest price, as typed; empty = no bound
 * @property {boolean} inStock only what the chosen store has
 */

const MICROS = 1_000_000;

/** @returns {Question} nothing asked */
export function emptyQuestion() {
  return {
    text: "", sku: "", categories: [], brands: [], attributes: {}, min: "", max: "", inStock: false,
  };
}

/**
 * @param {string} search the address's query, "?text=tea&attr=color:red"
 * @returns {Question} what it asks; what it does not know it leaves out
 */
export function readQuestion(search) {
  const given = new URLSearchParams(search);
  const attributes = {};
  for (const pair of given.getAll("attr")) {
    const [name, ...value] = pair.split(":");
    if (name && value.length) (attributes[name] ??= []).push(value.join(":"));
  }
  return {
    text: given.get("text") ?? "",
    sku: given.get("sku") ?? "",
    categories: given.getAll("category"),
    brands: given.getAll("brand"),
    attributes,
    min: price(given.get("min")),
    max: price(given.get("max")),
    inStock: given.get("in_stock") === "true",
  };
}

/**
 * @param {Question} question what is asked
 * @returns {string} the address's query with its "?"; empty when nothing is asked
 */
export function writeQuestion(question) {
  const told = new URLSearchParams();
  for (const name of ["text", "sku", "min", "max"]) {
    if (question[name]) told.set(name, question[name]);
  }
  question.categories.forEach((path) => told.append("category", path));
  question.brands.forEach((brand) => told.append("brand", brand));
  for (const [name, value] of attributePairs(question)) told.append("attr", `${name}:${value}`);
  if (question.inStock) told.set("in_stock", "true");
  return told.size ? `?${told}` : "";
}

/**
 * @param {Question} question what is asked
 * @returns {[string, string][]} each attribute with each value accepted
 */
export function attributePairs(question) {
  const entries = Object.entries(question.attributes);
  return entries.flatMap(([name, values]) => values.map((value) => [name, value]));
}

/**
 * @param {Question} question what is asked
 * @returns {number} how many conditions narrow it
 */
export function conditionCount(question) {
  const flags = [question.min, question.max, question.inStock].filter(Boolean).length;
  const { categories, brands } = question;
  return categories.length + brands.length + attributePairs(question).length + flags;
}

/**
 * @param {Question} question what is asked
 * @returns {Question} the same without what narrows it
 */
export function withoutConditions(question) {
  return { ...emptyQuestion(), text: question.text, sku: question.sku };
}

/**
 * @param {Question} question what is asked
 * @param {string} storeId the chosen store; empty = none
 * @returns {object} SearchFilter in JSON
 */
export function filterOf(question, storeId) {
  return {
    categories: question.categories,
    brands: question.brands,
    ...(question.min && { min_price: money(question.min) }),
    ...(question.max && { max_price: money(question.max) }),
    attributes: Object.entries(question.attributes).map(([name, values]) => ({ name, values })),
    in_stock: question.inStock && Boolean(storeId),
  };
}

const money = (typed) => ({ amount_micros: String(Math.round(Number(typed) * MICROS)) });

/** A price as typed; what is none is left out. */
function price(typed) {
  return typed && Number.isFinite(Number(typed)) && Number(typed) >= 0 ? typed : "";
}
