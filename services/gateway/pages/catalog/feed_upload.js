// Sends a product feed and reads the news of its import, a line of JSON each.

import { Problem, getJson } from "/api.js";

const PATH = "/v1/import";

/**
 * @returns {Promise<{allowed: boolean, reason: string, max_bytes: string}>} whether a feed may
 *   be sent from here
 */
export const importAllowed = () => getJson(PATH);

/**
 * Send a feed.
 * @param {File} file the feed
 * @param {{store: string, currency: string}} options whose stock it sets, and the currency of
 *   prices that name none; empty = none
 * @param {(news: object) => void} onNews told each ImportFeedResponse
 * @param {AbortSignal} signal ends it; what was imported stays
 * @throws {Problem} it was refused, or the import broke off
 */
export async function sendFeed(file, options, onNews, signal) {
  const params = new URLSearchParams({ file_name: file.name });
  Object.entries(options).forEach(([name, value]) => { if (value) params.set(name, value); });
  const headers = { "Content-Type": "application/octet-stream" };
  const response = await fetch(`${PATH}?${params}`, { method: "POST", headers, body: file, signal });
  if (!response.ok) throw await refusal(response);
  let ended = false;
  for await (const news of lines(response.body)) {
    if (news.problem) throw Problem.fromJson(news.problem);
    ended ||= Boolean(news.result);
    onNews(news);
  }
  if (!ended) throw new Problem({ reason: "IMPORT_BROKEN_OFF" });
}

async function refusal(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (type.includes("json")) return Problem.fromJson(await response.json());
  return new Problem({ status: response.status, reason: "HTTP_ERROR", detail: response.statusText });
}

/** Each line of a body, parsed as soon as it is whole. */
async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const parts = (rest + (value ?? "")).split("\n");
    rest = parts.pop();
    yield* parts.filter((line) => line.trim()).map((line) => JSON.parse(line));
    if (done) break;
  }
  if (rest.trim()) yield JSON.parse(rest);
}
