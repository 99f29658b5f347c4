// What scanning's answers are called here.

import { formatPercent, t } from "/i18n.js";

const KINDS = {
  DECISION_IDENTIFIED: "identified",
  DECISION_AMBIGUOUS: "ambiguous",
  DECISION_UNKNOWN: "unknown",
};

/**
 * @param {object} item a ScannedItem
 * @returns {"identified"|"ambiguous"|"unknown"|"conflict"}
 */
export function kindOf(item) {
  return item.conflicts?.length ? "conflict" : KINDS[item.decision] ?? "unknown";
}

/**
 * @param {object} item a ScannedItem
 * @returns {string} what it is called: its product, or what is not known about it
 */
export function titleOf(item) {
  if (item.product) return item.product.title;
  return t(`scan.title.${kindOf(item)}`);
}

/**
 * @param {object} item a ScannedItem
 * @returns {string} how sure, in words
 */
export function sureness(item) {
  return t(`scan.sure.${KINDS[item.decision] ?? "unknown"}`, { share: formatPercent(item.probability) });
}

/**
 * @param {object|undefined} offer an Offer
 * @returns {{text: string, tone: "ok"|"warn"|""}} the stock in the store that was asked about
 */
export function offerWords(offer) {
  if (!offer?.store_id) return { text: "", tone: "" };
  if (offer.availability === "AVAILABILITY_IN_STOCK") {
    return { text: t("shell.stock.here", { count: offer.quantity }), tone: "ok" };
  }
  if (offer.availability === "AVAILABILITY_OUT_OF_STOCK") return { text: t("shell.stock.none"), tone: "warn" };
  return { text: t("shell.stock.unknown"), tone: "" };
}
