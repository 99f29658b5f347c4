// Plays a motion JPEG: pictures one after the other in one file. No browser plays such a file,
// every browser reads its pictures, and no codec is needed to make one.

const FRAMES_PER_S = 12;
/** ITU-T T.81: a picture begins with SOI and ends with EOI; neither occurs within its data. */
const MARK = 0xff;
const BEGIN = 0xd8;
const END = 0xd9;

/** Media type of the files that `playMotionJpeg` plays. */
export const MOTION_JPEG = "video/x-motion-jpeg";

/**
 * Part a file into its pictures.
 * @param {Uint8Array} bytes
 * @returns {Blob[]}
 */
export function picturesOf(bytes) {
  const found = [];
  let begin = -1;
  for (let at = bytes.indexOf(MARK); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(MARK, at + 1)) {
    if (bytes[at + 1] === BEGIN && begin < 0) begin = at;
    if (bytes[at + 1] === END && begin >= 0) {
      found.push(new Blob([bytes.subarray(begin, at + 2)], { type: "image/jpeg" }));
      begin = -1;
    }
  }
  return found;
}

/**
 * Play a file there and back, again and again, on a canvas.
 * @param {string} url
 * @returns {Promise<{element: HTMLCanvasElement, stop: () => void}>} resolves with the first
 *   picture drawn
 * @throws {Error} there is no picture in it
 */
export async function playMotionJpeg(url) {
  const response = await fetch(url);
  const pictures = picturesOf(new Uint8Array(await response.arrayBuffer()));
  if (pictures.length === 0) throw new Error("there is no picture in this clip");
  const element = document.createElement("canvas");
  await draw(pictures[0], element);
  let step = 0;
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    step = (step + 1) % Math.max(1, 2 * pictures.length - 2);
    await draw(pictures[Math.min(step, 2 * pictures.length - 2 - step)], element);
    busy = false;
  }, 1000 / FRAMES_PER_S);
  return { element, stop: () => clearInterval(timer) };
}

async function draw(picture, canvas) {
  const bitmap = await createImageBitmap(picture);
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  }
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
}
