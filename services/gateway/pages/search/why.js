// Why a product matches: the query and the reference picture side by side, with what speaks.

import { referenceImageUrl } from "/api.js";
import { t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { noticeOf } from "/shell.js";
import { WHOLE, boxWithin, grown, pointWithin } from "./box.js";
import { drawHeat, drawOutline, drawPoints, warmth } from "./heat.js";
import { readOff } from "./reading.js";
import { likenessBar } from "./result_card.js";

const LONGER_SIDE = 640;
/** Of a part of the photo, what is shown around it: the product may reach beyond. */
const AROUND = 0.15;

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
  const shown = region ? grown(region, AROUND) : WHOLE;
  const query = await picture(URL.createObjectURL(photo), shown, t("search.why.query"), true);
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

/** The panel below the pictures: what is seen in them, in words, and what is shown of it. */
function explanation({ told, others }, query, reference) {
  if (!told) return [make("p", {}, t("search.why.none"))];
  const reading = readOff(told, others, query.whole, pixelsOf(reference.base));
  const shown = { heat: told.query_map.length > 0, points: told.query_points.length > 0 };
  const toggle = (name, label) => shown[name] && make("label", { class: "choice" }, make("input", {
    type: "checkbox", checked: true, id: `why-${name}`,
    onchange: (event) => {
      shown[name] = event.target.checked;
      draw(told, others, reading, shown, [query, reference]);
    },
  }), make("span", {}, label));
  draw(told, others, reading, shown, [query, reference]);
  return [
    make("p", {}, captions(told, reading, query.part !== WHOLE).join(" ")),
    make("div", { class: "row" }, toggle("heat", t("search.why.heat.show")),
      toggle("points", t("search.why.points.show"))),
  ];
}

/**
 * What an explanation says, in the words of `vitrine search --explain`.
 * @param {object} told Explanation
 * @param {{outline: object[] | null, points: boolean}} reading what is read off it
 * @param {boolean} isPart whether only a part of the photo was compared
 * @returns {string[]} sentences
 */
export function captions(told, { outline, points }, isPart) {
  const count = told.query_points.length;
  const whole = t(isPart ? "search.why.whole.part" : "search.why.whole.photo");
  const print = outline ? t("search.why.outlined", { count }) : t("search.why.points", { count });
  let heat = t("search.why.spread", { whole });
  if (!told.query_map.length) heat = t("search.why.placeless", { whole });
  else if (points) heat = t("search.why.warm");
  else if (outline) heat = t("search.why.faint", { whole });
  return count ? [print, heat] : [heat];
}

/** Draw what is to be shown over both pictures. */
function draw(told, others, reading, shown, [query, reference]) {
  const { width: columns, height: rows } = told;
  const sides = [
    [query, warmth(told.query_map, others, columns), told.query_area, told.query_points, reading.points],
    [reference, warmth(told.reference_map, [], columns), told.reference_area, told.reference_points, true],
  ];
  sides.forEach(([{ overlay, part }, map, area, matched, points]) => {
    overlay.getContext("2d").clearRect(0, 0, overlay.width, overlay.height);
    if (shown.heat) drawHeat(overlay, { map, columns, rows }, boxWithin(area, part), points);
    if (shown.points) drawPoints(overlay, matched.map((point) => pointWithin(point, part)));
  });
  if (reading.outline) {
    drawOutline(query.overlay, reading.outline.map((corner) => pointWithin(corner, query.part)));
  }
}

const pixelsOf = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);

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
  const context = base.getContext("2d");
  context.fillStyle = "#fff"; // under what is transparent
  context.fillRect(0, 0, size.width, size.height);
  context.drawImage(image, left, top, width, height, 0, 0, size.width, size.height);
  if (revoke) URL.revokeObjectURL(url);
  const overlay = make("canvas", { ...size, class: "why-overlay", "aria-hidden": "true" });
  const figure = make("figure", {}, make("div", { class: "why-picture" }, base, overlay),
    make("figcaption", { class: "soft small" }, caption));
  const whole = { width: image.naturalWidth, height: image.naturalHeight };
  return { figure, base, overlay, part, whole };
}
