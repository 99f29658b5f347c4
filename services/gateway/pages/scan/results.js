// The list of what was scanned. Cards stay while their answer stays: nothing flickers, and
// what has the focus or is open keeps it.

import { getJson } from "/api.js";
import { itemCard, lookupCard } from "/scan/card.js";
import { keyOf } from "/scan/stage.js";
import { kindOf } from "/scan/words.js";
import { chosenStore } from "/shell.js";
import { make } from "/shell/elements.js";

/** What left the picture is listed for as long as this. */
const LINGERS_MS = 4000;
/** Share of the smaller of two boxes that lies in the other, from which on they are one thing's. */
const SAME_PLACE = 0.6;
const MOST_LOOKUPS = 5;

const now = () => performance.now();

/** The cards of a scan and of typed codes. */
export class Results {
  #list; #nothing; #handlers;
  #cards = new Map();
  #lookups = 0;

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} nothing shown while there is no card
   * @param {object} handlers
   * @param {(taken: {product: object, offer?: object}) => void} handlers.onTake into the basket
   * @param {(problem: Error) => void} handlers.onProblem an offer is not to be had
   */
  constructor(list, nothing, handlers) {
    this.#list = list;
    this.#nothing = nothing;
    this.#handlers = handlers;
  }

  /**
   * Show the items of the newest frame.
   * @param {object[]} items ScannedItems
   * @param {{live: boolean}} options live = what left the picture lingers
   */
  update(items, { live }) {
    const seen = byKey(items);
    for (const [key, alike] of seen) this.#put(key, { item: alike[0], times: alike.length, seenAt: now() });
    for (const [key, card] of this.#cards) {
      if (card.item && !seen.has(key) && !this.#stays(card, live, items)) this.#remove(key);
    }
    this.#tidy();
  }

  /** Show what a code named, above everything else. */
  addLookup(answer) {
    this.#put(`code-${++this.#lookups}`, { answer });
    const old = [...this.#cards.keys()].filter((key) => key.startsWith("code-")).slice(0, -MOST_LOOKUPS);
    old.forEach((key) => this.#remove(key));
    this.#tidy();
  }

  /** Take the cards of what the camera saw away. */
  clear() {
    for (const [key, card] of this.#cards) if (card.item) this.#remove(key);
    this.#tidy();
  }

  /** Take every card away: another person comes. */
  forget() {
    for (const key of [...this.#cards.keys()]) this.#remove(key);
    this.#tidy();
  }

  /** Draw every card again, in the language of now. */
  redraw() {
    for (const card of this.#cards.values()) this.#fill(card);
  }

  /** Ask for the offers of a store for the cards that a new frame will not bring. */
  async priceAgain(store) {
    for (const card of this.#cards.values()) {
      const known = card.chosen ?? card.answer;
      if (known?.product) {
        known.offer = await offerOf(known.product.sku, store);
        this.#fill(card);
      }
    }
  }

  /** Bring a card into view and focus it. */
  reveal(key) {
    const card = this.#cards.get(key);
    card?.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
    card?.element.focus();
  }

  #put(key, told) {
    const card = this.#cards.get(key) ?? this.#added(key, told);
    const drawn = signature(told);
    Object.assign(card, told);
    if (card.drawn === drawn) return;
    card.drawn = drawn;
    if (told.item && told.item.decision === "DECISION_IDENTIFIED") card.chosen = undefined;
    this.#fill(card);
  }

  #added(key, told) {
    const element = make("article", { class: "card result", tabIndex: -1, data: { key } });
    const card = { element };
    this.#cards.set(key, card);
    if (told.answer) this.#list.prepend(element);
    else this.#list.append(element);
    return card;
  }

  #fill(card) {
    const { element, item, answer, chosen, times } = card;
    const open = element.querySelector("details")?.open ?? false;
    element.dataset.kind = chosen ? "identified" : item ? kindOf(item) : answer.product ? "identified" : "unknown";
    const onTake = (taken) => this.#handlers.onTake(taken);
    const onChoose = (product) => this.#choose(card, product).catch(this.#handlers.onProblem);
    element.replaceChildren(...(item ? itemCard(item, { chosen, times, onChoose, onTake }) : lookupCard(answer, { onTake })));
    const details = element.querySelector("details");
    if (details) details.open = open;
  }

  async #choose(card, product) {
    card.chosen = { product };
    this.#fill(card);
    card.element.focus();
    card.chosen.offer = await offerOf(product.sku, chosenStore());
    this.#fill(card);
  }

  #stays(card, live, items) {
    const held = card.element.contains(document.activeElement) || card.element.querySelector("details[open]");
    const lingers = now() - card.seenAt < LINGERS_MS && !isOutdated(card.item, items);
    return live && (held || card.chosen || lingers);
  }

  #remove(key) {
    this.#cards.get(key).element.remove();
    this.#cards.delete(key);
  }

  #tidy() {
    this.#nothing.hidden = this.#cards.size > 0;
  }
}

/** Whether what was undecided is by now the same thing, or another in its place. */
function isOutdated(item, items) {
  return item.decision !== "DECISION_IDENTIFIED" && items.some((one) => (
    one.track_id === item.track_id || sharedPart(one.box, item.box) > SAME_PLACE));
}

/** How much of the smaller of two boxes lies in the other, 0..1. */
function sharedPart(a, b) {
  const width = Math.min(a.x_max, b.x_max) - Math.max(a.x_min, b.x_min);
  const height = Math.min(a.y_max, b.y_max) - Math.max(a.y_min, b.y_min);
  const area = ({ x_min, y_min, x_max, y_max }) => (x_max - x_min) * (y_max - y_min);
  return Math.max(width, 0) * Math.max(height, 0) / Math.max(Math.min(area(a), area(b)), 1e-9);
}

/** The items by what they are listed as: two of one product are one card. */
function byKey(items) {
  const found = new Map();
  items.forEach((item, index) => {
    const key = keyOf(item, index);
    found.set(key, [...(found.get(key) ?? []), item]);
  });
  return found;
}

/** What a card shows; a frame that changes nothing of it draws nothing. */
function signature({ item, answer, times }) {
  if (answer) return JSON.stringify(answer);
  const candidates = item.candidates.map(({ product, probability }) => [product.sku, Math.round(probability * 20)]);
  return JSON.stringify([times, item.decision, item.product?.sku, item.offer?.price, item.offer?.store_id, item.offer?.quantity,
    item.decision === "DECISION_IDENTIFIED" ? 0 : candidates, item.conflicts, item.codes.map((code) => code.text)]);
}

async function offerOf(sku, store) {
  const { offers } = await getJson("/v1/offers", { sku, store });
  return offers[0];
}
