/** Which way of drawing a browser has. */

import { FlatRenderer } from "./flat.js";
import { Renderer } from "./renderer.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {object} shop as of `Renderer`
 * @returns {Renderer | FlatRenderer} WebGL 2 where there is such; `drawsProducts` tells
 */
export function rendererFor(canvas, shop) {
  return Renderer.isSupported() ? new Renderer(canvas, shop) : new FlatRenderer(canvas);
}
