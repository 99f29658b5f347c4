// A USB hand scanner types like a keyboard, only faster, and ends with Enter.

/** A person does not type this fast; hand scanners take 1 to 30 ms a key. */
const MOST_BETWEEN_KEYS_MS = 50;
/** The shortest retail code is GTIN-8, the shortest UPC-E that is scanned has 6 digits. */
const LEAST_LENGTH = 6;

/** Tells a hand scanner's bursts from a person's typing. */
export class Wedge {
  #typed = "";
  #lastAt = -Infinity;

  /**
   * @param {string} key as `KeyboardEvent.key`
   * @param {number} atMs
   * @returns {string|undefined} the code, at the Enter that ends a burst
   */
  key(key, atMs) {
    const burst = atMs - this.#lastAt <= MOST_BETWEEN_KEYS_MS;
    this.#lastAt = atMs;
    if (key === "Enter") {
      const code = burst ? this.#typed : "";
      this.#typed = "";
      return code.length >= LEAST_LENGTH ? code : undefined;
    }
    if (key.length === 1) this.#typed = burst ? this.#typed + key : key;
    return undefined;
  }
}

const isField = (element) => element?.matches?.("input:not([type=file]), textarea, select, [contenteditable]");

/**
 * Listen for a hand scanner wherever nobody is typing into a field.
 * @param {Document} target
 * @param {(code: string) => void} onCode
 */
export function listenForWedge(target, onCode) {
  const wedge = new Wedge();
  target.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isField(event.target)) return;
    const code = wedge.key(event.key, event.timeStamp);
    if (code === undefined) return;
    event.preventDefault(); // the Enter belongs to the code, not to the button that has the focus
    event.stopPropagation();
    onCode(code);
  }, { capture: true });
}
