/** A canvas that shows pictures as they are, where a browser has no WebGL 2. */

const LONGEST_SIDE = 1920;

export class FlatRenderer {
  /** Products cannot be drawn here: the server draws them into photos. */
  drawsProducts = false;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  /** @param {import("./renderer.js").Scene} scene */
  draw({ picture }) {
    const ratio = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    this.canvas.width = Math.round(picture.width * ratio);
    this.canvas.height = Math.round(picture.height * ratio);
    this.context.drawImage(picture, 0, 0, this.canvas.width, this.canvas.height);
  }

  clear() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** @returns {Promise<Blob>} */
  snapshot() {
    return new Promise((done) => this.canvas.toBlob(done, "image/jpeg", 0.92));
  }
}
