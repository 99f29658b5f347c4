// Pictures and clips of the shop, to try the scanner without a camera.

import { icon, make } from "/shell/elements.js";

/**
 * Offer the samples.
 * @param {{name: string, url: string, mime_type: string}[]} samples
 * @param {HTMLElement} section hidden while there are none
 * @param {(what: {sample: object}) => void} onChoose
 */
export function showSamples(samples, section, onChoose) {
  const items = samples.filter((sample) => sample.name !== "portrait").map((sample) => make("li", {},
    make("button", { class: "sample", type: "button", onclick: () => onChoose({ sample }) },
      sample.mime_type.startsWith("image/")
        ? make("img", { src: `${sample.url}?max_side=320`, alt: "", loading: "lazy" })
        : make("span", { class: "sample-clip" }, icon("camera")),
      make("span", {}, sample.name.replaceAll("-", " ")))));
  section.querySelector("ul").replaceChildren(...items);
  section.hidden = items.length === 0;
}
