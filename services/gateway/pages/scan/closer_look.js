// A stream goes by looks alone, so that it keeps pace; siblings that look alike it leaves open.
// What stays open is looked at once more: one frame of it, as a whole picture, where print and
// details are compared too. The service decides both times; here the two are only joined.

const LEAST_FRAMES = 2;
const AGAIN_AFTER_MS = 4000;
/** Boxes that overlap by this much, as intersection over union, are of one thing. */
const SAME_THING = 0.4;

const isOpen = (item) => item.decision !== "DECISION_IDENTIFIED" && item.conflicts.length === 0;
const area = (box) => Math.max(0, box.x_max - box.x_min) * Math.max(0, box.y_max - box.y_min);

function overlap(one, other) {
  const both = area({
    x_min: Math.max(one.x_min, other.x_min), y_min: Math.max(one.y_min, other.y_min),
    x_max: Math.min(one.x_max, other.x_max), y_max: Math.min(one.y_max, other.y_max),
  });
  return both / (area(one) + area(other) - both || 1);
}

/** Joins what closer looks settled with the answers of a stream. */
export class CloserLook {
  #ask;
  #busy = false;
  #askedAt = new Map();
  #settled = new Map();

  /** @param {(picture: Blob) => Promise<object[]>} ask scans a picture; its ScannedItems */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * The items of a frame, with what was settled about their tracks.
   * @param {object[]} items ScannedItems of a stream
   * @param {{blob: Blob}} frame
   * @returns {object[]}
   */
  join(items, frame) {
    const open = items.filter((item) => this.#isDue(item));
    if (open.length > 0 && !this.#busy) this.#look(open, frame.blob);
    return items.map((item) => this.#joined(item));
  }

  /** Forget everything: another stream, another store. */
  clear() {
    this.#askedAt.clear();
    this.#settled.clear();
  }

  #isDue(item) {
    const waited = performance.now() - (this.#askedAt.get(item.track_id) ?? -Infinity);
    return isOpen(item) && item.frames_used >= LEAST_FRAMES && waited > AGAIN_AFTER_MS
      && !this.#settled.has(item.track_id);
  }

  async #look(open, picture) {
    this.#busy = true;
    try {
      const found = (await this.#ask(picture)).filter((item) => item.decision === "DECISION_IDENTIFIED");
      for (const item of open) {
        const same = found.find((one) => overlap(one.box, item.box) > SAME_THING);
        if (same) this.#settled.set(item.track_id, same);
        this.#askedAt.set(item.track_id, performance.now());
      }
    } catch (problem) {
      console.info(`no closer look: ${problem.message}`);
      for (const item of open) this.#askedAt.set(item.track_id, performance.now());
    } finally {
      this.#busy = false;
    }
  }

  #joined(item) {
    const settled = this.#settled.get(item.track_id);
    if (!settled || !isOpen(item)) return item;
    if (!item.candidates.some(({ product }) => product.sku === settled.product.sku)) {
      this.#settled.delete(item.track_id); // the track shows something else by now
      return item;
    }
    return { ...settled, box: item.box, track_id: item.track_id, frames_used: item.frames_used, frames_to_decide: 0 };
  }
}
