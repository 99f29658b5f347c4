// The list of products: a page at a time, narrowed by words and category.

import { getJson } from "/api.js";
import { formatPrice, t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { noticeOf } from "/shell.js";
import { productPicture } from "/search/result_card.js";
import { newestOnly } from "/search/timing.js";
import { standing } from "./knowledge.js";

const PAGE_SIZE = 24;
const SEPARATOR = " > ";
const CATEGORY_SAMPLE = 1000;

const byId = (id) => document.getElementById(id);

/** Shows the products and pages through them. */
export class ProductList {
  /** @param {() => import("./knowledge.js").Knowledge} knowledge what recognition knows now */
  constructor(knowledge) {
    this.knowledge = knowledge;
    this.products = [];
    /** Tokens of the pages up to this one; the first has none. */
    this.tokens = [""];
    this.nextToken = "";
    /** SKUs that changed since the page was opened. */
    this.fresh = new Set();
    this.reading = newestOnly();
    byId("next").addEventListener("click", () => this.#turn([...this.tokens, this.nextToken]));
    byId("previous").addEventListener("click", () => this.#turn(this.tokens.slice(0, -1)));
  }

  /** Read from the first page, as words and category say now. */
  narrow() {
    this.tokens = [""];
    return this.read();
  }

  /** Read this page (again). */
  async read() {
    try {
      await this.reading(async (signal) => {
        const path = byId("category").value;
        const params = {
          query: byId("query").value.trim(), category: path ? path.split(SEPARATOR) : [],
          page_size: PAGE_SIZE, page_token: this.tokens.at(-1),
        };
        const answer = await getJson("/v1/products", params, { signal });
        Object.assign(this, { products: answer.products, nextToken: answer.next_page_token });
        this.show();
      });
    } catch (problem) {
      byId("rows").replaceChildren(make("li", {}, noticeOf(problem, { retry: () => this.read() })));
    }
  }

  /** Show what was read, with what recognition knows now. */
  show() {
    const focused = document.activeElement?.closest?.("#rows [data-sku]")?.dataset.sku;
    const rows = this.products.map((product) => row(product, this.knowledge(), this.fresh.has(product.sku)));
    byId("rows").replaceChildren(...rows);
    rows.find((one) => one.dataset.sku === focused)?.querySelector("a").focus();
    byId("listed").textContent = this.products.length
      ? t("catalog.listed", { from: this.#before() + 1, to: this.#before() + this.products.length })
      : t("catalog.listed.none");
    byId("previous").hidden = this.tokens.length < 2;
    byId("next").hidden = !this.nextToken;
  }

  #before() {
    return (this.tokens.length - 1) * PAGE_SIZE;
  }

  async #turn(tokens) {
    this.tokens = tokens;
    await this.read();
    byId("products").scrollIntoView({ block: "start" });
    byId("rows").querySelector("a")?.focus({ preventScroll: true });
  }
}

function row(product, knowledge, fresh) {
  const { title, brand, sku, category_path: path, reference_images: images } = product;
  return make("li", { class: fresh ? "product-row fresh" : "product-row", data: { sku } },
    productPicture(product),
    make("div", { class: "product-name" },
      make("a", { href: `/catalog?sku=${encodeURIComponent(sku)}`, data: { open: sku } }, title),
      make("p", { class: "soft small" }, [brand, sku].filter(Boolean).join(" · "))),
    make("p", { class: "soft small product-path" }, path.join(SEPARATOR)),
    make("p", { class: "product-price" }, formatPrice(product.price)),
    make("p", { class: "soft small product-photos" }, t("catalog.photos", { count: images.length })),
    make("p", { class: "product-standing" }, standingBadge(product, knowledge)));
}

/**
 * @param {object} product Product
 * @param {import("./knowledge.js").Knowledge} knowledge as read
 * @returns {HTMLElement} what recognition thinks of it, in a word or two
 */
export function standingBadge(product, knowledge) {
  const { state, mood } = standing(product, knowledge);
  return make("span", { class: `badge ${mood}`, data: { state } }, t(`catalog.standing.${state}`));
}

/**
 * Fill the choice of categories from the catalogue's first thousand products.
 * @param {string} chosen the category chosen; empty = all
 */
export async function fillCategories(chosen) {
  const { products, next_page_token: more } = await getJson("/v1/products", { page_size: CATEGORY_SAMPLE });
  const paths = new Set(products.flatMap(({ category_path: levels }) => (
    levels.map((_, depth) => levels.slice(0, depth + 1).join(SEPARATOR)))));
  const options = [...paths].sort((a, b) => a.localeCompare(b)).map((path) => (
    make("option", { value: path }, path)));
  if (more) options.push(make("option", { disabled: true }, t("catalog.category.some", { count: CATEGORY_SAMPLE })));
  byId("category").replaceChildren(make("option", { value: "" }, t("catalog.category.all")), ...options);
  byId("category").value = paths.has(chosen) ? chosen : "";
}
