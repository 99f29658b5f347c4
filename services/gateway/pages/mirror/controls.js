/** The buttons under the picture. */

import { t } from "/i18n.js";
import { icon, make } from "/shell/elements.js";

/**
 * @typedef {object} Actions
 * @property {() => void} snapshot
 * @property {() => void} pause stands still or goes on
 * @property {(without: boolean) => void} compare
 * @property {() => void} change another camera, photo or sample
 */

/**
 * Fill the bar under the picture.
 * @param {HTMLElement} bar
 * @param {Actions} actions
 * @param {{live: boolean, paused: boolean, worn: boolean}} state
 */
export function showControls(bar, actions, { live, paused, worn }) {
  const pause = paused ? ["play", "mirror.play"] : ["pause", "mirror.pause"];
  bar.replaceChildren(
    button("camera", "mirror.snapshot", actions.snapshot, "primary"),
    ...(live ? [button(...pause, actions.pause)] : []),
    ...((paused || !live) && worn ? [comparing(actions)] : []),
    button("photo", "mirror.change", actions.change),
  );
}

function button(sign, words, onclick, tone = "") {
  return make("button", { class: `button ${tone}`, type: "button", onclick, data: { does: words } },
    icon(sign), make("span", {}, t(words)));
}

function comparing(actions) {
  const toggle = button("eye", "mirror.compare", () => {
    const without = toggle.getAttribute("aria-pressed") !== "true";
    toggle.setAttribute("aria-pressed", String(without));
    actions.compare(without);
  });
  toggle.setAttribute("aria-pressed", "false");
  return toggle;
}
