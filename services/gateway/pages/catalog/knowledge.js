// How far recognition has followed the catalogue, and what that means for one product.

import { getJson } from "/api.js";

const SOON_MS = 1000;
const LATER_MS = 15_000;

/**
 * @typedef {object} Knowledge
 * @property {object | null} catalog GetCatalogStatusResponse; null = the catalogue is away
 * @property {object | null} index GetIndexStatusResponse; null = visual search is away
 */

/** Reads the status again and again: often while recognition follows, seldom otherwise. */
export class Follower {
  /** @param {(knowledge: Knowledge) => void} onKnown told after each reading */
  constructor(onKnown) {
    this.onKnown = onKnown;
    /** @type {Knowledge} */
    this.knowledge = { catalog: null, index: null };
    this.timer = 0;
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.soon(0); });
  }

  /** @param {number} [pause_ms] when to read next */
  soon(pause_ms = SOON_MS / 4) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#read(), pause_ms);
  }

  async #read() {
    if (document.hidden) return;
    try {
      const { catalog, index } = await getJson("/v1/status");
      this.knowledge = { catalog, index };
    } catch (problem) {
      console.info(`the status is not to be had: ${problem.message}`);
      this.knowledge = { catalog: null, index: null };
    }
    this.onKnown(this.knowledge);
    this.soon(behind(this.knowledge) === 0 ? LATER_MS : SOON_MS);
  }
}

/**
 * @param {Knowledge} knowledge as read
 * @returns {number | null} revisions that recognition has yet to apply; null = not known
 */
export function behind({ catalog, index }) {
  if (!catalog || !index) return null;
  return Math.max(Number(catalog.revision) - Number(index.applied_revision), 0);
}

/**
 * @param {Knowledge} knowledge as read
 * @returns {number | null} revisions whose local features are yet to come; null = not known
 */
export function printBehind({ catalog, index }) {
  if (!catalog || !index) return null;
  return Math.max(Number(catalog.revision) - Number(index.local_features_revision), 0);
}

/**
 * @param {object} product Product
 * @param {Knowledge} knowledge as read
 * @returns {{state: "archived" | "no_photo" | "unknown" | "waiting" | "problem" | "print" | "ready",
 *   mood: "" | "ok" | "warn" | "bad", message: string}} what recognition thinks of it
 */
export function standing(product, { index }) {
  const told = (state, mood, message = "") => ({ state, mood, message });
  if (product.status === "PRODUCT_STATUS_ARCHIVED") return told("archived", "");
  if (!product.reference_images.length) return told("no_photo", "warn");
  if (!index) return told("unknown", "");
  const revision = Number(product.revision);
  if (revision > Number(index.applied_revision)) return told("waiting", "warn");
  const problem = index.problems.find((one) => one.sku === product.sku);
  if (problem) return told("problem", "bad", problem.message);
  if (revision > Number(index.local_features_revision)) return told("print", "ok");
  return told("ready", "ok");
}
