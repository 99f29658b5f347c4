/** What is to be said about placements: seen or not, how large, does it fit. */

import { formatNumber, t } from "/i18n.js";
import { kindOfProduct, partOf } from "./wardrobe.js";

const KNOWN = new Set(["SCALE_SOURCE_IRIS", "SCALE_SOURCE_REFERENCE", "SCALE_SOURCE_DEPTH"]);
/** The kinds whose size is compared with the person's. */
const SIZED = new Set(["GLASSES", "HAT", "RING"]);
const HARDLY_SEEN = 0.15;
const FITS = { FIT_FITS: ["fits", "ok"], FIT_TIGHT: ["tight", "warn"], FIT_LOOSE: ["loose", "warn"] };

/**
 * How one worn product stands: "seen", "held" or "unseen".
 * @param {string} sku
 * @param {import("./meshes.js").Placement[]} placements
 */
export function standing(sku, placements) {
  const own = placements.filter((one) => one.sku === sku);
  const tracked = own.filter((one) =>
    ["TRACKING_STATE_TRACKING", "TRACKING_STATE_UNSPECIFIED"].includes(one.state));
  if (tracked.some((one) => one.visibility > HARDLY_SEEN)) return "seen";
  return own.some((one) => one.state === "TRACKING_STATE_HELD") ? "held" : "unseen";
}

/**
 * A sentence on what the mirror cannot see, or an empty one.
 * @param {object[]} worn products
 * @param {import("./meshes.js").Placement[]} placements
 */
export function seeingText(worn, placements) {
  const states = worn.map((one) => [partOf(kindOfProduct(one)), standing(one.sku, placements)]);
  for (const state of ["unseen", "held"]) {
    const part = states.find((one) => one[1] === state)?.[0];
    if (part) return t(`mirror.${state}.${part}`);
  }
  return "";
}

/** The best scale among placements on a face: the one that is known. */
function faceScale(placements) {
  const scales = placements
    .filter((one) => one.subject === 0 && one.state !== "TRACKING_STATE_LOST")
    .map((one) => one.scale).filter((one) => one?.face_width_mm > 0 && KNOWN.has(one.source));
  return scales[0];
}

/**
 * The badge of true scale: "Face 142 mm, about 3 mm either way", or why it is not known.
 * @param {object[]} worn products
 * @param {import("./meshes.js").Placement[]} placements
 * @returns {{text: string, tone: "ok" | "warn" | ""}}
 */
export function scaleBadge(worn, placements) {
  const live = placements.filter((one) => one.state !== "TRACKING_STATE_LOST");
  if (!worn.length || !live.length) return { text: "", tone: "" };
  const scale = faceScale(live);
  if (scale) {
    const values = { width: millimetres(scale.face_width_mm), sigma: millimetres(scale.sigma_mm) };
    const source = scale.source === "SCALE_SOURCE_REFERENCE" ? "card" : "known";
    return { text: t(`mirror.scale.${source}`, values), tone: "ok" };
  }
  const faces = worn.some((one) => partOf(kindOfProduct(one)) === "face");
  return { text: t(faces ? "mirror.scale.unknown" : "mirror.scale.average"), tone: "warn" };
}

function millimetres(value) {
  return formatNumber(Math.max(1, Math.round(value)));
}

/**
 * Whether a worn product suits in size.
 * @param {object} product
 * @param {import("./meshes.js").Placement[]} placements
 * @returns {{text: string, tone: string, width: string}} width is empty where it is not known
 */
export function fitBadge(product, placements) {
  const own = placements.find((one) => one.sku === product.sku && one.subject === 0);
  const [name, tone] = FITS[own?.fit] ?? ["unknown", ""];
  const width_mm = product.try_on_asset?.width_mm ?? 0;
  const width = width_mm > 0 ? t("mirror.width", { width: millimetres(width_mm) }) : "";
  const told = own && SIZED.has(kindOfProduct(product));
  return { text: told ? t(`mirror.fit.${name}`) : "", tone, width };
}
