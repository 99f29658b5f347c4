// The conditions that hold, as chips that take them away.

import { formatNumber, formatPrice, t } from "/i18n.js";
import { icon, make } from "/shell/elements.js";
import { attributeName } from "./facets.js";
import { withoutConditions } from "./question.js";

/**
 * @param {HTMLElement} place where to show them
 * @param {import("./question.js").Question} question what is asked
 * @param {(change: Partial<import("./question.js").Question>) => void} onChange told what is left
 * @param {string} [currency] of the prices; empty = not known
 */
export function showConditions(place, question, onChange, currency) {
  const chips = conditions(question, currency).map(([label, change]) => make("button", {
    class: "chip", type: "button", "aria-label": t("search.condition.remove", { name: label }),
    onclick: () => onChange(change),
  }, label, icon("close")));
  if (chips.length > 1) {
    chips.push(make("button", {
      class: "button quiet", type: "button", onclick: () => onChange(withoutConditions(question)),
    }, t("search.conditions.clear")));
  }
  place.replaceChildren(...chips);
  place.hidden = chips.length === 0;
}

/** Each condition in words, with the change that takes it away. */
function conditions(question, currency) {
  const { categories, brands, attributes } = question;
  const without = (values, one) => values.filter((value) => value !== one);
  const ofAttribute = ([name, values]) => values.map((value) => {
    const { [name]: all, ...others } = attributes;
    const rest = without(all, value);
    return [`${attributeName(name)}: ${value}`,
      { attributes: rest.length ? { ...others, [name]: rest } : others }];
  });
  return [
    ...categories.map((path) => [path, { categories: without(categories, path) }]),
    ...brands.map((brand) => [brand, { brands: without(brands, brand) }]),
    ...price(question, currency),
    ...Object.entries(attributes).flatMap(ofAttribute),
    ...(question.inStock ? [[t("search.condition.stock"), { inStock: false }]] : []),
  ];
}

function price({ min, max }, currency) {
  const told = (amount) => formatPrice({ currency_code: currency, amount_micros: Number(amount) * 1e6 })
    || formatNumber(Number(amount));
  return [
    ...(min ? [[t("search.condition.min", { price: told(min) }), { min: "" }]] : []),
    ...(max ? [[t("search.condition.max", { price: told(max) }), { max: "" }]] : []),
  ];
}
