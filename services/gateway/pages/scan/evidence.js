// Why the scanner decided as it did: what spoke, for which product, and what disagrees.

import { t } from "/i18n.js";
import { icon, make } from "/shell/elements.js";

const EVIDENCE = {
  EVIDENCE_KIND_CODE: ["code", "code"],
  EVIDENCE_KIND_APPEARANCE: ["appearance", "eye"],
  EVIDENCE_KIND_GEOMETRY: ["geometry", "detail"],
  EVIDENCE_KIND_TEXT: ["text", "text"],
};
const CONFLICTS = {
  CONFLICT_KIND_CODE_LOOK_MISMATCH: "mismatch",
  CONFLICT_KIND_CODES_DISAGREE: "codes",
  CONFLICT_KIND_CODE_NOT_IN_CATALOG: "stranger",
};
/** A log-likelihood ratio that fills the bar: odds of about 22000 to 1. */
const STRONGEST = 10;
/** Below this it speaks against; around zero it says next to nothing. */
const AGAINST = -1;
/** Odds of less than 5 to 3 either way. */
const LITTLE = 0.5;

function strength(ratio) {
  const meter = make("meter", {
    min: 0, max: STRONGEST, value: Math.min(Math.abs(ratio), STRONGEST), "aria-label": t("scan.why.strength"),
  });
  meter.classList.toggle("against", ratio < AGAINST);
  return meter;
}

/** What a piece of evidence is, in the language of the page: the service's sentence is English. */
function wordsOf(evidence, item) {
  if (evidence.kind === "EVIDENCE_KIND_CODE") {
    const product = item.candidates.find((one) => one.product.sku === evidence.sku)?.product;
    const own = item.codes.filter((code) => product?.gtins.includes(code.gtin) || code.text === evidence.sku);
    return own.map((code) => `${code.symbology} ${code.text}`).join(", ") || t("scan.why.code.read");
  }
  if (evidence.kind === "EVIDENCE_KIND_GEOMETRY") return t("scan.why.geometry.agrees");
  if (evidence.kind === "EVIDENCE_KIND_TEXT") return t("scan.why.text.read");
  return t(evidence.log_likelihood_ratio < AGAINST ? "scan.why.looks.unlike" : "scan.why.looks.like");
}

/** For which product it speaks, or against; beside stronger evidence it may add next to nothing. */
function verdictOf({ log_likelihood_ratio: ratio }, item, name) {
  if (ratio < AGAINST) return t("scan.why.against", { name });
  const isBeside = item.evidence.length > 1 && Math.abs(ratio) < LITTLE;
  return t(isBeside ? "scan.why.little" : "scan.why.for", { name });
}

function line(evidence, item) {
  const name = item.candidates.find((one) => one.product.sku === evidence.sku)?.product.title ?? evidence.sku;
  const [kind, drawing] = EVIDENCE[evidence.kind] ?? EVIDENCE.EVIDENCE_KIND_APPEARANCE;
  return make("li", {}, icon(drawing),
    make("div", {}, make("strong", {}, t(`scan.why.${kind}`)),
      make("span", { class: "soft" }, `${wordsOf(evidence, item)} · ${verdictOf(evidence, item, name)}`)),
    strength(evidence.log_likelihood_ratio));
}

function codeLine(code) {
  return make("li", {}, icon("code"), make("div", {},
    make("strong", {}, code.symbology), make("code", {}, code.gtin || code.text)));
}

/**
 * A disclosure of the evidence behind an item.
 * @param {object} item a ScannedItem
 * @returns {HTMLDetailsElement}
 */
export function whyOf(item) {
  const lines = item.evidence.map((one) => line(one, item));
  const codes = item.codes.map(codeLine);
  const frames = item.frames_to_decide > 0
    && make("p", { class: "small soft" }, t("scan.why.frames", { count: item.frames_to_decide }));
  return make("details", { class: "why" },
    make("summary", {}, t("scan.why")),
    make("ul", { class: "plain" }, lines, codes),
    lines.length + codes.length === 0 && make("p", { class: "small soft" }, t("scan.why.nothing")),
    frames);
}

/**
 * One warning for each disagreement.
 * @param {object} item a ScannedItem
 * @returns {HTMLElement[]}
 */
export function conflictsOf(item) {
  return item.conflicts.map((conflict) => make("div", { class: "notice warn" }, icon("warn"),
    make("div", {},
      make("strong", {}, t(`scan.conflict.${CONFLICTS[conflict.kind] ?? "mismatch"}`)),
      make("p", { class: "small" }, t(`scan.conflict.${CONFLICTS[conflict.kind] ?? "mismatch"}.what`)))));
}
