// Where frames come from: a camera, a file, or a sample of the shop.

import { Problem, getJson } from "/api.js";
import { encodeJpeg } from "/camera/encoding.js";
import { MOTION_JPEG, playMotionJpeg } from "/camera/motion_jpeg.js";

const REASONS = {
  NotAllowedError: "CAMERA_DENIED", SecurityError: "CAMERA_DENIED", NotFoundError: "CAMERA_NONE",
  OverconstrainedError: "CAMERA_NONE", NotReadableError: "CAMERA_BUSY", AbortError: "CAMERA_BUSY",
};

/**
 * What frames are taken from.
 * @typedef {object} Source
 * @property {"video"|"image"} kind an image has one frame only
 * @property {HTMLVideoElement|HTMLImageElement|HTMLCanvasElement} element
 * @property {boolean} live whether it is a camera
 * @property {() => void} stop gives camera and memory back
 */

/**
 * Open a camera.
 * @param {object} [options]
 * @param {"environment"|"user"} [options.facing] which one, where there are two
 * @param {() => void} [options.onEnded] called when it is unplugged or taken away
 * @returns {Promise<MediaStream>}
 * @throws {Problem} CAMERA_DENIED, CAMERA_NONE, CAMERA_BUSY or CAMERA_INSECURE
 */
export async function openCamera({ facing = "environment", onEnded } = {}) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Problem({ reason: "CAMERA_INSECURE" });
  const video = { facingMode: { ideal: facing }, width: { ideal: 1280 }, height: { ideal: 720 } };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    if (onEnded) stream.getVideoTracks()[0].addEventListener("ended", onEnded);
    return stream;
  } catch (error) {
    throw new Problem({ reason: REASONS[error.name] ?? "CAMERA_NONE", detail: error.message });
  }
}

/** @returns {Promise<{name: string, url: string, mime_type: string}[]>} pictures and clips to try */
export async function listSamples() {
  return (await getJson("/v1/samples")).samples;
}

/**
 * Open a camera, a file or a sample as a source of frames.
 * @param {{camera?: "environment"|"user", file?: Blob, sample?: {url: string, mime_type: string},
 *   onEnded?: () => void}} what one of camera, file and sample
 * @returns {Promise<Source>}
 * @throws {Problem} of `openCamera`, or SAMPLE_UNREADABLE
 */
export async function openSource({ camera, file, sample, onEnded }) {
  if (camera) return cameraSource(await openCamera({ facing: camera, onEnded }));
  const url = file ? URL.createObjectURL(file) : sample.url;
  const type = file ? file.type : sample.mime_type;
  const stop = () => { if (file) URL.revokeObjectURL(url); };
  try {
    if (type === MOTION_JPEG) return await motionSource(url, stop);
    return type.startsWith("video/") ? await clipSource(url, stop) : await imageSource(url, stop);
  } catch (error) {
    stop();
    throw new Problem({ reason: "SAMPLE_UNREADABLE", detail: error.message });
  }
}

function videoElement() {
  return Object.assign(document.createElement("video"), { muted: true, playsInline: true });
}

async function cameraSource(stream) {
  const element = Object.assign(videoElement(), { srcObject: stream });
  await element.play();
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    element.srcObject = null;
  };
  return { kind: "video", element, live: true, stop };
}

async function clipSource(url, release) {
  const element = Object.assign(videoElement(), { src: url, loop: true });
  await element.play();
  const stop = () => {
    element.pause();
    element.removeAttribute("src");
    element.load();
    release();
  };
  return { kind: "video", element, live: false, stop };
}

async function motionSource(url, release) {
  const { element, stop } = await playMotionJpeg(url);
  const end = () => {
    stop();
    release();
  };
  return { kind: "video", element, live: false, stop: end };
}

async function imageSource(url, stop) {
  const element = Object.assign(new Image(), { src: url });
  await element.decode();
  return { kind: "image", element, live: false, stop };
}

/**
 * @param {Source} source
 * @returns {{width: number, height: number}} the size of its frames in pixels; 0 = none as yet
 */
export function frameSize({ element }) {
  return {
    width: element.videoWidth ?? element.naturalWidth ?? element.width,
    height: element.videoHeight ?? element.naturalHeight ?? element.height,
  };
}

/**
 * Take a frame: as JPEG to send, and as the very same pixels to draw an answer on.
 * @param {Source} source
 * @param {{maxSide?: number, quality?: number}} [options] longer side in pixels; JPEG quality 0..1
 * @returns {Promise<{bytes: ArrayBuffer, blob: Blob, bitmap: ImageBitmap, width: number,
 *   height: number, captureTimeUs: number}>} the bitmap is the caller's to close
 */
export async function grabJpeg(source, { maxSide = 1280, quality = 0.85 } = {}) {
  const size = frameSize(source);
  const scale = Math.min(1, maxSide / Math.max(size.width, size.height, 1));
  const width = Math.max(1, Math.round(size.width * scale));
  const height = Math.max(1, Math.round(size.height * scale));
  const captureTimeUs = Math.round(performance.now() * 1000);
  const options = { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" };
  // A frame of its own, where browsers have such: then both are made of the very same one.
  const isVideo = source.element instanceof HTMLVideoElement;
  const frame = isVideo && window.VideoFrame && new VideoFrame(source.element);
  const bitmap = await createImageBitmap(frame || source.element, options);
  const bytes = await encodeJpeg(frame || bitmap, { width, height, quality });
  const blob = new Blob([bytes], { type: "image/jpeg" });
  return { bytes, blob, bitmap, width, height, captureTimeUs };
}

/**
 * Wait until a source has a frame that was not there before.
 * @param {Source} source
 * @returns {Promise<void>}
 */
export function nextFrame({ element, kind }) {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, kind === "image" ? 250 : 1000);
    if (kind === "image") return;
    const come = () => {
      clearTimeout(late);
      resolve();
    };
    if (element.requestVideoFrameCallback) element.requestVideoFrameCallback(come);
    else requestAnimationFrame(come);
  });
}
