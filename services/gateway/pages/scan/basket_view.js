// The basket as a panel; on a phone a bar that opens into a sheet.

import { formatNumber, formatPrice, t } from "/i18n.js";
import { isKiosk } from "/scan/idle.js";
import { icon, make } from "/shell/elements.js";

/**
 * Show a basket and keep showing it.
 * @param {import("/scan/basket.js").Basket} basket
 * @param {HTMLElement} section
 */
export function showBasket(basket, section) {
  const body = make("div", { id: "basket-lines", class: "basket-lines" });
  const head = make("button", {
    class: "basket-head", type: "button", "aria-expanded": "false", "aria-controls": body.id,
    onclick: () => expand(section.dataset.open !== "true"),
  });
  const expand = (open) => {
    section.dataset.open = open;
    head.setAttribute("aria-expanded", open);
  };
  const draw = () => {
    const focused = document.activeElement?.dataset?.act;
    head.replaceChildren(...headOf(basket));
    body.replaceChildren(...(basket.count ? basket.lines.map((line) => lineOf(basket, line)) : [empty()]));
    if (focused) (section.querySelector(`[data-act="${CSS.escape(focused)}"]`) ?? head).focus();
    section.dataset.empty = basket.count === 0;
  };
  section.replaceChildren(make("h2", { id: "basket-title" }, head), body);
  basket.addEventListener("change", draw);
  window.addEventListener("languagechosen", draw);
  draw();
}

function headOf(basket) {
  const totals = basket.totals.map(formatPrice).join(" + ");
  return [icon("basket"), make("span", {}, t("scan.basket")),
    make("span", { class: "basket-count", "aria-label": t("scan.basket.count", { count: basket.count }) },
      formatNumber(basket.count)),
    make("output", { class: "price basket-total" }, totals)];
}

function empty() {
  return make("p", { class: "small soft" }, t(isKiosk() ? "scan.basket.empty.kiosk" : "scan.basket.empty"));
}

function stepper(basket, line) {
  const step = (by, drawing, label) => make("button", {
    class: "button quiet icon", type: "button", "aria-label": label, data: { act: `${drawing}-${line.sku}` },
    onclick: () => basket.set(line.sku, line.quantity + by),
  }, icon(drawing));
  return make("div", { class: "stepper" },
    step(-1, "minus", t("scan.basket.less", { title: line.title })),
    make("span", { class: "quantity" }, formatNumber(line.quantity)),
    step(1, "plus", t("scan.basket.more", { title: line.title })));
}

function lineOf(basket, line) {
  const whole = line.price && { ...line.price, amount_micros: Number(line.price.amount_micros) * line.quantity };
  return make("div", { class: "basket-line", data: { sku: line.sku } },
    line.image ? make("img", { class: "picture", src: line.image, alt: "" }) : make("span", { class: "picture" }),
    make("div", { class: "basket-text" }, make("span", {}, line.title),
      make("span", { class: "small soft" }, formatPrice(whole) || t("shell.price.unknown"))),
    stepper(basket, line),
    make("button", {
      class: "button quiet icon", type: "button", "aria-label": t("scan.basket.remove", { title: line.title }),
      data: { act: `close-${line.sku}` }, onclick: () => basket.set(line.sku, 0),
    }, icon("close")));
}
