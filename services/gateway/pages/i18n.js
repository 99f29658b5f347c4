// Words and numbers in the chosen language. Keys are flat: "scan.unknown".

export const LANGUAGES = Object.freeze({ en: "English", de: "Deutsch" });
const KEPT = "vitrine.language";
const PLACES = {
  i18n: (element, text) => { element.textContent = text; },
  i18nLabel: (element, text) => element.setAttribute("aria-label", text),
  i18nPlaceholder: (element, text) => element.setAttribute("placeholder", text),
  i18nTitle: (element, text) => element.setAttribute("title", text),
};

let language = "en";
let words = {};

/** @returns {string} the page's name: "scan" for /scan and /scan.html, "index" for / */
export function pageName() {
  return location.pathname.split("/").pop().replace(/\.html$/, "") || "index";
}

function preferred() {
  const kept = localStorage.getItem(KEPT);
  const wanted = [kept, ...navigator.languages].map((tag) => (tag ?? "").slice(0, 2).toLowerCase());
  return wanted.find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? "en";
}

async function dictionary(tag, name) {
  const response = await fetch(`/i18n/${tag}/${name}.json`);
  return response.ok ? response.json() : {};
}

/**
 * Load the dictionaries of the shell and of one page, and set `lang` on `<html>`.
 * @param {string} [chosen] a language to use and to remember; else the one remembered or preferred
 * @param {string} [page] whose words; default this page's
 * @returns {Promise<string>} the language
 */
export async function loadLanguage(chosen, page = pageName()) {
  if (chosen) localStorage.setItem(KEPT, chosen);
  language = preferred();
  const found = await Promise.all(["shell", page].map((name) => dictionary(language, name)));
  words = Object.assign({}, ...found);
  document.documentElement.lang = language;
  return language;
}

/** @returns {string} the language in use, "en" or "de" */
export function currentLanguage() {
  return language;
}

/** @returns {boolean} whether there are words for a key */
export function hasWords(key) {
  return Object.hasOwn(words, key);
}

/**
 * Words for a key, with `{name}` filled in. With a `count`, `KEY.one` or `KEY.other` is taken
 * where there are such.
 * @param {string} key
 * @param {Object<string, string|number>} [values]
 * @returns {string} the words; the key itself where there are none
 */
export function t(key, values = {}) {
  const form = "count" in values ? new Intl.PluralRules(language).select(values.count) : "";
  const text = words[`${key}.${form}`] ?? words[`${key}.other`] ?? words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === "number" ? formatNumber(value) : value ?? whole;
  });
}

/**
 * Fill every `data-i18n`, `data-i18n-label`, `data-i18n-placeholder` and `data-i18n-title`.
 * @param {ParentNode} [root]
 */
export function translatePage(root = document) {
  const marked = "[data-i18n],[data-i18n-label],[data-i18n-placeholder],[data-i18n-title]";
  for (const element of root.querySelectorAll(marked)) {
    for (const [place, put] of Object.entries(PLACES)) {
      if (element.dataset[place]) put(element, t(element.dataset[place]));
    }
  }
}

/**
 * @param {{currency_code: string, amount_micros: string|number}|null|undefined} money
 * @returns {string} for example "€2.79"; empty when there is none
 */
export function formatPrice(money) {
  if (!money?.currency_code) return "";
  const style = { style: "currency", currency: money.currency_code };
  return new Intl.NumberFormat(language, style).format(Number(money.amount_micros) / 1e6);
}

/**
 * @param {number} value
 * @param {Intl.NumberFormatOptions} [options]
 * @returns {string}
 */
export function formatNumber(value, options = {}) {
  return new Intl.NumberFormat(language, options).format(value);
}

/**
 * @param {number} share 0..1
 * @returns {string} for example "87%"; never a certainty that nobody has
 */
export function formatPercent(share) {
  const bounded = Math.min(Math.max(share, 0.01), 0.99);
  const text = formatNumber(bounded, { style: "percent", maximumFractionDigits: 0 });
  if (share >= 0.995) return `> ${text}`;
  return share < 0.005 ? `< ${text}` : text;
}
