// One product: its photos, what recognition thinks of them, where it is and what it costs.

import { getJson, referenceImageUrl } from "/api.js";
import { formatNumber, formatPrice, t } from "/i18n.js";
import { icon, make } from "/shell/elements.js";
import { noticeOf, storeName } from "/shell.js";
import { attributeName } from "/search/facets.js";
import { likenessBar, productPicture, stockBadge } from "/search/result_card.js";
import { standing } from "./knowledge.js";
import { standingBadge } from "./products.js";

const NEIGHBOURS = 6;

/** The product that each drawer shows. */
const shown = new WeakMap();

/**
 * @param {HTMLDialogElement} dialog where to show it
 * @param {string} sku which product
 * @param {() => import("./knowledge.js").Knowledge} knowledge what recognition knows now
 */
export async function showProduct(dialog, sku, knowledge) {
  dialog.dataset.sku = sku;
  dialog.replaceChildren(head(sku), make("span", { class: "spinner" }));
  if (!dialog.open) dialog.showModal();
  try {
    const product = await getJson(`/v1/products/${encodeURIComponent(sku)}`);
    if (dialog.dataset.sku !== sku) return;
    shown.set(dialog, product);
    fill(dialog, knowledge());
  } catch (problem) {
    if (dialog.dataset.sku !== sku) return;
    const retry = () => showProduct(dialog, sku, knowledge);
    dialog.replaceChildren(head(sku), noticeOf(problem, { retry }));
  }
}

/**
 * Show what recognition knows by now, where that is something else than before.
 * @param {HTMLDialogElement} dialog which may show a product
 * @param {import("./knowledge.js").Knowledge} knowledge as read
 */
export function refreshProduct(dialog, knowledge) {
  const product = shown.get(dialog);
  if (!dialog.open || product?.sku !== dialog.dataset.sku) return;
  if (standing(product, knowledge).state !== dialog.dataset.state) fill(dialog, knowledge);
}

function fill(dialog, knowledge) {
  const product = shown.get(dialog);
  dialog.dataset.state = standing(product, knowledge).state;
  dialog.replaceChildren(head(product.title), ...sections(product, knowledge));
}

function head(title) {
  return make("div", { class: "drawer-head" }, make("h2", { id: "product-title" }, title),
    make("button", {
      class: "button quiet icon", type: "button", "aria-label": t("shell.close"), autofocus: true,
      onclick: (event) => event.currentTarget.closest("dialog").close(),
    }, icon("close")));
}

function sections(product, knowledge) {
  return [
    make("p", { class: "row" }, make("span", { class: "price" }, formatPrice(product.price)),
      standingBadge(product, knowledge),
      make("a", { class: "button quiet", href: `/search?sku=${encodeURIComponent(product.sku)}` },
        t("search.like"))),
    explained(product, knowledge),
    photos(product),
    section("catalog.neighbours", later(neighbours(product, knowledge))),
    section("catalog.where", later(offers(product.sku))),
    section("catalog.facts", facts(product)),
  ].filter(Boolean);
}

function section(title, ...content) {
  return make("section", { class: "stack drawer-section" }, make("h3", {}, t(title)), content);
}

/** What the badge means, in a sentence. */
function explained(product, knowledge) {
  const { state, message } = standing(product, knowledge);
  const values = { revision: product.revision, applied: knowledge.index?.applied_revision ?? "?", message };
  return make("p", { class: "soft small" }, t(`catalog.standing.${state}.why`, values));
}

function photos(product) {
  const items = product.reference_images.map((image) => make("li", {}, make("figure", { class: "photo-item" },
    make("a", { href: referenceImageUrl(image.id), target: "_blank" }, make("img", {
      class: "picture", src: referenceImageUrl(image.id), loading: "lazy",
      alt: t("catalog.photo", { view: image.view }),
    })),
    make("figcaption", { class: "soft small" },
      `${image.view.length > 20 ? image.view.slice(0, 8) : image.view} · ${image.width_px} × ${image.height_px}`))));
  const content = items.length ? make("ul", { class: "plain photo-list" }, items)
    : make("p", { class: "soft" }, t("catalog.photos.none"));
  return section("catalog.photos.title", content);
}

/** A place that is filled when an answer comes. */
function later(content) {
  const place = make("div", {}, make("span", { class: "spinner" }));
  content.then((found) => place.replaceChildren(found), (problem) => place.replaceChildren(noticeOf(problem)));
  return place;
}

async function neighbours(product, knowledge) {
  const { state } = standing(product, knowledge);
  if (["archived", "no_photo", "unknown", "waiting", "problem"].includes(state)) {
    return make("p", { class: "soft" }, t("catalog.neighbours.none"));
  }
  const params = { sku: product.sku, top_k: NEIGHBOURS, keep_variants: true };
  const { results } = (await getJson("/v1/search", params)).groups[0];
  if (!results.length) return make("p", { class: "soft" }, t("catalog.neighbours.none"));
  return make("ol", { class: "plain neighbour-list" }, results.map((result) => make("li", { class: "neighbour" },
    productPicture(result.product, result.reference_image_id),
    make("div", {}, make("a", {
      href: `/catalog?sku=${encodeURIComponent(result.product.sku)}`, data: { open: result.product.sku },
    }, result.product.title), likenessBar(result.similarity)))));
}

async function offers(sku) {
  const found = (await getJson("/v1/availability", { sku })).offers.filter((offer) => offer.store_id);
  if (!found.length) return make("p", { class: "soft" }, t("catalog.where.none"));
  return make("table", { class: "table" }, make("tbody", {}, found.map((offer) => make("tr", {},
    make("th", { scope: "row" }, storeName(offer.store_id)),
    make("td", {}, formatPrice(offer.price)), make("td", {}, stockBadge(offer, offer.store_id))))));
}

function facts(product) {
  const { dimensions: size, attributes } = product;
  const sides = [size?.width_mm, size?.height_mm, size?.depth_mm].filter(Boolean).map((side) => formatNumber(side));
  const rows = [
    [t("catalog.fact.sku"), product.sku],
    [t("catalog.fact.gtins"), product.gtins.join(", ")],
    [t("catalog.fact.brand"), product.brand],
    [t("catalog.category"), product.category_path.join(" > ")],
    ...Object.entries(attributes).map(([name, value]) => [attributeName(name), value]),
    [t("catalog.fact.size"), sides.length ? `${sides.join(" × ")} mm` : ""],
    [t("catalog.fact.group"), product.item_group_id],
    [t("catalog.fact.revision"), product.revision],
    [t("catalog.fact.description"), product.description],
  ];
  return make("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => [
    make("dt", {}, name), make("dd", {}, value),
  ]).flat());
}
