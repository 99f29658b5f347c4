// The panel of filters: categories, brands, price, attributes, stock.

import { currentLanguage, formatNumber, formatPrice, t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { afterPause } from "./timing.js";

const SEPARATOR = " > ";
const SHOWN = 8;
const TYPING_MS = 500;

/** Shows the filters and tells when one is changed. */
export class FacetPanel {
  /**
   * @param {HTMLElement} root where it is
   * @param {(change: Partial<import("./question.js").Question>) => void} onChange told what changed
   */
  constructor(root, onChange) {
    this.root = root;
    this.onChange = onChange;
    this.typed = afterPause(onChange, TYPING_MS);
    /** Names of the sections that were opened or closed by hand. */
    this.open = new Map();
  }

  /**
   * @param {import("./facet_values.js").FacetValues} values what there is to choose from
   * @param {import("./question.js").Question} question what is chosen
   * @param {string} store the chosen store's name; empty = none
   */
  show(values, question, store) {
    const shown = JSON.stringify([values, question, store, currentLanguage()]);
    if (shown === this.shown) return;
    this.shown = shown;
    const focused = this.root.contains(document.activeElement) ? document.activeElement.id : "";
    this.counted = values.of === 0;
    const sections = [
      values.of > 0 && make("p", { class: "facet soft small" }, t("search.facet.some", { count: values.of })),
      this.#stock(question, store),
      this.#section("categories", this.#tree(values.categories, question), true),
      this.#section("price", this.#price(values.prices, question), true),
      this.#section("brands", this.#brands(values.brands, question), true),
      ...Object.entries(values.attributes).map(([name, counts]) => this.#attribute(name, counts, question)),
    ];
    this.root.querySelector(".facet-sections")?.remove();
    this.root.append(make("div", { class: "facet-sections" }, sections));
    if (focused) document.getElementById(focused)?.focus();
  }

  #section(name, content, open, title = t(`search.facet.${name}`)) {
    if (!content) return null;
    return make("details", {
      class: "facet", open: this.open.get(name) ?? open,
      ontoggle: (event) => this.open.set(name, event.target.open),
    }, make("summary", {}, title), content);
  }

  #stock(question, store) {
    return make("div", { class: "facet facet-stock" }, choice({
      id: "facet-stock", label: store ? t("search.facet.stock", { store }) : t("search.facet.stock.none"),
      checked: question.inStock && Boolean(store), disabled: !store,
      onchange: (event) => this.onChange({ inStock: event.target.checked }),
    }));
  }

  /** A level shows when the one above is chosen, or one below is. */
  #tree(categories, question) {
    if (!categories.length) return null;
    return make("ul", { class: "plain facet-list" }, categories.map((category) => {
      const { path, name, count, below } = category;
      const within = question.categories.some((one) => one === path || one.startsWith(path + SEPARATOR));
      return make("li", {}, choice({
        id: `category-${path}`, label: name, count: this.#count(count), checked: question.categories.includes(path),
        onchange: (event) => this.onChange({
          categories: chosenCategories(question.categories, path, event.target.checked),
        }),
      }), within && this.#tree(below, question));
    }));
  }

  /** A part of the catalogue was counted: that would be a figure of nothing. */
  #count(count) {
    return this.counted ? count : undefined;
  }

  #brands(counts, question) {
    return this.#values("brand", counts, question.brands, (brands) => this.onChange({ brands }));
  }

  #values(prefix, counts, chosen, onChange) {
    return valueList(prefix, counts.map(([value, count]) => [value, this.#count(count)]), chosen, onChange);
  }

  #attribute(name, counts, question) {
    const chosen = question.attributes[name] ?? [];
    const change = (values) => {
      const { [name]: before, ...others } = question.attributes;
      this.onChange({ attributes: values.length ? { ...others, [name]: values } : others });
    };
    const list = this.#values(`attribute-${name}`, counts, chosen, change);
    return this.#section(`attribute ${name}`, list, chosen.length > 0, attributeName(name));
  }

  #price(prices, question) {
    if (!prices) return null;
    const field = (name, hint) => make("label", { class: "field" }, make("span", {}, t(`search.facet.${name}`)),
      make("input", {
        id: `facet-${name}`, type: "number", min: "0", step: "any", inputMode: "decimal",
        value: question[name], placeholder: formatNumber(hint),
        oninput: ({ target }) => { if (target.validity.valid) this.typed({ [name]: target.value }); },
      }));
    const range = [prices.low, prices.high].map((amount) => formatPrice({
      currency_code: prices.currency, amount_micros: amount * 1e6,
    }));
    return make("div", {}, make("div", { class: "facet-price" },
      field("min", Math.floor(prices.low)), field("max", Math.ceil(prices.high))),
    this.counted && make("p", { class: "soft small" }, t("search.facet.range", { low: range[0], high: range[1] })));
  }
}

/**
 * @param {string} name an attribute's name in the catalogue, "net_weight"
 * @returns {string} it as people write it
 */
export function attributeName(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Choosing a category takes those above and below it away: they would say the same again. */
function chosenCategories(chosen, path, on) {
  const apart = chosen.filter((one) => one !== path && !one.startsWith(path + SEPARATOR));
  if (!on) return apart;
  return [...apart.filter((one) => !path.startsWith(one + SEPARATOR)), path];
}

function valueList(prefix, counts, chosen, onChange) {
  if (!counts.length) return null;
  const item = ([value, count]) => make("li", {}, choice({
    id: `${prefix}-${value}`, label: value, count, checked: chosen.includes(value),
    onchange: (event) => onChange(event.target.checked
      ? [...chosen, value] : chosen.filter((one) => one !== value)),
  }));
  const [first, rest] = [counts.slice(0, SHOWN), counts.slice(SHOWN)];
  return make("div", {}, make("ul", { class: "plain facet-list" }, first.map(item)),
    rest.length > 0 && make("details", {
      class: "facet-rest", open: rest.some(([value]) => chosen.includes(value)),
    }, make("summary", {}, t("search.facet.more", { count: rest.length })),
    make("ul", { class: "plain facet-list" }, rest.map(item))));
}

function choice({ id, label, count, checked, disabled = false, onchange }) {
  const box = make("input", { id, type: "checkbox", checked, disabled, onchange });
  return make("label", { class: "choice" }, box, make("span", {}, label),
    count !== undefined && make("span", { class: "soft small choice-count" }, formatNumber(count)));
}
