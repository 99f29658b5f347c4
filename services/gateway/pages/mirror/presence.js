/** Whether somebody stands before the mirror: on a kiosk the next person is asked anew. */

const LEFT_AFTER_MS = 90_000;
const CHECK_EVERY_MS = 1000;

export class Presence {
  #seenMs = performance.now();

  /** @param {{isWatched: () => boolean, onLeft: () => void}} mirror */
  constructor({ isWatched, onLeft }) {
    setInterval(() => {
      if (!isWatched()) this.seen();
      else if (performance.now() - this.#seenMs > LEFT_AFTER_MS) onLeft();
    }, CHECK_EVERY_MS);
  }

  /** Somebody was seen, or touched something. */
  seen() {
    this.#seenMs = performance.now();
  }
}
