/** A camera or a clip in the mirror: each frame is shown with the products placed in it. */

import { nextFrame } from "/camera.js";
import { LiveSocket, pump } from "/live.js";
import { isMasked, masksOf } from "./textures.js";

const SENT_SIDE_PX = 960;
const QUALITY = 0.8;
const RATE_OVER = 20;

/**
 * @typedef {object} Handlers
 * @property {(placements: object[]) => void} onPlaced after each frame was drawn
 * @property {(problem: import("/api.js").Problem, final: boolean) => void} onProblem
 */

export class LiveView {
  #stopped = new AbortController();
  /** @type {LiveSocket | null} */
  #socket = null;
  /** @type {AbortController | null} ends what feeds the canvas now */
  #feeding = null;
  #skus = [];
  #card = false;
  #paused = false;
  /** @type {ImageBitmap | null} the last picture, where it is ours to close */
  #own = null;
  /** @type {import("./renderer.js").Scene | null} */
  #scene = null;
  /** The last answer that was drawn. */
  #drawnSeq = 0;
  #times = [];

  /**
   * @param {import("/camera.js").Source} source
   * @param {{token: string, renderer: import("./renderer.js").Renderer,
   *   textures: import("./textures.js").TextureShelf}} with_
   * @param {Handlers} handlers
   */
  constructor(source, { token, renderer, textures }, handlers) {
    Object.assign(this, { source, token, renderer, textures, handlers });
    this.kind = "live";
  }

  /** Whether the picture stands still. */
  get paused() {
    return this.#paused;
  }

  /** Frames a second of late, and milliseconds from camera to mirror. */
  get pace() {
    const { length } = this.#times;
    if (length < 2) return { rate: 0, delay_ms: 0 };
    const span_s = (this.#times[length - 1].shown - this.#times[0].shown) / 1000;
    const delay = this.#times.reduce((sum, one) => sum + one.shown - one.taken, 0) / length;
    return { rate: (length - 1) / span_s, delay_ms: delay };
  }

  /**
   * Follow these products from now on; with none, frames are shown and not sent.
   * @param {string[]} skus
   * @param {{card?: boolean}} [how] a reference card is held to the face
   */
  wear(skus, { card = false } = {}) {
    [this.#skus, this.#card] = [skus, card];
    if (!skus.length) this.#dropSocket();
    else if (this.#socket) this.#socket.configure(this.#options());
    if (!this.#paused) this.#feed();
  }

  /** Let the picture stand still; nothing is sent meanwhile. */
  pause() {
    this.#paused = true;
    this.#feeding?.abort();
    this.#feeding = null;
  }

  /** Go on. */
  resume() {
    this.#paused = false;
    this.#feed();
  }

  /** Show the picture that stands with or without the products. */
  compare(without) {
    if (this.#scene) this.renderer.draw(this.#scene, { overlay: !without });
  }

  /** End it: no frame is taken or sent any more, and none is kept. */
  stop() {
    this.#stopped.abort();
    this.#feeding?.abort();
    this.#dropSocket();
    this.#own?.close();
    closeMasks(this.#scene?.masks);
    this.#own = this.#scene = null;
    this.source.stop();
  }

  #options() {
    const options = { skus: this.#skus, screen_mesh: true, reference_card: this.#card };
    return { consent_token: this.token, options };
  }

  #feed() {
    const how = this.#skus.length ? "sent" : "shown";
    if (this.#stopped.signal.aborted || this.#feeding?.how === how) return;
    this.#feeding?.abort();
    this.#feeding = Object.assign(new AbortController(), { how });
    const { signal } = this.#feeding;
    const work = how === "sent" ? this.#send(signal) : this.#show(signal);
    work.catch((problem) => {
      if (!signal.aborted) this.handlers.onProblem(problem, true);
    });
  }

  #send(signal) {
    this.#socket ??= new LiveSocket("/v1/tryon", this.#options(), {
      onAnswer: (answer, frame) => this.#answered(answer, frame),
      onProblem: (problem, final) => {
        if (final) this.#closedFor(problem);
        else this.handlers.onProblem(problem, false);
      },
    });
    return pump(this.source, this.#socket, { signal, maxSide: SENT_SIDE_PX, quality: QUALITY });
  }

  #closedFor(problem) {
    this.#socket = null;
    this.#feeding?.abort();
    this.#feeding = null;
    this.handlers.onProblem(problem, true);
  }

  /** Draw an answer on its own frame: at once, or as soon as its masks are decoded. */
  #answered(answer, frame) {
    if (answer.refusal) return undefined;
    const { placements } = answer;
    this.textures.fetchFor(placements).catch((problem) => this.handlers.onProblem(problem, false));
    if (!placements.some(isMasked)) return this.#showAnswer(answer, frame);
    const socket = this.#socket;
    const shown = (masks) => {
      const late = socket !== this.#socket || Number(answer.seq) < this.#drawnSeq;
      if (late) closeMasks(masks);
      else this.#showAnswer(answer, frame, masks);
    };
    return masksOf(placements).then(shown, (problem) => {
      this.handlers.onProblem(problem, false);
      shown();
    });
  }

  #showAnswer(answer, frame, masks) {
    this.#drawnSeq = Number(answer.seq);
    this.renderer.canvas.dataset.seq = answer.seq;
    this.#draw({ picture: frame.bitmap, placements: answer.placements, masks });
    this.#times.push({ taken: frame.captureTimeUs / 1000, shown: performance.now() });
    if (this.#times.length > RATE_OVER) this.#times.shift();
    this.handlers.onPlaced(answer.placements);
  }

  /** Show frames as they come; none is sent. */
  async #show(signal) {
    delete this.renderer.canvas.dataset.seq;
    this.handlers.onPlaced([]);
    while (!signal.aborted) {
      await nextFrame(this.source);
      if (signal.aborted || document.hidden) continue;
      const picture = await createImageBitmap(this.source.element);
      if (signal.aborted) picture.close();
      else this.#drawOwn(picture);
    }
  }

  #drawOwn(picture) {
    this.#draw({ picture, placements: [] });
    this.#own?.close();
    this.#own = picture;
  }

  #draw(scene) {
    const before = this.#scene;
    this.#scene = scene;
    this.renderer.draw(scene);
    closeMasks(before?.masks);
  }

  #dropSocket() {
    this.#times = [];
    this.#drawnSeq = 0;
    this.#socket?.close();
    this.#socket = null;
  }
}

/** @param {Map<object, ImageBitmap>} [masks] */
function closeMasks(masks) {
  for (const mask of masks?.values() ?? []) mask.close();
}
