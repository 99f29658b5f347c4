/**
 * Screen meshes of the contract (`ScreenMesh`), made ready to draw. Nothing of WebGL here.
 *
 * @typedef {{vertices: number[], texture_coordinates: number[], triangles: number[],
 *   texture_id: string, mask_png: string}} ScreenMesh
 * @typedef {{sku: string, kind: string, subject: number, state: string, mesh?: ScreenMesh,
 *   camera_from_item: number[], anchor: {x: number, y: number}, scale: object, fit: string,
 *   fit_description: string, visibility: number}} Placement
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 */

/** What is worn under what: drawn first to last, as the server does. */
const ORDER = ["LIPSTICK", "SHOES", "TROUSERS", "DRESS", "TOP", "NECKLACE", "EARRINGS",
  "GLASSES", "HAT", "RING", "BRACELET", "WATCH"];
const FLOATS_PER_VERTEX = 5;
const FARTHEST_M = 1e6;

/** A kind without its prefix: `TRY_ON_KIND_HAT` is `HAT`. */
export function kindOf(placement) {
  return placement.kind.replace("TRY_ON_KIND_", "");
}

/**
 * The placements that are to be drawn, in the order of drawing.
 * @param {Placement[]} placements
 * @returns {Placement[]}
 */
export function inOrder(placements) {
  const drawn = placements.filter(
    (one) => one.mesh?.triangles?.length && one.state !== "TRACKING_STATE_LOST",
  );
  return drawn.sort((a, b) => ORDER.indexOf(kindOf(a)) - ORDER.indexOf(kindOf(b)));
}

/** Metres from the lens of a depth 0..1: one half is one metre. */
export function distanceOf(depth) {
  return Math.min(depth / Math.max(1 - depth, 1e-9), FARTHEST_M);
}

/**
 * x, y, distance, u, v of each vertex in a row.
 * @param {ScreenMesh} mesh
 * @returns {Float32Array}
 */
export function vertexData(mesh) {
  const count = mesh.vertices.length / 3;
  const data = new Float32Array(count * FLOATS_PER_VERTEX);
  for (let index = 0; index < count; index++) {
    const [x, y, depth] = mesh.vertices.slice(index * 3, index * 3 + 3);
    const [u, v] = mesh.texture_coordinates.slice(index * 2, index * 2 + 2);
    data.set([x, y, distanceOf(depth), u, v], index * FLOATS_PER_VERTEX);
  }
  return data;
}

/**
 * The triangles of each connected part, far parts first: clear lenses show the arm behind them,
 * so each part is blended over those behind it.
 * @param {ScreenMesh} mesh
 * @returns {Uint16Array[]}
 */
export function partsFarFirst(mesh) {
  const label = labels(mesh.triangles, mesh.vertices.length / 3);
  /** @type {Map<number, number[]>} */
  const parts = new Map();
  for (let start = 0; start < mesh.triangles.length; start += 3) {
    const owner = label[mesh.triangles[start]];
    if (!parts.has(owner)) parts.set(owner, []);
    parts.get(owner).push(...mesh.triangles.slice(start, start + 3));
  }
  const depth = (corners) =>
    corners.reduce((sum, corner) => sum + mesh.vertices[corner * 3 + 2], 0) / corners.length;
  return [...parts.values()]
    .sort((a, b) => depth(b) - depth(a))
    .map((corners) => Uint16Array.from(corners));
}

/** The lowest vertex that each vertex hangs together with (union-find). */
function labels(triangles, count) {
  const parent = Array.from({ length: count }, (_, index) => index);
  const root = (index) => {
    while (parent[index] !== index) index = parent[index] = parent[parent[index]];
    return index;
  };
  for (let start = 0; start < triangles.length; start += 3) {
    for (const corner of [triangles[start + 1], triangles[start + 2]]) {
      parent[root(corner)] = root(triangles[start]);
    }
  }
  return parent.map((_, index) => root(index));
}

/**
 * The box around what is drawn, in the picture 0..1; not cut at its edges.
 * @param {ScreenMesh} mesh
 * @returns {Box}
 */
export function boundsOf(mesh) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const corner of mesh.triangles) {
    const [x, y] = mesh.vertices.slice(corner * 3, corner * 3 + 2);
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

/**
 * How dark the core of each kind's shadow is, the face's width over the mesh's, and how much of
 * the mesh's width has a person below it for a shadow to fall on: a brim reaches into the air.
 */
const SHADOWS = {
  GLASSES: [0.3, 1, 1.2], HAT: [0.45, 0.65, 0.7], EARRINGS: [0.25, 0.9, 1], NECKLACE: [0.3, 0.9, 1],
  WATCH: [0.4, 1, 1], BRACELET: [0.4, 1, 1], RING: [0.4, 1, 1], TOP: [0.15, 1, 1],
  DRESS: [0.15, 1, 1], TROUSERS: [0.12, 1, 1], SHOES: [0.35, 1, 1.5],
};
const FALL = 0.035;
const SOFT = 0.025;

/**
 * A product's soft shadow: how dark, how far it falls and how soft it is, in pixels.
 * @param {string} kind
 * @param {number} width_px of the mesh
 */
export function shadowOf(kind, width_px) {
  const [strength, faces, reach] = SHADOWS[kind] ?? [0, 1, 1];
  const size = width_px * faces;
  const hat = kind === "HAT";
  return {
    strength,
    reach,
    fall_px: FALL * size * (hat ? 2.2 : 1),
    sigma_px: Math.max(0.8, SOFT * size * (hat ? 1.8 : 1)),
  };
}
