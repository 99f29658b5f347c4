/** A photo in the mirror: placed once for each change of products. */

import { grabJpeg } from "/camera.js";
import { postImage } from "/api.js";
import { masksOf } from "./textures.js";

const SENT_SIDE_PX = 1600;
const QUALITY = 0.9;

export class StillView {
  #asking = new AbortController();
  /** @type {{blob: Blob, bitmap: ImageBitmap} | null} */
  #taken = null;
  /** @type {import("./renderer.js").Scene | null} */
  #scene = null;

  /**
   * @param {import("/camera.js").Source} source
   * @param {{token: string, renderer: import("./renderer.js").Renderer,
   *   textures: import("./textures.js").TextureShelf}} with_
   * @param {import("./live-view.js").Handlers} handlers
   */
  constructor(source, { token, renderer, textures }, handlers) {
    Object.assign(this, { source, token, renderer, textures, handlers });
    this.kind = "still";
    this.paused = true;
    this.pace = { rate: 0, delay_ms: 0 };
  }

  /**
   * Place these products; with none, the photo is shown and not sent.
   * @param {string[]} skus
   * @param {{card?: boolean}} [how] a reference card is held to the face
   * @returns {Promise<void>} resolves when it is drawn, or overtaken by a later one
   */
  async wear(skus, { card = false } = {}) {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    try {
      this.#taken ??= await grabJpeg(this.source, { maxSide: SENT_SIDE_PX, quality: QUALITY });
      const options = { sku: skus, reference_card: card || "" };
      const scene = skus.length ? await this.#placed(options, signal) : this.#plain();
      if (!signal.aborted) this.#show(scene);
    } catch (problem) {
      if (!signal.aborted) this.handlers.onProblem(problem, true);
    }
  }

  pause() {}

  resume() {}

  /** Show the photo with or without the products. */
  compare(without) {
    if (!this.#scene) return;
    if (this.renderer.drawsProducts) this.renderer.draw(this.#scene, { overlay: !without });
    else this.renderer.draw(without ? this.#plain() : this.#scene);
  }

  /** End it: the photo is forgotten. */
  stop() {
    this.#asking.abort();
    this.#taken?.bitmap.close();
    this.#taken = this.#scene = null;
    this.source.stop();
  }

  #plain() {
    return { picture: this.#taken.bitmap, placements: [], still: true };
  }

  #show(scene) {
    this.#scene = scene;
    this.renderer.draw(scene);
    this.renderer.canvas.dataset.seq = String(Number(this.renderer.canvas.dataset.seq ?? 0) + 1);
    this.handlers.onPlaced(scene.placements);
  }

  #placed(options, signal) {
    return this.renderer.drawsProducts ? this.#meshes(options, signal) : this.#drawn(options, signal);
  }

  async #meshes(options, signal) {
    const asked = { ...options, screen_mesh: true };
    const { placements } = await this.#ask("/v1/tryon:place", asked, signal);
    await this.textures.fetchFor(placements);
    const masks = await masksOf(placements);
    return { picture: this.#taken.bitmap, placements, masks, still: true };
  }

  /** Without WebGL the server draws. */
  async #drawn(options, signal) {
    const { image, mime_type, placements } = await this.#ask("/v1/tryon:render", options, signal);
    const bytes = Uint8Array.from(atob(image), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: mime_type }));
    return { picture, placements };
  }

  #ask(path, options, signal) {
    return postImage(path, options, this.#taken.blob, { token: this.token, signal });
  }
}
