/** The products' pictures, as WebGL wants them: decoded, with premultiplied alpha. */

const LARGEST_PX = 2048;
const KEPT = 48;
const RAW = { premultiplyAlpha: "premultiply", colorSpaceConversion: "none" };

/** Pictures by their id, which is the hash of their bytes: they never change. */
export class TextureShelf {
  /** @type {Map<string, ImageBitmap>} */
  #bitmaps = new Map();
  /** @type {Map<string, Promise<void>>} */
  #coming = new Map();

  /** The picture of a placement, when it is here. */
  bitmapOf(placement) {
    return this.#bitmaps.get(placement.mesh?.texture_id);
  }

  /**
   * Get the pictures that placements need and that are not here yet.
   * @param {import("./meshes.js").Placement[]} placements
   * @returns {Promise<void>}
   */
  async fetchFor(placements) {
    const wanted = placements.filter((one) => one.mesh?.texture_id && !this.bitmapOf(one));
    await Promise.all(wanted.map((one) => this.#fetchOnce(one.sku, one.mesh.texture_id)));
  }

  #fetchOnce(sku, id) {
    if (!this.#coming.has(id)) {
      const coming = this.#fetch(sku, id).finally(() => this.#coming.delete(id));
      this.#coming.set(id, coming);
    }
    return this.#coming.get(id);
  }

  async #fetch(sku, id) {
    const response = await fetch(textureUrl(sku, id));
    if (!response.ok) throw new Error(`the picture of ${sku} is not to be had`);
    this.#bitmaps.set(id, await decoded(await response.blob()));
    const [oldest] = this.#bitmaps.keys();
    if (this.#bitmaps.size > KEPT) this.#bitmaps.delete(oldest);
  }
}

/** Where the picture of a product is. */
export function textureUrl(sku, id) {
  return `/v1/tryon/textures/${encodeURIComponent(sku)}/${encodeURIComponent(id)}`;
}

async function decoded(blob) {
  const bitmap = await createImageBitmap(blob, RAW);
  const ratio = LARGEST_PX / Math.max(bitmap.width, bitmap.height);
  if (ratio >= 1) return bitmap;
  const size = { resizeWidth: Math.round(bitmap.width * ratio), resizeQuality: "high" };
  return createImageBitmap(bitmap, { ...RAW, ...size });
}

/** Whether anything hides a part of a placement. @param {import("./meshes.js").Placement} one */
export function isMasked(one) {
  return Boolean(one.mesh?.mask_png);
}

/**
 * The masks that placements carry, decoded: 255 = draw. The browser decodes in a thread of its own.
 * @param {import("./meshes.js").Placement[]} placements
 * @returns {Promise<Map<object, ImageBitmap>>}
 */
export async function masksOf(placements) {
  const masked = placements.filter(isMasked);
  const decode = async (one) => {
    const bytes = Uint8Array.from(atob(one.mesh.mask_png), (letter) => letter.charCodeAt(0));
    return [one, await createImageBitmap(new Blob([bytes], { type: "image/png" }), RAW)];
  };
  return new Map(await Promise.all(masked.map(decode)));
}
