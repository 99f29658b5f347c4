// Frames of a source to the scanning service: a stream for moving pictures, one call for a photo.

import { postImage } from "/api.js";
import { grabJpeg } from "/camera.js";
import { LiveSocket, pump } from "/live.js";

/** A photo is looked at as large as it is sent; a stream trades size for pace. */
const PHOTO_SIDE = 1920;
const STREAM_SIDE = 1280;

/** Runs one source at a time. */
export class Scanner {
  #handlers; #socket; #source; #stopping; #store = "";
  #held = false;
  #troubled = false;

  /**
   * @param {object} handlers
   * @param {(items: object[], frame: {bitmap: ImageBitmap, width: number, height: number}) => void}
   *   handlers.onItems the ScannedItems of a frame, to be drawn on that frame
   * @param {(state: string) => void} handlers.onState looking, connecting, open, waiting or closed
   * @param {(problem?: Error) => void} handlers.onProblem without one: it is over
   */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** Whether frames of a stream come in. */
  get isLive() {
    return Boolean(this.#socket);
  }

  /** @returns {import("/camera.js").Source|undefined} what is scanned */
  get source() {
    return this.#source;
  }

  /**
   * Scan a source until it is stopped, or once when it is a picture.
   * @param {import("/camera.js").Source} source
   * @param {string} store
   */
  async run(source, store) {
    this.#source = source;
    this.#store = store;
    if (source.kind === "image") await this.#once();
    else this.#stream();
  }

  async #once() {
    const source = this.#source;
    this.#handlers.onState("looking");
    const taken = await grabJpeg(source, { maxSide: PHOTO_SIDE, quality: 0.92 });
    this.#handlers.onItems([], taken);
    const answer = await postImage("/v1/scan", { store: this.#store }, taken.blob);
    if (source !== this.#source) return;
    this.#handlers.onItems(answer.items, taken);
    this.#handlers.onState("open");
  }

  #stream() {
    this.#stopping = new AbortController();
    this.#held = false;
    this.#socket = new LiveSocket("/v1/scan", this.#options(), {
      onAnswer: (answer, frame) => this.#answered(answer, frame),
      onProblem: (problem) => this.#tell(problem),
      onState: (state) => this.#handlers.onState(state),
    });
    const options = { signal: this.#stopping.signal, maxSide: STREAM_SIDE, minIntervalMs: 30 };
    pump(this.#source, this.#socket, options).catch((error) => this.#tell(error));
  }

  #answered(answer, frame) {
    if (this.#held) return;
    if (answer.refusal) this.#tell({ ...answer.refusal, detail: answer.refusal.message });
    else {
      if (this.#troubled) this.#tell();
      this.#handlers.onItems(answer.items, frame);
    }
  }

  #tell(problem) {
    this.#troubled = Boolean(problem);
    this.#handlers.onProblem(problem);
  }

  /** End the stream and scan the picture of this moment as a whole. */
  async hold() {
    this.#held = true;
    this.#endStream();
    await this.#once();
  }

  /** Another store, from the next frame on; a photo is asked about again. */
  configure(store) {
    this.#store = store;
    this.#socket?.configure(this.#options());
    if (this.#source?.kind === "image") this.#once().catch((error) => this.#handlers.onProblem(error));
  }

  /** End, and give the camera back. */
  stop() {
    this.#endStream();
    this.#source?.stop();
    this.#source = undefined;
  }

  #endStream() {
    this.#stopping?.abort();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #options() {
    return { store_id: this.#store };
  }
}
