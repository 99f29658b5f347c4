// Parts of the photo that the shop proposes to search in.

import { t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { place } from "./box.js";

const MOST_CHIPS = 8;

const byId = (id) => document.getElementById(id);

/** @param {boolean} looking whether the shop is looking for things in the photo */
export function showLooking(looking) {
  byId("looking").hidden = !looking;
}

/**
 * Offer parts as dots on the photo and as chips below it, one for each product.
 * @param {{box: import("./box.js").Box, title: string}[]} found what is proposed
 * @param {(box: import("./box.js").Box) => void} onChosen told of the one that was taken
 */
export function showProposals(found, onChosen) {
  const surface = byId("surface");
  surface.querySelectorAll(".proposal").forEach((dot) => dot.remove());
  const named = found.map(({ box, title }, index) => ({
    box, name: title || t("search.proposal", { number: index + 1 }),
  }));
  const once = new Map(named.map((one) => [one.name, one]).reverse());
  const chips = named.filter((one) => once.get(one.name) === one).slice(0, MOST_CHIPS);
  surface.append(...named.map((one) => outline(one, onChosen)));
  byId("proposals").querySelector("ul").replaceChildren(...chips.map((one) => make("li", {},
    make("button", { class: "chip", type: "button", onclick: () => onChosen(one.box) }, one.name))));
  byId("proposals").hidden = named.length === 0;
}

function outline({ box, name }, onChosen) {
  const dot = make("button", {
    class: "proposal-dot", type: "button", tabIndex: -1, title: name, "aria-hidden": "true",
    onclick: () => onChosen(box),
  });
  const made = make("div", { class: "proposal" }, dot);
  place(made, box);
  return made;
}
