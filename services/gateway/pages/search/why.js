// Why a product matches: the query and the reference picture side by side, with what speaks.

import { referenceImageUrl } from "/api.js";
import { t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { noticeOf } from "/shell.js";
import { WHOLE, boxWithin, pointWithin } from "./box.js";
import { drawHeat, drawPoints, warmth } from "./heat.js";
import { likenessBar } from "./result_card.js";

const LONGER_SIDE = 640;

/**
 * Compare the photo with the reference picture of a result.
 * @param {HTMLDialogElement} dialog where to show it
 * @param {object} result SearchResult
 * @param {Blob} photo what was searched by
 * @param {import("./box.js").Box | null} region where in it; null = the whole
 * @param {() => Promise<{told?: object, others: number[][]}>} explain asks for the Explanation, and
 *   for the query's maps of the other results
 */
export async function showWhy(dialog, result, photo, region, explain) {
  const query = await picture(URL.createObjectURL(photo), region ?? WHOLE, t("search.why.query"), true);
  const reference = await picture(referenceImageUrl(result.reference_image_id), WHOLE,
    t("search.why.reference", { title: result.product.title }));
  const explained = make("div", { class: "why-explained" }, make("span", { class: "spinner" }));
  dialog.replaceChildren(
    make("h2", { id: "why-title" }, t("search.why.title", { title: result.product.title })),
    make("div", { class: "why-pair" }, query.figure, reference.figure),
    likenessBar(result.similarity), explained,
    make("div", { class: "row dialog-foot" }, make("button", {
      class: "button", type: "button", onclick: () => dialog.close(),
    }, t("shell.close"))));
  if (!dialog.open) dialog.showModal();
  try {
    explained.replaceChildren(...explanation(await explain(), query, reference));
  } catch (problem) {
    explained.replaceChildren(noticeOf(problem));
  }
}

/** The panel below the pictures; nothing where the reply explains nothing. */
function explanation({ told, others }, query, reference) {
  if (!told?.width || !told.query_map.length) return [];
  const [columns, rows] = [told.width, told.height];
  const sides = [
    [query, warmth(told.query_map, others, columns), told.query_area, told.query_points],
    [reference, warmth(told.reference_map, [], columns), told.reference_area, told.reference_points],
  ];
  const shown = { heat: true, dots: told.query_points.length > 0 };
  const draw = () => sides.forEach(([side, map, area = side.part, points]) => {
    side.overlay.getContext("2d").clearRect(0, 0, side.overlay.width, side.overlay.height);
    if (shown.heat) drawHeat(side.overlay, { map, columns, rows }, boxWithin(area, side.part));
    if (shown.dots) drawPoints(side.overlay, points.map((point) => pointWithin(point, side.part)));
  });
  const toggle = (name, label) => make("label", { class: "choice" }, make("input", {
    type: "checkbox", checked: shown[name], id: `why-${name}`,
    onchange: (event) => {
      shown[name] = event.target.checked;
      draw();
    },
  }), make("span", {}, label));
  draw();
  return [
    make("p", {}, t("search.why.heat")),
    make("div", { class: "row" }, toggle("heat", t("search.why.heat.show")),
      shown.dots && toggle("dots", t("search.why.points", { count: told.query_points.length }))),
  ];
}

/** A part of a picture with a canvas over it, to draw on. */
async function picture(url, part, caption, revoke = false) {
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  const [left, top] = [part.x_min * image.naturalWidth, part.y_min * image.naturalHeight];
  const width = (part.x_max - part.x_min) * image.naturalWidth;
  const height = (part.y_max - part.y_min) * image.naturalHeight;
  const scale = LONGER_SIDE / Math.max(width, height);
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const base = make("canvas", { ...size, role: "img", "aria-label": caption });
  base.getContext("2d").drawImage(image, left, top, width, height, 0, 0, size.width, size.height);
  if (revoke) URL.revokeObjectURL(url);
  const overlay = make("canvas", { ...size, class: "why-overlay", "aria-hidden": "true" });
  const figure = make("figure", {}, make("div", { class: "why-picture" }, base, overlay),
    make("figcaption", { class: "soft small" }, caption));
  return { figure, overlay, part };
}
