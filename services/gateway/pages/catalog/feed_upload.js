// Sends a product feed and reads the news of its import, a line of JSON each.
//
// By XMLHttpRequest: it says how much of the feed is sent, and a streamed answer that was read
// to its end is a finished request in Chromium's network log, where fetch's reader leaves an
// aborted one (seen with Chromium 156 and any chunked answer).

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
 * @param {object} told
 * @param {(share: number) => void} told.onSent how much of the feed is sent, 0..1
 * @param {(news: object) => void} told.onNews each ImportFeedResponse
 * @param {AbortSignal} signal ends it; what was imported stays
 * @throws {Problem} it was refused, or the import broke off
 */
export async function sendFeed(file, options, { onSent, onNews }, signal) {
  const params = new URLSearchParams({ file_name: file.name });
  Object.entries(options).forEach(([name, value]) => { if (value) params.set(name, value); });
  const request = new XMLHttpRequest();
  request.open("POST", `${PATH}?${params}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.addEventListener("progress", ({ loaded, total }) => onSent(loaded / Math.max(total, 1)));
  const news = new News(request, onNews);
  request.addEventListener("progress", () => news.read());
  await ended(request, file, signal);
  if (request.status !== 200) throw refusal(request);
  news.finish();
}

/** Resolves when there is an answer, whole or broken off; rejects when there is none. */
function ended(request, file, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => request.abort();
    signal.addEventListener("abort", stop);
    request.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
    request.addEventListener("load", resolve);
    request.addEventListener("abort", () => reject(new DOMException("stopped by hand", "AbortError")));
    request.addEventListener("error", () => reject(new Problem({
      reason: request.status ? "IMPORT_BROKEN_OFF" : "NETWORK_UNREACHABLE",
    })));
    request.send(file);
  });
}

function refusal({ status, statusText, responseText }) {
  try {
    return Problem.fromJson(JSON.parse(responseText));
  } catch {
    return new Problem({ status, reason: "HTTP_ERROR", detail: statusText });
  }
}

/** The lines of an answer, each told as soon as it is whole. */
class News {
  #at = 0;
  #ended = false;
  #problem;

  constructor(request, onNews) {
    Object.assign(this, { request, onNews });
  }

  read() {
    if (this.request.status !== 200) return;
    const text = this.request.responseText;
    const end = text.lastIndexOf("\n") + 1;
    const lines = text.slice(this.#at, end).split("\n").filter((line) => line.trim());
    this.#at = Math.max(end, this.#at);
    for (const line of lines) this.#tell(JSON.parse(line));
  }

  /** @throws {Problem} the import went wrong, or there is no result */
  finish() {
    this.read();
    if (this.#problem) throw Problem.fromJson(this.#problem);
    if (!this.#ended) throw new Problem({ reason: "IMPORT_BROKEN_OFF" });
  }

  #tell(news) {
    this.#problem ??= news.problem;
    this.#ended ||= Boolean(news.result);
    if (!news.problem) this.onNews(news);
  }
}
