// What is heard, felt and read out when something is found. Off until asked for, but for the
// words to screen readers, which say each product once.

import { formatPrice, t } from "/i18n.js";

/** A product that was told of is not told of again for as long as this. */
const TOLD_FOR_MS = 15000;
const TONE = { hz: 1320, seconds: 0.07, gain: 0.08 };
const PULSE_MS = 40;

/** Sound, vibration and words. */
export class Feedback {
  #spoken; #audio;
  #on = { sound: false, haptics: false };
  #told = new Map();

  /** @param {HTMLElement} spoken an `aria-live` region */
  constructor(spoken) {
    this.#spoken = spoken;
  }

  /**
   * Let a button switch one of the two.
   * @param {HTMLElement} button
   * @param {"sound"|"haptics"} name
   */
  bind(button, name) {
    button.hidden = name === "haptics" && !navigator.vibrate;
    const show = () => button.setAttribute("aria-pressed", this.#on[name]);
    this.#on[name] = localStorage.getItem(`vitrine.${name}`) === "on";
    button.addEventListener("click", () => {
      this.#on[name] = !this.#on[name];
      localStorage.setItem(`vitrine.${name}`, this.#on[name] ? "on" : "off");
      show();
      if (this.#on[name]) this.#signal();
    });
    show();
  }

  /** @param {object[]} items ScannedItems; those that were identified anew are told of */
  notice(items) {
    const found = items.filter((item) => item.decision === "DECISION_IDENTIFIED" && this.#isNew(item.product.sku));
    if (found.length === 0) return;
    this.#signal();
    this.#spoken.textContent = found.map((item) => sentence(item.product, item.offer)).join(" ");
  }

  /** @param {object} answer a LookupAnswer */
  noticeCode(answer) {
    this.#spoken.textContent = answer.product ? sentence(answer.product, answer.offer) : t("scan.code.nothing");
    this.#signal();
  }

  #isNew(sku) {
    const now = performance.now();
    const told = this.#told.get(sku) ?? -Infinity;
    this.#told.set(sku, now);
    return now - told > TOLD_FOR_MS;
  }

  #signal() {
    if (this.#on.haptics) navigator.vibrate?.(PULSE_MS);
    if (this.#on.sound) this.#beep();
  }

  #beep() {
    this.#audio ??= new AudioContext();
    const { currentTime, destination } = this.#audio;
    const tone = new OscillatorNode(this.#audio, { frequency: TONE.hz });
    const volume = new GainNode(this.#audio, { gain: TONE.gain });
    volume.gain.setTargetAtTime(0, currentTime + TONE.seconds, 0.015); // no click at the end
    tone.connect(volume).connect(destination);
    tone.start();
    tone.stop(currentTime + TONE.seconds * 2);
  }
}

function sentence(product, offer) {
  return `${product.title}, ${formatPrice(offer?.price ?? product.price) || t("shell.price.unknown")}.`;
}
