// The affine map that most pairs of points agree on, whatever the others say. Pure functions.

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{a: number, b: number, c: number, d: number, e: number, f: number}} Affine
 *   x' = a x + b y + c, y' = d x + e y + f */

const ROUNDS = 500;
const DRAWN = 3;
/** Of the spread of three points along and across: less is a line. */
const FLAT = 1e-6;

/**
 * RANSAC with draws that are the same every time, then least squares over those that agree.
 * @param {Point[]} from points
 * @param {Point[]} to where each of them is seen
 * @param {number} tolerance how far off a pair may be and still agree
 * @returns {{map: Affine, agreeing: number} | null} null where nothing can be fitted
 */
export function agreedAffine(from, to, tolerance) {
  if (from.length < DRAWN) return null;
  const draw = drawing(from.length);
  let most = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const map = fitted(from, to, draw());
    const agreeing = map ? agreeingWith(map, from, to, tolerance) : [];
    if (agreeing.length > most.length) most = agreeing;
  }
  const map = fitted(from, to, most);
  return map && { map, agreeing: most.length };
}

/**
 * @param {Affine} map
 * @param {Point} point
 * @returns {Point} where the map takes it
 */
export function moved({ a, b, c, d, e, f }, { x, y }) {
  return { x: a * x + b * y + c, y: d * x + e * y + f };
}

function agreeingWith(map, from, to, tolerance) {
  return [...from.keys()].filter((at) => {
    const { x, y } = moved(map, from[at]);
    return Math.hypot(x - to[at].x, y - to[at].y) <= tolerance;
  });
}

/** Least squares over some of the pairs: exact for three; null where they lie on a line. */
function fitted(from, to, chosen) {
  if (chosen.length < DRAWN) return null;
  const [centre, target] = [from, to].map((points) => ({
    x: sum(chosen, (at) => points[at].x) / chosen.length,
    y: sum(chosen, (at) => points[at].y) / chosen.length,
  }));
  const product = (one, other) => sum(chosen, (at) => one(at) * other(at));
  const [x, y] = ["x", "y"].map((axis) => (at) => from[at][axis] - centre[axis]);
  const [xx, xy, yy] = [product(x, x), product(x, y), product(y, y)];
  const determinant = xx * yy - xy * xy;
  if (determinant <= FLAT * (xx + yy) ** 2) return null;
  const row = (axis) => {
    const told = (at) => to[at][axis] - target[axis];
    const [tx, ty] = [product(told, x), product(told, y)];
    const [ofX, ofY] = [(tx * yy - ty * xy) / determinant, (ty * xx - tx * xy) / determinant];
    return [ofX, ofY, target[axis] - ofX * centre.x - ofY * centre.y];
  };
  const [[a, b, c], [d, e, f]] = [row("x"), row("y")];
  return { a, b, c, d, e, f };
}

const sum = (items, of) => items.reduce((total, item) => total + of(item), 0);

/** Draws three different positions below `count`, the same ones in every page. */
function drawing(count) {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes, 2nd edition
    return Math.floor((state / 2 ** 32) * count);
  };
  return () => {
    const drawn = new Set();
    while (drawn.size < DRAWN) drawn.add(next());
    return [...drawn];
  };
}
