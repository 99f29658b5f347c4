// Codes bitmaps as JPEG in a worker: on the page itself a browser puts that off until it is idle.

import { Problem } from "/api.js";

const waiting = new Map();
let worker;
let last = 0;

function started() {
  const made = new Worker("/camera/encoder.js");
  made.addEventListener("message", ({ data: { id, bytes, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (bytes) resolve(bytes);
    else reject(new Problem({ reason: "FRAME_NOT_CODED", detail: error }));
  });
  made.addEventListener("error", (event) => {
    const problem = new Problem({ reason: "FRAME_NOT_CODED", detail: event.message });
    for (const { reject } of waiting.values()) reject(problem);
    waiting.clear();
    worker = undefined;
  });
  return made;
}

/**
 * @param {VideoFrame|ImageBitmap} picture a frame is given away, a bitmap stays the caller's
 * @param {{width: number, height: number, quality: number}} how size in pixels; quality 0..1
 * @returns {Promise<ArrayBuffer>}
 */
export function encodeJpeg(picture, how) {
  worker ??= started();
  const id = ++last;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, picture, ...how }, picture instanceof ImageBitmap ? [] : [picture]);
  });
}
