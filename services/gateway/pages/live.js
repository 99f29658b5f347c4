// Frames to the gateway and answers back, over one WebSocket that is kept up.
//
// A frame is a binary message: 4 bytes big-endian length of a header, the header as JSON
// {"seq", "capture_time_us"}, the picture. An answer carries the frame's `seq` and
// acknowledges that frame and all before it.

import { Problem } from "/api.js";
import { grabJpeg, nextFrame } from "/camera.js";

const MOST_UNDER_WAY = 3;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
/** A frame that nobody answers, for as long as this, no longer holds its place. */
const LOST_AFTER_MS = 15000;
/** RFC 6455 and the gateway: coming again with the same would not help. */
const FINAL_CODES = new Set([1007, 1008]);

/**
 * A frame that was sent, kept until it is answered.
 * @typedef {object} Frame
 * @property {number} seq
 * @property {ArrayBuffer} bytes
 * @property {Blob} blob
 * @property {ImageBitmap} bitmap
 * @property {number} width
 * @property {number} height
 * @property {number} captureTimeUs
 * @property {number} sentMs when it was sent, on the clock of `performance.now()`
 */

/** One socket for frames; reconnects by itself. */
export class LiveSocket {
  #url; #options; #handlers; #socket; #timer; #refusal; #shown;
  #failures = 0;
  #seq = 0;
  #frames = new Map();
  #waiting = [];
  #closed = false;

  /**
   * @param {string} url "/v1/scan" or "/v1/tryon"
   * @param {object} options the stream's first message
   * @param {object} handlers
   * @param {(answer: object, frame: Frame) => void | Promise<void>} handlers.onAnswer draw on
   *   `frame.bitmap`: it is closed once the next answer was handled, awaited where that takes time;
   *   that of a refused frame at once
   * @param {(problem: Problem, final: boolean) => void} [handlers.onProblem] final = closed for good
   * @param {(state: "connecting"|"open"|"waiting"|"closed") => void} [handlers.onState]
   */
  constructor(url, options, handlers) {
    this.#url = new URL(url, location.href);
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
    this.#options = options;
    this.#handlers = handlers;
    this.#connect();
  }

  /** Whether a frame would be taken now. */
  get hasRoom() {
    return this.#socket?.readyState === WebSocket.OPEN && this.#frames.size < MOST_UNDER_WAY;
  }

  /** Resolves with true when a frame would be taken, with false once closed. */
  async room() {
    while (!this.#closed && !this.hasRoom) {
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
    return !this.#closed;
  }

  /**
   * Send a frame; its bitmap is this socket's from now on.
   * @param {{bytes: ArrayBuffer, bitmap: ImageBitmap, captureTimeUs: number}} taken of `grabJpeg`
   * @returns {boolean} whether it was taken
   */
  send(taken) {
    if (!this.hasRoom) {
      taken.bitmap?.close();
      return false;
    }
    const frame = { ...taken, seq: ++this.#seq, sentMs: performance.now() };
    this.#frames.set(frame.seq, frame);
    frame.lost = setTimeout(() => this.#forget(frame), LOST_AFTER_MS);
    this.#socket.send(frameMessage(frame));
    return true;
  }

  /** Change the stream's options from the next frame on. */
  configure(options) {
    this.#options = options;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(options));
  }

  /** Close for good. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#drop();
    this.#shown?.bitmap?.close();
    this.#tell("closed");
    this.#wake();
  }

  #connect() {
    this.#tell("connecting");
    this.#refusal = undefined;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify(this.#options));
      this.#tell("open");
      this.#wake();
    });
    socket.addEventListener("message", (event) => this.#receive(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => this.#ended(socket, event.code));
  }

  #receive({ answer, problem }) {
    if (this.#closed) return;
    if (problem) this.#refusal = Problem.fromJson(problem);
    else this.#answered(answer);
  }

  #answered(answer) {
    this.#failures = 0;
    const seq = Number(answer.seq);
    const frame = this.#frames.get(seq);
    for (const [number, sent] of this.#frames) if (number <= seq) this.#release(sent, sent !== frame);
    if (frame) {
      // A refused frame is not drawn: the one before it still stands on the screen.
      const done = answer.refusal ? frame : this.#shown;
      if (!answer.refusal) this.#shown = frame;
      const handled = this.#handlers.onAnswer(answer, frame);
      if (handled) handled.finally(() => done?.bitmap?.close());
      else done?.bitmap?.close();
    }
    this.#wake();
  }

  #ended(socket, code) {
    if (socket !== this.#socket || this.#closed) return;
    this.#drop();
    const final = FINAL_CODES.has(code);
    this.#handlers.onProblem?.(this.#refusal ?? new Problem({ reason: "SOCKET_LOST" }), final);
    if (final) {
      this.close();
      return;
    }
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures++, LONGEST_WAIT_MS);
    this.#tell("waiting");
    this.#timer = setTimeout(() => this.#connect(), wait * (0.75 + Math.random() / 2));
  }

  #release(frame, close) {
    clearTimeout(frame.lost);
    this.#frames.delete(frame.seq);
    if (close) frame.bitmap?.close();
  }

  #forget(frame) {
    this.#release(frame, true);
    this.#wake();
  }

  #drop() {
    for (const frame of this.#frames.values()) this.#release(frame, true);
  }

  #wake() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #tell(state) {
    this.#handlers.onState?.(state);
  }
}

/**
 * A frame as the gateway reads it. Bytes, not a Blob: developer tools list those, so that
 * everybody can see what is sent.
 * @param {{seq: number, captureTimeUs: number, bytes: ArrayBuffer}} frame
 * @returns {Uint8Array}
 */
export function frameMessage({ seq, captureTimeUs, bytes }) {
  const header = new TextEncoder().encode(JSON.stringify({ seq, capture_time_us: captureTimeUs }));
  const message = new Uint8Array(4 + header.length + bytes.byteLength);
  new DataView(message.buffer).setUint32(0, header.length);
  message.set(header, 4);
  message.set(new Uint8Array(bytes), 4 + header.length);
  return message;
}

/**
 * Send a source's frames as fast as they are answered, until told to stop.
 * @param {import("/camera.js").Source} source
 * @param {LiveSocket} socket
 * @param {{signal: AbortSignal, maxSide?: number, quality?: number, minIntervalMs?: number}} options
 * @returns {Promise<void>} resolves when stopped or when the socket is closed for good
 */
export async function pump(source, socket, { signal, maxSide, quality, minIntervalMs = 0 }) {
  while (!signal.aborted && await socket.room()) {
    await nextFrame(source);
    if (signal.aborted || document.hidden) continue;
    const taken = await grabJpeg(source, { maxSide, quality });
    if (signal.aborted) taken.bitmap.close();
    else socket.send(taken);
    if (minIntervalMs) await new Promise((resolve) => setTimeout(resolve, minIntervalMs));
  }
}
