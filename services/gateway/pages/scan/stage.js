// The picture and what was found in it: marks lie on the very frame that they were found in.

import { frameSize } from "/camera.js";
import { formatPrice } from "/i18n.js";
import { kindOf, offerWords, titleOf } from "/scan/words.js";
import { make } from "/shell/elements.js";

/** A label narrower than this says nothing; narrower than that, the price only. */
const LEAST_PX = 48;
const LEAST_WITH_TITLE_PX = 80;
const LEAST_WITH_STOCK_PX = 120;
/** A label grows over its thing's edge up to this, in the page's own units. */
const WIDEST_REM = 9;

/** The stage: a canvas, and one mark an item over it. */
export class Stage {
  #element; #canvas; #marks; #onPick;
  #drawn = 0;

  /**
   * @param {HTMLElement} element holds `canvas` and `.overlay`
   * @param {{onPick: (key: string) => void}} handlers a mark was chosen
   */
  constructor(element, { onPick }) {
    this.#element = element;
    this.#canvas = element.querySelector("canvas");
    this.#marks = element.querySelector(".overlay");
    this.#onPick = onPick;
  }

  /** @param {"empty"|"video"|"image"} state */
  set state(state) {
    this.#element.dataset.state = state;
    this.#drawn += 1;
    if (state === "empty") this.#marks.replaceChildren();
  }

  /**
   * Show a source as it comes, until its first frame is answered.
   * @param {import("/camera.js").Source} source
   */
  preview(source) {
    const before = this.#drawn;
    const step = () => {
      if (this.#drawn !== before) return;
      const { width, height } = frameSize(source);
      if (width) this.#paint(source.element, width, height);
      requestAnimationFrame(step);
    };
    step();
  }

  /**
   * Draw a frame and the items that were found in it, in one go.
   * @param {{bitmap: ImageBitmap, width: number, height: number}} frame
   * @param {object[]} items ScannedItems
   */
  draw({ bitmap, width, height }, items) {
    this.#drawn += 1;
    this.#paint(bitmap, width, height);
    this.#place(width, height);
    this.#marks.replaceChildren(...items.map((item, index) => this.#mark(item, index, items)));
  }

  #paint(picture, width, height) {
    const canvas = this.#canvas;
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      this.#element.style.setProperty("--ratio", `${width} / ${height}`);
    }
    canvas.getContext("2d").drawImage(picture, 0, 0, width, height);
  }

  /** Lay the overlay over the part of the stage that the picture covers. */
  #place(width, height) {
    const { clientWidth, clientHeight } = this.#element;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    const { style } = this.#marks;
    style.width = `${width * scale}px`;
    style.height = `${height * scale}px`;
    style.left = `${(clientWidth - width * scale) / 2}px`;
    style.top = `${(clientHeight - height * scale) / 2}px`;
  }

  #mark(item, index, items) {
    const { x_min, y_min, x_max, y_max } = item.box;
    const own = (x_max - x_min) * this.#marks.clientWidth;
    const widest = WIDEST_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const room = Math.min(roomFor(item, items) * this.#marks.clientWidth, Math.max(own, widest));
    const mark = make("button", {
      class: `mark ${kindOf(item)}`, type: "button", tabIndex: -1, "aria-hidden": "true",
      onclick: () => this.#onPick(keyOf(item, index)),
    }, room >= LEAST_PX && label(item, room));
    const percent = (value) => `${100 * Math.min(Math.max(value, 0), 1)}%`;
    Object.assign(mark.style, {
      left: percent(x_min), top: percent(y_min),
      width: percent(x_max - x_min), height: percent(y_max - y_min),
    });
    return mark;
  }
}

/** How wide a label may be, as a share of the picture: to the next thing beside it. */
function roomFor({ box }, items) {
  const beside = items.filter((other) => other.box.x_min > box.x_min
    && other.box.y_min < box.y_max && other.box.y_max > box.y_max - 0.2);
  return Math.min(1, ...beside.map((other) => other.box.x_min)) - box.x_min;
}

function label(item, room) {
  const price = formatPrice(item.offer?.price ?? item.product?.price);
  const offer = item.offer && offerWords(item.offer).text;
  const wide = room >= LEAST_WITH_TITLE_PX;
  const made = make("span", { class: "mark-label" },
    (wide || !price) && make("span", { class: "mark-title" }, titleOf(item)),
    price && make("span", { class: "mark-price" }, price),
    room >= LEAST_WITH_STOCK_PX && offer && make("span", { class: "mark-stock" }, offer));
  made.style.maxWidth = `${room}px`;
  return made;
}

/**
 * What an item is listed as: a product once, whatever else by its track or its place.
 * @param {object} item a ScannedItem
 * @param {number} index
 * @returns {string}
 */
export function keyOf(item, index) {
  if (item.decision === "DECISION_IDENTIFIED") return `sku-${item.product.sku}`;
  return item.track_id ? `track-${item.track_id}` : `item-${index}`;
}
