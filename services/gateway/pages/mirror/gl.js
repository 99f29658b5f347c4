/** Small pieces of WebGL 2: programs, textures, and things to draw into. */

/**
 * @typedef {{program: WebGLProgram, at: (name: string) => WebGLUniformLocation | null}} Program
 * @typedef {{texture: WebGLTexture, buffer: WebGLFramebuffer, width: number, height: number}} Target
 */

/** Where each attribute is, the same in all programs. */
export const ATTRIBUTES = { corner: 0, place: 1, texel: 2 };

/**
 * Compile and link.
 * @param {WebGL2RenderingContext} gl
 * @param {string} vertex
 * @param {string} fragment
 * @returns {Program}
 */
export function makeProgram(gl, vertex, fragment) {
  const program = gl.createProgram();
  gl.attachShader(program, shader(gl, gl.VERTEX_SHADER, vertex));
  gl.attachShader(program, shader(gl, gl.FRAGMENT_SHADER, fragment));
  for (const [name, place] of Object.entries(ATTRIBUTES)) {
    gl.bindAttribLocation(program, place, name);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(gl.getProgramInfoLog(program) ?? "a shader program does not link");
  }
  const places = new Map();
  const at = (name) => {
    if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
    return places.get(name);
  };
  return { program, at };
}

function shader(gl, kind, source) {
  const made = gl.createShader(kind);
  gl.shaderSource(made, source);
  gl.compileShader(made);
  if (!gl.getShaderParameter(made, gl.COMPILE_STATUS) && !gl.isContextLost()) {
    throw new Error(gl.getShaderInfoLog(made) ?? "a shader does not compile");
  }
  return made;
}

/**
 * A texture that is read between its texels and not beyond its edge.
 * @param {WebGL2RenderingContext} gl
 * @param {boolean} [shrinks] it is drawn smaller than it is: it gets mipmaps
 * @returns {WebGLTexture}
 */
export function makeTexture(gl, shrinks = false) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  const smaller = shrinks ? gl.LINEAR_MIPMAP_LINEAR : gl.LINEAR;
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, smaller);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return texture;
}

/**
 * A texture to draw into.
 * @param {WebGL2RenderingContext} gl
 * @param {number} width
 * @param {number} height
 * @returns {Target}
 */
export function makeTarget(gl, width, height) {
  const texture = makeTexture(gl);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, width, height);
  const buffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  return { texture, buffer, width, height };
}

/** Give a target back. */
export function dropTarget(gl, target) {
  gl.deleteTexture(target.texture);
  gl.deleteFramebuffer(target.buffer);
}

/**
 * Colour and depth with several samples a pixel: edges of triangles without stairs.
 * @param {WebGL2RenderingContext} gl
 * @param {number} width
 * @param {number} height
 */
export function makeSampled(gl, width, height) {
  const samples = Math.min(4, gl.getParameter(gl.MAX_SAMPLES));
  const color = gl.createRenderbuffer();
  gl.bindRenderbuffer(gl.RENDERBUFFER, color);
  gl.renderbufferStorageMultisample(gl.RENDERBUFFER, samples, gl.RGBA8, width, height);
  const depth = gl.createRenderbuffer();
  gl.bindRenderbuffer(gl.RENDERBUFFER, depth);
  gl.renderbufferStorageMultisample(gl.RENDERBUFFER, samples, gl.DEPTH_COMPONENT24, width, height);
  const buffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
  gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, color);
  gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.RENDERBUFFER, depth);
  return { buffer, color, depth };
}

/** Give back what `makeSampled` made. */
export function dropSampled(gl, sampled) {
  gl.deleteFramebuffer(sampled.buffer);
  gl.deleteRenderbuffer(sampled.color);
  gl.deleteRenderbuffer(sampled.depth);
}
