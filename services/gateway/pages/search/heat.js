// Draws which places of a picture speak for a match, and where print that agrees is seen.

const TINT = [255, 122, 26];
const PLAIN = { veil: 0.62, glow: 0.5 };
/** Where the heat does not point at the product: it hides nothing. */
const FAINT = { veil: 0.12, glow: 0.32 };
const MOST_POINTS = 40;
const OTHERS_SHARE = 0.7;
const NEAR = [1 / 4, 2 / 4, 1 / 4];

/**
 * How much the surroundings of each place speak for one result rather than for the others: see
 * the contract's Explanation. A product covers several places, so neighbourhoods are summed.
 * @param {number[]} own contributions to the similarity of the result, row by row
 * @param {number[][]} others contributions of the same places to those of the other results
 * @param {number} columns
 * @returns {number[]} as long as own
 */
export function warmth(own, others, columns) {
  const told = own.map((value, index) => {
    const shared = others.reduce((sum, map) => sum + map[index], 0) / Math.max(others.length, 1);
    return value - OTHERS_SHARE * shared;
  });
  const across = summed(told, 1, (index, step) => inRow(index % columns + step, columns));
  const rows = own.length / columns;
  return summed(across, columns, (index, step) => inRow(Math.floor(index / columns) + step, rows));
}

/**
 * How widely what speaks for a result is spread; `pointing.spread` of the visual search.
 * @param {number[]} map contributions, row by row
 * @param {number} columns
 * @returns {number} 0 = in one place, 1 = evenly
 */
export function spread(map, columns) {
  const near = warmth(map, [], columns).map((value) => Math.max(value, 0));
  const lengths = [columns, map.length / columns];
  if (Math.min(...lengths) < 2 || !near.some(Boolean)) return 0;
  const places = [(index) => index % columns, (index) => Math.floor(index / columns)];
  const shares = places.map((place, axis) => variance(near, place) * 12 / (lengths[axis] ** 2 - 1));
  return Math.sqrt((shares[0] + shares[1]) / 2);
}

/** Variance of the place along an axis that a share of all weights comes from. */
function variance(weights, place) {
  const mean = (of) => weights.reduce((sum, weight, index) => sum + weight * of(place(index)), 0)
    / weights.reduce((sum, weight) => sum + weight, 0);
  const middle = mean((at) => at);
  return mean((at) => (at - middle) ** 2);
}

/** Each value with its neighbours on both sides, a stride away, where there are any. */
function summed(values, stride, isThere) {
  return values.map((_, index) => NEAR.reduce((sum, weight, at) => {
    const step = at - 1;
    return isThere(index, step) ? sum + weight * values[index + step * stride] : sum;
  }, 0));
}

const inRow = (at, length) => at >= 0 && at < length;

/**
 * Contributions as pixels of an overlay: what does not contribute is veiled, what does glows.
 * @param {number[]} map contributions, row by row
 * @param {number} width columns
 * @param {number} height rows
 * @param {{veil: number, glow: number}} most opacity of either, 0..1
 * @returns {Uint8ClampedArray} RGBA, width * height * 4
 */
export function heatPixels(map, width, height, most) {
  const highest = Math.max(...map, 1e-9);
  const pixels = new Uint8ClampedArray(width * height * 4);
  map.forEach((value, index) => {
    const share = Math.max(value, 0) / highest;
    const [glow, veil] = [most.glow * share * share, most.veil * (1 - share)];
    const alpha = glow + veil;
    const colour = TINT.map((channel) => (alpha ? channel * glow / alpha : 0));
    pixels.set([...colour, alpha * 255], index * 4);
  });
  return pixels;
}

/**
 * Draw contributions over a picture, smoothly from place to place, faintly where they do not
 * point at the product. What the model does not see is veiled.
 * @param {HTMLCanvasElement} canvas lies over the picture
 * @param {{map: number[], columns: number, rows: number}} contributions row by row
 * @param {import("./box.js").Box} area where the map lies, normalised to the canvas
 * @param {boolean} points whether it points at the product
 */
export function drawHeat(canvas, { map, columns, rows }, area, points) {
  const most = points ? PLAIN : FAINT;
  const small = new OffscreenCanvas(columns, rows);
  const pixels = new ImageData(heatPixels(map, columns, rows, most), columns, rows);
  small.getContext("2d").putImageData(pixels, 0, 0);
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const [left, top] = [area.x_min * width, area.y_min * height];
  const size = [(area.x_max - area.x_min) * width, (area.y_max - area.y_min) * height];
  context.fillStyle = `rgb(0 0 0 / ${most.veil})`;
  context.fillRect(0, 0, width, height);
  context.clearRect(left, top, ...size);
  context.imageSmoothingQuality = "high";
  context.drawImage(small, left, top, ...size);
}

/**
 * Mark places that were matched, so many of them that a person can tell them apart; the same
 * colour in both pictures is the same place.
 * @param {HTMLCanvasElement} canvas lies over the picture
 * @param {{x: number, y: number}[]} points normalised to the picture
 */
export function drawPoints(canvas, points) {
  const context = canvas.getContext("2d");
  const radius = Math.max(canvas.width, canvas.height) / 130;
  const step = Math.max(points.length / MOST_POINTS, 1);
  const chosen = points.filter((_, index) => Math.floor(index % step) === 0);
  chosen.forEach(({ x, y }, index) => {
    context.beginPath();
    context.arc(x * canvas.width, y * canvas.height, radius, 0, 2 * Math.PI);
    context.fillStyle = `hsl(${(index * 137.5) % 360} 90% 65%)`;
    context.fill();
    context.lineWidth = radius / 3;
    context.strokeStyle = "#101014";
    context.stroke();
  });
}

/**
 * Draw the edges of what is seen, light around a colour so that they show on anything.
 * @param {HTMLCanvasElement} canvas lies over the picture
 * @param {{x: number, y: number}[]} corners normalised to the picture
 */
export function drawOutline(canvas, corners) {
  const context = canvas.getContext("2d");
  const thickness = Math.max(canvas.width, canvas.height) / 140;
  context.beginPath();
  corners.forEach(({ x, y }) => context.lineTo(x * canvas.width, y * canvas.height));
  context.closePath();
  context.lineJoin = "round";
  for (const [colour, width] of [["#ffffff", 2.3 * thickness], ["#00747a", thickness]]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}
