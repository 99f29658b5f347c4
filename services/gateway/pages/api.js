// The gateway's REST, as promises; refusals are thrown as `Problem`.

/** What went wrong, with a stable reason (RFC 9457 as this gateway fills it in). */
export class Problem extends Error {
  /**
   * @param {object} told
   * @param {number} [told.status] HTTP status; 0 = the gateway was not reached
   * @param {string} told.reason stable UPPER_SNAKE word
   * @param {string} [told.detail] one sentence for a person
   * @param {{field: string, description: string}[]} [told.violations]
   * @param {number} [told.retryAfterMs]
   */
  constructor({ status = 0, reason, detail = "", violations = [], retryAfterMs = 0 }) {
    super(detail || reason);
    Object.assign(this, { name: "Problem", status, reason, detail, violations, retryAfterMs });
  }

  /** @param {object} told a problem as JSON has it */
  static fromJson(told) {
    return new Problem({ ...told, retryAfterMs: told.retry_after_ms });
  }
}

async function problemOf(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (type.includes("problem+json")) return Problem.fromJson(await response.json());
  return new Problem({ status: response.status, reason: "HTTP_ERROR", detail: response.statusText });
}

function withQuery(path, params = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of [value].flat()) if (one !== undefined && one !== null && one !== "") query.append(name, one);
  }
  return query.size ? `${path}?${query}` : path;
}

async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ reason: "NETWORK_UNREACHABLE", detail: "the shop's server did not answer" });
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/**
 * GET a JSON answer.
 * @param {string} path for example "/v1/stores"
 * @param {Object<string, *>} [params] lists are repeated, empty values are left out
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<object>}
 */
export async function getJson(path, params, { signal } = {}) {
  const response = await ask(withQuery(path, params), { signal });
  return response.json();
}

/**
 * POST a JSON body.
 * @param {string} path
 * @param {object} body
 * @param {{token?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<object>}
 */
export async function postJson(path, body, { token, signal } = {}) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await ask(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  return response.json();
}

/**
 * POST a picture.
 * @param {string} path
 * @param {Object<string, *>} params the query
 * @param {Blob} blob JPEG, PNG or WebP
 * @param {object} [options]
 * @param {string} [options.token] consent token
 * @param {object} [options.request] the contract's request, sent beside the picture
 * @param {string} [options.accept] "image/*" wants the picture itself back: a Blob
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<object|Blob>}
 */
export async function postImage(path, params, blob, { token, request, accept, signal } = {}) {
  const headers = {};
  let body = blob;
  if (token) headers.Authorization = `Bearer ${token}`;
  if (accept) headers.Accept = accept;
  if (request) {
    body = new FormData();
    body.append("image", blob, "image");
    body.append("request", JSON.stringify(request));
  } else headers["Content-Type"] = blob.type || "application/octet-stream";
  const response = await ask(withQuery(path, params), { method: "POST", headers, body, signal });
  const json = (response.headers.get("Content-Type") ?? "").includes("json");
  return json ? response.json() : response.blob();
}

/**
 * @param {string} id a reference image's id
 * @param {160|320|640} [maxSide] of a small copy, in pixels
 * @returns {string} where its bytes are
 */
export function referenceImageUrl(id, maxSide) {
  return withQuery(`/v1/reference-images/${encodeURIComponent(id)}`, { max_side: maxSide });
}

/**
 * @param {object|null|undefined} product
 * @param {160|320|640} [maxSide] of a small copy, in pixels
 * @returns {string} where its first picture is; empty when it has none
 */
export function productImageUrl(product, maxSide) {
  const first = product?.reference_images?.[0];
  return first ? referenceImageUrl(first.id, maxSide) : "";
}
