// Asks the gateway: the question, the photo and the region become one SearchRequest.

import { getJson, postImage, postJson } from "/api.js";
import { filterOf } from "./question.js";

const SEARCH = "/v1/search";
const BUSY = new Set([429, 503, 504]);
const PAUSE_MS = 1000;

/** How many results are shown at first, and with each "more". */
export const PAGE = 24;

/**
 * @typedef {object} Asked
 * @property {import("./question.js").Question} question what is asked
 * @property {Blob | null} photo the picture; null = none
 * @property {import("./box.js").Box | null} region where in it; null = the whole
 * @property {string} storeId the chosen store; empty = none
 * @property {number} topK how many results
 * @property {boolean} [explain] whether to say why each matches
 */

/**
 * @param {Asked} asked what to look for
 * @param {AbortSignal} [signal] ends it early
 * @returns {Promise<{group: object, provenance: object}>} SearchResultGroup and Provenance
 * @throws {import("/api.js").Problem} the gateway refused
 */
export async function search(asked, signal) {
  const request = searchRequest(asked);
  const answer = asked.photo
    ? await postImage(SEARCH, {}, asked.photo, { request, signal })
    : await postJson(SEARCH, request, { signal });
  return { group: answer.groups[0] ?? { results: [] }, provenance: answer.provenance };
}

/**
 * @param {Asked} asked what to look for
 * @returns {object} SearchRequest in JSON, without the image
 */
export function searchRequest({ question, photo, region, storeId, topK, explain = false }) {
  return {
    ...(photo ? { regions: region ? [region] : [], explain } : { sku: question.sku }),
    text: question.text,
    filter: filterOf(question, storeId),
    top_k: topK,
    store_id: storeId,
  };
}

/**
 * @param {Blob} photo a picture
 * @param {AbortSignal} [signal] ends it early
 * @returns {Promise<{box: import("./box.js").Box, title: string}[]>} the things that scanning
 *   finds in it; the title is empty where it is not sure
 */
export async function proposals(photo, signal) {
  const scanned = await onceAgain(() => postImage("/v1/scan", { max_items: 12 }, photo, { signal }));
  return scanned.items.map((item) => ({ box: item.box, title: item.product?.title ?? "" }));
}

/** What was too busy is asked once more: the first look after a start takes longest. */
async function onceAgain(ask) {
  try {
    return await ask();
  } catch (problem) {
    if (!BUSY.has(problem.status)) throw problem;
    await new Promise((resolve) => { setTimeout(resolve, problem.retryAfterMs || PAUSE_MS); });
    return ask();
  }
}

/**
 * @param {string[]} skus keys of products
 * @returns {Promise<object[]>} the products that exist
 */
export async function productsOf(skus) {
  return (await getJson("/v1/products:batchGet", { sku: skus })).products;
}
