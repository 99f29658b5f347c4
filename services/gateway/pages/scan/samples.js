// Pictures and clips of the shop, to try the scanner without a camera.

import { MOTION_JPEG } from "/camera/motion_jpeg.js";
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
      make("span", { class: "sample-picture" }, ...preview(sample)),
      make("span", {}, sample.name.replaceAll("-", " ")))));
  section.querySelector("ul").replaceChildren(...items);
  section.hidden = items.length === 0;
}

function preview({ url, mime_type: type }) {
  const isPicture = type.startsWith("image/");
  return [
    (isPicture || type === MOTION_JPEG) && make("img", { src: `${url}?max_side=320`, alt: "", loading: "lazy" }),
    !isPicture && icon("play"),
  ].filter(Boolean);
}
