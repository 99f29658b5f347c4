/** A canvas that shows a picture and the products on it, drawn with WebGL 2. */

import { makeTexture } from "./gl.js";
import { gainOf } from "./light.js";
import { inOrder, kindOf } from "./meshes.js";
import { Painter } from "./painter.js";

const LONGEST_SIDE = 1920;
/** Products are drawn finer than a small photo is. */
const SHORTEST_STILL = 1200;
const LIGHT_EVERY = 12;
const LIGHT_STEP = 0.35;
const AROUND_ANCHOR = 0.3;

/**
 * @typedef {{picture: ImageBitmap, placements: import("./meshes.js").Placement[],
 *   masks?: Map<object, ImageBitmap>, still?: boolean}} Scene masks: what is drawn of a placement
 *   in this very picture; those without one are drawn whole
 */

export class Renderer {
  drawsProducts = true;
  #lost = false;
  #frames = 0;
  #gain = [1, 1, 1];
  /** @type {Scene | null} */
  #scene = null;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{bitmapOf: (placement: object) => ImageBitmap | undefined,
   *   colorOf: (placement: object) => string, onState: (state: "lost" | "drawing") => void}} shop
   */
  constructor(canvas, shop) {
    this.canvas = canvas;
    this.shop = shop;
    const options = { alpha: false, antialias: false, depth: false, powerPreference: "low-power" };
    this.gl = canvas.getContext("webgl2", options);
    if (!this.gl) throw new Error("this browser draws no WebGL 2");
    canvas.addEventListener("webglcontextlost", (event) => this.#lose(event));
    canvas.addEventListener("webglcontextrestored", () => this.#restore());
    this.#begin();
  }

  /** Whether this browser can draw it. */
  static isSupported() {
    try {
      const gl = document.createElement("canvas").getContext("webgl2");
      gl?.getExtension("WEBGL_lose_context")?.loseContext();
      return Boolean(gl);
    } catch {
      return false;
    }
  }

  #begin() {
    const { gl } = this;
    this.painter = new Painter(gl);
    this.textures = new Map();
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    this.frame = makeTexture(gl);
    this.keep = makeTexture(gl);
    this.white = makeTexture(gl);
    const pixel = new Uint8Array([255, 255, 255, 255]);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 1, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
  }

  #lose(event) {
    event.preventDefault();
    this.#lost = true;
    this.shop.onState("lost");
  }

  #restore() {
    this.#begin();
    this.#lost = false;
    if (this.#scene) this.draw(this.#scene);
    this.shop.onState("drawing");
  }

  /**
   * Show a picture and the products that were placed in it.
   * @param {Scene} scene
   * @param {{overlay?: boolean}} [how] without the overlay the picture alone is shown
   */
  draw(scene, { overlay = true } = {}) {
    this.#scene = scene;
    if (this.#lost || !scene.picture.width) return;
    this.#fit(scene);
    this.#upload(this.frame, scene.picture);
    this.painter.paintFrame(this.frame);
    if (!overlay) return;
    const drawn = inOrder(scene.placements);
    this.#follow(scene.picture, drawn);
    for (const placement of drawn) this.#paint(scene, placement);
  }

  /** Forget the picture and leave the canvas empty. */
  clear() {
    this.#scene = null;
    this.#frames = 0;
    if (this.#lost) return;
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    for (const texture of [this.frame, this.keep]) {
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 1, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    }
  }

  /**
   * What is shown, as a file. It is made on this device.
   * @returns {Promise<Blob>}
   */
  async snapshot() {
    if (!this.#scene || this.#lost) throw new Error("there is no picture to keep");
    this.draw(this.#scene); // a canvas may be read only right after it was drawn
    const blob = await new Promise((done) => this.canvas.toBlob(done, "image/jpeg", 0.92));
    if (!blob) throw new Error("the picture could not be coded");
    return blob;
  }

  #fit({ picture: { width, height }, still }) {
    const side = Math.max(width, height);
    const wanted = still ? Math.max(side, SHORTEST_STILL) : side;
    const ratio = Math.min(wanted, LONGEST_SIDE) / side;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
    this.painter.resize(w, h);
  }

  #paint(scene, placement) {
    const lipstick = kindOf(placement) === "LIPSTICK";
    const color = lipstick ? this.shop.colorOf(placement) : "";
    const texture = lipstick ? color && this.white : this.#texture(placement);
    if (!texture) return;
    this.painter.paint({
      placement, texture, keep: this.#keepOf(scene, placement), frame: this.frame,
      picture: scene.picture, gain: this.#gain, color,
    });
  }

  #keepOf(scene, placement) {
    const mask = scene.masks?.get(placement);
    if (!mask) return this.white;
    this.#upload(this.keep, mask);
    return this.keep;
  }

  #texture(placement) {
    const id = placement.mesh.texture_id;
    if (this.textures.has(id)) return this.textures.get(id);
    const bitmap = this.shop.bitmapOf(placement);
    if (!bitmap) return null;
    const texture = makeTexture(this.gl, true);
    this.#upload(texture, bitmap);
    this.gl.generateMipmap(this.gl.TEXTURE_2D);
    this.textures.set(id, texture);
    return texture;
  }

  #upload(texture, picture) {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture);
  }

  /** Read the light now and then, and let it change slowly. */
  #follow(picture, drawn) {
    const first = this.#frames === 0;
    if (!drawn.length || this.#frames++ % LIGHT_EVERY) return;
    const { x, y } = drawn[0].anchor;
    const around = {
      left: x - AROUND_ANCHOR, right: x + AROUND_ANCHOR,
      top: y - AROUND_ANCHOR, bottom: y + AROUND_ANCHOR,
    };
    const now = gainOf(picture, around);
    const step = first ? 1 : LIGHT_STEP;
    this.#gain = this.#gain.map((value, index) => value + step * (now[index] - value));
  }
}
