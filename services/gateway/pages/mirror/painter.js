/** Draws one product at a time over the frame that is on the canvas. */

import { ATTRIBUTES, dropSampled, dropTarget, makeProgram, makeSampled, makeTarget } from "./gl.js";
import { labOf, rgbOf, usualLightness } from "./light.js";
import { boundsOf, kindOf, partsFarFirst, shadowOf, vertexData } from "./meshes.js";
import * as shaders from "./shaders.js";

/** Shadows are so soft that a quarter of the pixels tells them; the edge of lips is not. */
const SHADOW_SCALE = 0.25;
const LIPS_SCALE = 0.5;
const LIPS_FEATHER = 0.025;
const HELD_OPACITY = 0.6;

/**
 * What one product needs to be drawn.
 * @typedef {{placement: import("./meshes.js").Placement, texture: WebGLTexture, keep: WebGLTexture,
 *   frame: WebGLTexture, picture: ImageBitmap, gain: number[], color: string}} Work
 */

export class Painter {
  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.gl = gl;
    this.mesh = makeProgram(gl, shaders.MESH_VERTEX, shaders.MESH_FRAGMENT);
    this.blur = makeProgram(gl, shaders.SCREEN_VERTEX, shaders.BLUR_FRAGMENT);
    this.layer = makeProgram(gl, shaders.SCREEN_VERTEX, shaders.LAYER_FRAGMENT);
    this.lips = makeProgram(gl, shaders.SCREEN_VERTEX, shaders.LIPS_FRAGMENT);
    this.frame = makeProgram(gl, shaders.SCREEN_VERTEX, shaders.FRAME_FRAGMENT);
    this.#makeBuffers();
    this.width = this.height = 0;
  }

  #makeBuffers() {
    const { gl } = this;
    this.screenArray = gl.createVertexArray();
    gl.bindVertexArray(this.screenArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(ATTRIBUTES.corner);
    gl.vertexAttribPointer(ATTRIBUTES.corner, 2, gl.FLOAT, false, 0, 0);
    this.meshArray = gl.createVertexArray();
    gl.bindVertexArray(this.meshArray);
    this.vertices = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.vertices);
    gl.enableVertexAttribArray(ATTRIBUTES.place);
    gl.vertexAttribPointer(ATTRIBUTES.place, 3, gl.FLOAT, false, 20, 0);
    gl.enableVertexAttribArray(ATTRIBUTES.texel);
    gl.vertexAttribPointer(ATTRIBUTES.texel, 2, gl.FLOAT, false, 20, 12);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  }

  /** Make everything as large as the canvas. */
  resize(width, height) {
    if (width === this.width && height === this.height) return;
    const { gl } = this;
    for (const target of [this.drawn, ...(this.blurs?.values() ?? [])].flat()) {
      if (target) dropTarget(gl, target);
    }
    if (this.sampled) dropSampled(gl, this.sampled);
    [this.width, this.height] = [width, height];
    this.drawn = makeTarget(gl, width, height);
    this.blurs = new Map([SHADOW_SCALE, LIPS_SCALE].map((scale) => [scale, this.#blurPair(scale)]));
    this.sampled = makeSampled(gl, width, height);
  }

  #blurPair(scale) {
    const size = [Math.ceil(this.width * scale), Math.ceil(this.height * scale)];
    return [makeTarget(this.gl, ...size), makeTarget(this.gl, ...size)];
  }

  /** The frame alone, over the whole canvas. @param {WebGLTexture} texture */
  paintFrame(texture) {
    const { gl } = this;
    gl.disable(gl.SCISSOR_TEST);
    gl.disable(gl.BLEND);
    this.#screen(this.frame, null, { frame: texture }, {});
  }

  /** One product over what is on the canvas. @param {Work} work */
  paint(work) {
    const box = boundsOf(work.placement.mesh);
    if (kindOf(work.placement) === "LIPSTICK") this.#paintLips(work, box);
    else this.#paintLayer(work, box);
  }

  #paintLayer(work, box) {
    const { gl } = this;
    const width_px = (box.right - box.left) * this.width;
    const shadow = shadowOf(kindOf(work.placement), width_px);
    const window = this.#window(box, shadow.fall_px + 3 * shadow.sigma_px + 2);
    if (!window) return;
    this.#drawMesh(work, window);
    const soft = this.#soften(shadow.sigma_px, window, SHADOW_SCALE);
    this.#blendOver(window);
    const values = {
      gain: work.gain, fall: shadow.fall_px / this.height, strength: shadow.strength,
      opacity: opacityOf(work.placement),
      person: [(box.left + box.right) / 2, (shadow.reach * (box.right - box.left)) / 2],
    };
    const textures = { layer: this.drawn.texture, soft, keep: work.keep };
    this.#screen(this.layer, null, textures, values);
    gl.disable(gl.SCISSOR_TEST);
  }

  #paintLips(work, box) {
    const { gl } = this;
    const sigma_px = Math.max(0.6, LIPS_FEATHER * (box.right - box.left) * this.width);
    const window = this.#window(box, 3 * sigma_px + 2);
    if (!window) return;
    this.#drawMesh(work, window);
    const soft = this.#soften(sigma_px, window, LIPS_SCALE);
    this.#blendOver(window);
    const values = {
      shade: labOf(rgbOf(work.color)), opacity: opacityOf(work.placement),
      usual: usualLightness(work.picture, work.placement.mesh, box),
    };
    const textures = { frame: work.frame, soft, keep: work.keep };
    this.#screen(this.lips, null, textures, values);
    gl.disable(gl.SCISSOR_TEST);
  }

  /** The product alone, into `drawn`. */
  #drawMesh(work, window) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.sampled.buffer);
    this.#begin(this.width, this.height, window, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.enable(gl.DEPTH_TEST);
    gl.useProgram(this.mesh.program);
    this.#bind(this.mesh, { product: work.texture });
    this.#drawParts(work.placement.mesh);
    gl.disable(gl.DEPTH_TEST);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.sampled.buffer);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, this.drawn.buffer);
    const whole = [0, 0, this.width, this.height];
    gl.blitFramebuffer(...whole, ...whole, gl.COLOR_BUFFER_BIT, gl.NEAREST);
  }

  #drawParts(mesh) {
    const { gl } = this;
    gl.bindVertexArray(this.meshArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.vertices);
    gl.bufferData(gl.ARRAY_BUFFER, vertexData(mesh), gl.DYNAMIC_DRAW);
    for (const part of partsFarFirst(mesh)) {
      gl.clear(gl.DEPTH_BUFFER_BIT);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, part, gl.DYNAMIC_DRAW);
      gl.drawElements(gl.TRIANGLES, part.length, gl.UNSIGNED_SHORT, 0);
    }
  }

  /** Blur the alpha of `drawn`, first along x, then along y. @returns {WebGLTexture} */
  #soften(sigma_px, window, scale) {
    const { gl } = this;
    const [half, soft] = this.blurs.get(scale);
    gl.disable(gl.BLEND);
    for (const [target, source, reach] of [
      [half, this.drawn, [(3 * sigma_px) / this.width, 0]],
      [soft, half, [0, (3 * sigma_px) / this.height]],
    ]) {
      gl.bindFramebuffer(gl.FRAMEBUFFER, target.buffer);
      this.#begin(target.width, target.height, window, scale);
      this.#screen(this.blur, target, { layer: source.texture }, { reach });
    }
    return soft.texture;
  }

  #blendOver(window) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    this.#begin(this.width, this.height, window, 1);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  #begin(width, height, window, scale) {
    const { gl } = this;
    gl.viewport(0, 0, width, height);
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(...window.map((value) => Math.round(value * scale)));
    gl.clearColor(0, 0, 0, 0);
  }

  /** Pixels of a box with a margin, cut at the canvas: left, bottom, width, height; or null. */
  #window(box, margin) {
    const left = Math.max(0, Math.floor(box.left * this.width - margin));
    const right = Math.min(this.width, Math.ceil(box.right * this.width + margin));
    const top = Math.max(0, Math.floor(box.top * this.height - margin));
    const bottom = Math.min(this.height, Math.ceil(box.bottom * this.height + margin));
    if (right <= left || bottom <= top) return null;
    return [left, this.height - bottom, right - left, bottom - top];
  }

  #screen(program, target, textures, values) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target?.buffer ?? null);
    if (!target) gl.viewport(0, 0, this.width, this.height);
    gl.useProgram(program.program);
    this.#bind(program, textures);
    for (const [name, value] of Object.entries(values)) setUniform(gl, program.at(name), value);
    gl.bindVertexArray(this.screenArray);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  #bind(program, textures) {
    const { gl } = this;
    Object.entries(textures).forEach(([name, texture], unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform1i(program.at(name), unit);
    });
    gl.activeTexture(gl.TEXTURE0);
  }
}

function opacityOf(placement) {
  return placement.state === "TRACKING_STATE_HELD" ? HELD_OPACITY : 1;
}

function setUniform(gl, place, value) {
  if (!Array.isArray(value)) gl.uniform1f(place, value);
  else if (value.length === 2) gl.uniform2fv(place, value);
  else gl.uniform3fv(place, value);
}
