/**
 * The GLSL of the mirror. Colours are sRGB values as the server's drawing has them, with
 * premultiplied alpha. Screen coordinates are GL's own (y up); the frame and the masks are
 * pictures with their first row on top, so they are read at 1 - y.
 */

/** One textured-triangle routine for every product: x, y, distance in metres, u, v. */
export const MESH_VERTEX = `#version 300 es
in vec3 place;
in vec2 texel;
out vec2 uv;
void main() {
  float distance_m = max(place.z, 0.01);
  vec2 at = vec2(place.x * 2.0 - 1.0, 1.0 - place.y * 2.0);
  // w is the distance, so that texture coordinates are interpolated in perspective.
  gl_Position = vec4(at * distance_m, distance_m - 0.02, distance_m);
  uv = texel;
}`;

/** What is clearer than 8 of 255 hides nothing behind it. */
export const MESH_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D product;
in vec2 uv;
out vec4 color;
void main() {
  color = texture(product, uv);
  if (color.a < 8.0 / 255.0) discard;
}`;

export const SCREEN_VERTEX = `#version 300 es
in vec2 corner;
out vec2 at;
void main() {
  at = corner;
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

export const FRAME_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D frame;
in vec2 at;
out vec4 color;
void main() {
  color = vec4(texture(frame, vec2(at.x, 1.0 - at.y)).rgb, 1.0);
}`;

/** One direction of a Gaussian blur of alpha; `reach` is three deviations, in the texture. */
export const BLUR_FRAGMENT = `#version 300 es
precision mediump float;
uniform sampler2D layer;
uniform vec2 reach;
in vec2 at;
out vec4 color;
float pair(float place) {
  return texture(layer, at + reach * place).a + texture(layer, at - reach * place).a;
}
void main() {
  float sum = texture(layer, at).a + 0.7548 * pair(0.25) + 0.3247 * pair(0.5)
    + 0.0796 * pair(0.75) + 0.0111 * pair(1.0);
  color = vec4(sum / 3.3404);
}`;

/** A product's layer in the picture's light, with its soft shadow, behind what is in front. */
export const LAYER_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D layer;
uniform sampler2D soft;
uniform sampler2D keep;
uniform vec3 gain;
uniform float fall;
uniform float strength;
uniform float opacity;
uniform vec2 person;
in vec2 at;
out vec4 color;
void main() {
  float kept = texture(keep, vec2(at.x, 1.0 - at.y)).r * opacity;
  float onto = 1.0 - smoothstep(0.9, 1.1, abs(at.x - person.x) / person.y);
  vec4 drawn = texture(layer, at);
  drawn.rgb = min(drawn.rgb * gain, drawn.a);
  drawn *= kept;
  float dark = 1.0 - strength * texture(soft, at + vec2(0.0, fall)).a * kept * onto;
  color = vec4(drawn.rgb, 1.0 - dark * (1.0 - drawn.a));
}`;

/**
 * Lipstick in CIELAB (D65): the shade's colour, the light and texture of the lips. The same
 * as the server's: highlights stay the lamp's colour, a shade in a dim picture is dim.
 */
export const LIPS_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D frame;
uniform sampler2D soft;
uniform sampler2D keep;
uniform vec3 shade;
uniform float usual;
uniform float opacity;
in vec2 at;
out vec4 color;
const vec3 WHITE = vec3(0.950456, 1.0, 1.088754);
const mat3 XYZ_OF_RGB = mat3(0.412453, 0.212671, 0.019334, 0.357580, 0.715160, 0.119193,
                             0.180423, 0.072169, 0.950227);
const mat3 RGB_OF_XYZ = mat3(3.240479, -0.969256, 0.055648, -1.537150, 1.875991, -0.204043,
                             -0.498535, 0.041556, 1.057311);
vec3 labOf(vec3 rgb) {
  vec3 linear = mix(rgb / 12.92, pow((rgb + 0.055) / 1.055, vec3(2.4)), step(0.04045, rgb));
  vec3 xyz = XYZ_OF_RGB * linear / WHITE;
  vec3 f = mix(7.787 * xyz + 16.0 / 116.0, pow(xyz, vec3(1.0 / 3.0)), step(0.008856, xyz));
  return vec3(116.0 * f.y - 16.0, 500.0 * (f.x - f.y), 200.0 * (f.y - f.z));
}
vec3 rgbOf(vec3 lab) {
  float y = (lab.x + 16.0) / 116.0;
  vec3 f = vec3(y + lab.y / 500.0, y, y - lab.z / 200.0);
  vec3 xyz = WHITE * mix((f - 16.0 / 116.0) / 7.787, f * f * f, step(0.206893, f));
  vec3 linear = clamp(RGB_OF_XYZ * xyz, 0.0, 1.0);
  vec3 bent = 1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055;
  return mix(linear * 12.92, bent, step(0.0031308, linear));
}
void main() {
  vec2 picture = vec2(at.x, 1.0 - at.y);
  float mask = texture(soft, at).a * texture(keep, picture).r;
  if (mask < 0.01) discard;
  vec3 lab = labOf(texture(frame, picture).rgb);
  float level = usual + 0.5 * (shade.x - usual) * min(1.0, usual / 45.0);
  float gloss = clamp((lab.x - usual - 12.0) / 25.0, 0.0, 0.8);
  float chroma = clamp(usual / 50.0, 0.35, 1.0);
  vec3 painted = vec3(clamp(level + 0.85 * (lab.x - usual), 0.0, 100.0),
                      mix(shade.yz * chroma, lab.yz, gloss));
  color = vec4(rgbOf(mix(lab, painted, 0.82 * mask * opacity)), 1.0);
}`;
