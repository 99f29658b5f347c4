// The part of the photo that is searched: drawn, moved and resized by pointer or keys.

import { boxBetween, isLargeEnough, middle, moved, place, resized } from "./box.js";
import { make } from "/shell/elements.js";
import { t } from "/i18n.js";

const STEP = 0.02;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** An adjustable region over a photo. */
export class RegionEditor {
  /**
   * @param {HTMLElement} surface lies exactly over the photo
   * @param {(box: import("./box.js").Box | null) => void} onChosen told when a region was
   *   chosen; null = the whole photo
   * @param {HTMLElement} home gets the focus when the region is taken away with the keyboard
   */
  constructor(surface, onChosen, home) {
    Object.assign(this, { surface, onChosen, home });
    /** @type {import("./box.js").Box | null} */
    this.box = null;
    this.frame = this.#makeFrame();
    surface.append(this.frame);
    surface.addEventListener("pointerdown", (event) => this.#begin(event));
    this.frame.addEventListener("keydown", (event) => this.#key(event));
    this.#show();
  }

  /**
   * @param {import("./box.js").Box | null} box the region; null = the whole photo
   * @param {{tell?: boolean}} [options] whether to tell that it was chosen
   */
  set(box, { tell = true } = {}) {
    this.box = box;
    this.#show();
    if (tell) this.onChosen(box);
  }

  /** Begin from the middle, with the keyboard on it. */
  begin() {
    this.set(this.box ?? middle());
    this.frame.focus();
  }

  #makeFrame() {
    const corners = ["nw", "ne", "se", "sw"].map((corner) => make("span", {
      class: "region-corner", data: { corner }, "aria-hidden": "true",
    }));
    return make("div", {
      class: "region", tabIndex: 0, role: "application", data: { i18nLabel: "search.region" },
      "aria-label": t("search.region"), "aria-describedby": "region-hint",
    }, corners);
  }

  #show() {
    this.frame.hidden = !this.box;
    this.surface.classList.toggle("has-region", Boolean(this.box));
    if (this.box) place(this.frame, this.box);
  }

  #point(event) {
    const bounds = this.surface.getBoundingClientRect();
    return {
      x: (event.clientX - bounds.left) / bounds.width,
      y: (event.clientY - bounds.top) / bounds.height,
    };
  }

  #begin(event) {
    if (event.button !== 0 || event.target.closest("button")) return;
    event.preventDefault();
    const start = this.#point(event);
    const before = this.box;
    const change = this.#changing(event.target, start, before);
    const move = (now) => {
      this.box = change(this.#point(now));
      this.#show();
    };
    const end = (last) => {
      this.surface.removeEventListener("pointermove", move);
      this.surface.removeEventListener("pointerup", end);
      this.surface.removeEventListener("pointercancel", end);
      this.#settle(last.type === "pointercancel" ? before : this.box, before);
    };
    this.surface.setPointerCapture(event.pointerId);
    this.surface.addEventListener("pointermove", move);
    this.surface.addEventListener("pointerup", end);
    this.surface.addEventListener("pointercancel", end);
  }

  /** What the pointer's way means: a corner resizes, the inside moves, elsewhere draws anew. */
  #changing(target, start, before) {
    const corner = target.dataset.corner;
    if (corner && before) {
      return (now) => resized(before, corner, now.x - start.x, now.y - start.y);
    }
    if (target === this.frame && before) {
      return (now) => moved(before, now.x - start.x, now.y - start.y);
    }
    return (now) => boxBetween(start, now);
  }

  /** A tap or a sliver chooses nothing. */
  #settle(box, before) {
    const chosen = box && isLargeEnough(box) ? box : before;
    const changed = JSON.stringify(chosen) !== JSON.stringify(before);
    this.set(chosen, { tell: changed });
    if (changed) this.frame.focus({ preventScroll: true });
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    if (event.key === "Escape" && this.box) {
      this.set(null);
      this.home.focus();
    } else if (arrow && this.box) {
      const [dx, dy] = arrow.map((way) => way * STEP);
      this.set(event.shiftKey ? resized(this.box, "se", dx, dy) : moved(this.box, dx, dy));
    } else return;
    event.preventDefault();
  }
}
