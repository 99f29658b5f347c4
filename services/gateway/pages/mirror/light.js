/**
 * The light of a picture, read from the picture: exposure and cast come from its brightest
 * nearly neutral surfaces, as on the server (`services/pose/rendering/light.py`).
 */

const SIDE_PX = 64;
const WHITE = 235;
const NEUTRAL_SPREAD = 26;
const CAST_STRENGTH = 0.4;

const canvas = new OffscreenCanvas(SIDE_PX, SIDE_PX);
const context = canvas.getContext("2d", { willReadFrequently: true });

/** sRGB pixels of a part of a picture, shrunk to a square of `side` pixels. */
function pixelsOf(picture, box, side) {
  const { width, height } = picture;
  const left = Math.max(0, box.left * width);
  const top = Math.max(0, box.top * height);
  const across = Math.max(1, Math.min(width, box.right * width) - left);
  const down = Math.max(1, Math.min(height, box.bottom * height) - top);
  context.drawImage(picture, left, top, across, down, 0, 0, side, side);
  return context.getImageData(0, 0, side, side).data;
}

/**
 * Factors of red, green and blue for a product in this picture.
 * @param {ImageBitmap} picture
 * @param {import("./meshes.js").Box} around part of it, 0..1
 * @returns {[number, number, number]}
 */
export function gainOf(picture, around) {
  const data = pixelsOf(picture, around, SIDE_PX);
  const colours = [];
  for (let at = 0; at < data.length; at += 4) colours.push([data[at], data[at + 1], data[at + 2]]);
  const neutral = colours.filter((one) => Math.max(...one) - Math.min(...one) < NEUTRAL_SPREAD);
  return gainOfColours(neutral.length > 50 ? neutral : colours);
}

function gainOfColours(colours) {
  const light = (one) => one[0] + one[1] + one[2];
  colours.sort((a, b) => light(b) - light(a));
  const bright = colours.slice(0, Math.max(1, Math.ceil(colours.length * 0.04)));
  const mean = [0, 1, 2].map((k) => bright.reduce((sum, one) => sum + one[k], 0) / bright.length);
  const level = Math.max(light(mean) / 3, 1);
  const exposure = Math.min(1.05, Math.max(0.55, level / WHITE));
  return mean.map((value) => exposure * (1 + CAST_STRENGTH * (value / level - 1)));
}

/**
 * How light the lips are, CIELAB L: the mean over the mesh's triangles.
 * @param {ImageBitmap} picture
 * @param {import("./meshes.js").ScreenMesh} mesh
 * @param {import("./meshes.js").Box} box of the mesh
 */
export function usualLightness(picture, mesh, box) {
  const data = pixelsOf(picture, box, SIDE_PX);
  const side = (value, low, high) =>
    Math.min(SIDE_PX - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * SIDE_PX)));
  let sum = 0;
  for (let start = 0; start < mesh.triangles.length; start += 3) {
    const corners = mesh.triangles.slice(start, start + 3);
    const mean = (k) => corners.reduce((total, one) => total + mesh.vertices[one * 3 + k], 0) / 3;
    const column = side(mean(0), box.left, box.right);
    const at = (side(mean(1), box.top, box.bottom) * SIDE_PX + column) * 4;
    sum += labOf([data[at], data[at + 1], data[at + 2]])[0];
  }
  return sum / (mesh.triangles.length / 3);
}

/**
 * CIELAB (D65) of an sRGB colour 0..255.
 * @param {number[]} rgb
 * @returns {[number, number, number]}
 */
export function labOf(rgb) {
  const [r, g, b] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const bent = (value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = bent((0.412453 * r + 0.35758 * g + 0.180423 * b) / 0.950456);
  const y = bent(0.212671 * r + 0.71516 * g + 0.072169 * b);
  const z = bent((0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.088754);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Red, green and blue 0..255 of "#rrggbb". */
export function rgbOf(color) {
  return [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
}
