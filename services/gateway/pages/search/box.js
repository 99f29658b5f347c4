// Boxes in the photo, normalised to it: 0..1, x to the right, y down. Pure functions.

/** @typedef {{x_min: number, y_min: number, x_max: number, y_max: number}} Box */

/** Shortest side of a region, as a share of the photo's. */
export const SMALLEST = 0.04;

const within = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * @param {{x: number, y: number}} a one corner
 * @param {{x: number, y: number}} b the opposite corner
 * @returns {Box} the box between them, inside the photo
 */
export function boxBetween(a, b) {
  const [x_min, x_max] = [a.x, b.x].sort((one, other) => one - other).map((x) => within(x, 0, 1));
  const [y_min, y_max] = [a.y, b.y].sort((one, other) => one - other).map((y) => within(y, 0, 1));
  return { x_min, y_min, x_max, y_max };
}

/**
 * @param {Box} box a box
 * @param {number} dx how far to the right
 * @param {number} dy how far down
 * @returns {Box} the box moved, kept whole inside the photo
 */
export function moved(box, dx, dy) {
  const right = within(dx, -box.x_min, 1 - box.x_max);
  const down = within(dy, -box.y_min, 1 - box.y_max);
  return {
    x_min: box.x_min + right, y_min: box.y_min + down,
    x_max: box.x_max + right, y_max: box.y_max + down,
  };
}

/**
 * @param {Box} box a box
 * @param {string} corner which corner moves: two of n, s and e, w
 * @param {number} dx how far to the right
 * @param {number} dy how far down
 * @returns {Box} the box with that corner moved, never smaller than SMALLEST
 */
export function resized(box, corner, dx, dy) {
  const result = { ...box };
  if (corner.includes("w")) result.x_min = within(box.x_min + dx, 0, box.x_max - SMALLEST);
  if (corner.includes("e")) result.x_max = within(box.x_max + dx, box.x_min + SMALLEST, 1);
  if (corner.includes("n")) result.y_min = within(box.y_min + dy, 0, box.y_max - SMALLEST);
  if (corner.includes("s")) result.y_max = within(box.y_max + dy, box.y_min + SMALLEST, 1);
  return result;
}

/**
 * @param {Box} box a box
 * @param {number} margin how far each edge moves outwards, as a share of the box's side
 * @returns {Box} the larger box, as much of it as is inside the photo
 */
export function grown({ x_min, y_min, x_max, y_max }, margin) {
  const [across, down] = [margin * (x_max - x_min), margin * (y_max - y_min)];
  return boxBetween({ x: x_min - across, y: y_min - down }, { x: x_max + across, y: y_max + down });
}

/**
 * @param {Box} box a box
 * @returns {boolean} whether it is large enough to search in
 */
export function isLargeEnough(box) {
  return box.x_max - box.x_min >= SMALLEST && box.y_max - box.y_min >= SMALLEST;
}

/** @returns {Box} the middle of the photo, to begin from with the keyboard */
export const middle = () => ({ x_min: 0.25, y_min: 0.25, x_max: 0.75, y_max: 0.75 });

/**
 * @param {{x: number, y: number}} point in the photo
 * @param {Box} part a part of the photo
 * @returns {{x: number, y: number}} the point, normalised to the part
 */
export function pointWithin({ x, y }, part) {
  return {
    x: (x - part.x_min) / (part.x_max - part.x_min),
    y: (y - part.y_min) / (part.y_max - part.y_min),
  };
}

/**
 * @param {Box} box in the photo
 * @param {Box} part a part of the photo
 * @returns {Box} the box, normalised to the part
 */
export function boxWithin(box, part) {
  const { x: x_min, y: y_min } = pointWithin({ x: box.x_min, y: box.y_min }, part);
  const { x: x_max, y: y_max } = pointWithin({ x: box.x_max, y: box.y_max }, part);
  return { x_min, y_min, x_max, y_max };
}

/** The whole photo. */
export const WHOLE = Object.freeze({ x_min: 0, y_min: 0, x_max: 1, y_max: 1 });

/**
 * @param {HTMLElement} element what lies over the photo
 * @param {Box} box where
 */
export function place(element, box) {
  element.style.left = `${box.x_min * 100}%`;
  element.style.top = `${box.y_min * 100}%`;
  element.style.width = `${(box.x_max - box.x_min) * 100}%`;
  element.style.height = `${(box.y_max - box.y_min) * 100}%`;
}
