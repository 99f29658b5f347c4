// What a person may take from an explanation: where the thing is seen, and whether heat says so.
// The figures, and why they are so, are those of `explaining/reading.py` of the visual search,
// which reads the same for `vitrine search --explain`.

import { agreedAffine, moved } from "./affine.js";
import { WHOLE } from "./box.js";
import { contentBox } from "./content_box.js";
import { spread, warmth } from "./heat.js";

/** @typedef {{x: number, y: number}} Point */

const GATHERED = 0.83;
const FEWEST = 8;
const TOLERANCE = 0.03;
const LEAST_TOLERANCE_PX = 2;
/** Longer side of a photo that these pixels are of, where it is not smaller. */
const LONGER_SIDE = 960;
const REACH = 0.25;
const SQUEEZE = 3;
const SMALLEST = 0.001;
const INSIDE = 0.5;

/**
 * @param {object} told Explanation
 * @param {number[][]} others the query's maps of the other results
 * @param {{width: number, height: number}} query size of the whole photo in pixels
 * @param {ImageData} reference the whole reference picture
 * @returns {{outline: Point[] | null, points: boolean}} corners of the product in the photo,
 *   normalised, where print tells them; whether the heat of the photo points at the product
 */
export function readOff(told, others, query, reference) {
  const outline = seenOutline(told, query, reference);
  if (!told.query_map.length) return { outline, points: false };
  const points = outline ? isWarmest(outline, told, others)
    : spread(told.query_map, told.width) <= GATHERED;
  return { outline, points };
}

/** Corners of the reference picture's product in the photo; null where print does not tell. */
function seenOutline(told, query, reference) {
  if (told.query_points.length < FEWEST) return null;
  const content = contentBox(reference);
  const corners = cornersOf(content).map((corner) => scaled(corner, reference));
  const sides = reachOf(corners);
  const theirs = told.reference_points.map((point) => scaled(point, reference));
  const seen = reachOf(theirs);
  if (seen.x < REACH * sides.x || seen.y < REACH * sides.y) return null;
  const scale = Math.min(1, LONGER_SIDE / longer(query));
  const frame = { width: scale * query.width, height: scale * query.height };
  const ours = told.query_points.map((point) => scaled(point, frame));
  const reach = (longer(reachOf(ours)) / longer(seen)) * longer(sides);
  const found = agreedAffine(theirs, ours, Math.max(LEAST_TOLERANCE_PX, TOLERANCE * reach));
  if (!found || found.agreeing < Math.max(FEWEST, theirs.length / 2)) return null;
  const outline = corners.map((corner) => moved(found.map, corner))
    .map(({ x, y }) => ({ x: x / frame.width, y: y / frame.height }));
  return isPlausible(found.map, outline) ? outline : null;
}

/** Not mirrored nor squeezed, large enough to be seen, and mostly in the picture. */
function isPlausible({ a, b, d, e }, outline) {
  const determinant = a * e - b * d;
  if (determinant <= 0) return false;
  const squares = a * a + b * b + d * d + e * e;
  const root = Math.sqrt(Math.max(squares ** 2 - 4 * determinant ** 2, 0));
  const isSqueezed = squares + root >= SQUEEZE ** 2 * (squares - root); // singular values, squared
  const box = boxOf(outline);
  const area = sharedArea(box, box);
  return !isSqueezed && area > SMALLEST && sharedArea(box, WHOLE) > INSIDE * area;
}

/** Whether the warmest place touches what is outlined. */
function isWarmest(outline, { query_map: map, query_area: area, width: columns, height: rows }, others) {
  const warm = warmth(map, others, columns);
  const at = warm.indexOf(Math.max(...warm));
  const wide = (area.x_max - area.x_min) / columns;
  const high = (area.y_max - area.y_min) / rows;
  const x_min = area.x_min + (at % columns) * wide;
  const y_min = area.y_min + Math.floor(at / columns) * high;
  const place = { x_min, y_min, x_max: x_min + wide, y_max: y_min + high };
  return sharedArea(place, boxOf(outline)) > 0;
}

const scaled = ({ x, y }, { width, height }) => ({ x: x * width, y: y * height });

const longer = (one) => Math.max(one.width ?? one.x, one.height ?? one.y);

const cornersOf = ({ x_min, y_min, x_max, y_max }) => [
  { x: x_min, y: y_min }, { x: x_max, y: y_min }, { x: x_max, y: y_max }, { x: x_min, y: y_max },
];

function boxOf(points) {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return {
    x_min: Math.min(...xs), y_min: Math.min(...ys), x_max: Math.max(...xs), y_max: Math.max(...ys),
  };
}

/** How far points reach along and across. */
function reachOf(points) {
  const { x_min, y_min, x_max, y_max } = boxOf(points);
  return { x: x_max - x_min, y: y_max - y_min };
}

function sharedArea(one, other) {
  const wide = Math.min(one.x_max, other.x_max) - Math.max(one.x_min, other.x_min);
  const high = Math.min(one.y_max, other.y_max) - Math.max(one.y_min, other.y_min);
  return Math.max(wide, 0) * Math.max(high, 0);
}
