/** What stands before the picture: the question for consent, and what to show. */

import { listSamples } from "/camera.js";
import { MOTION_JPEG } from "/camera/motion_jpeg.js";
import { t } from "/i18n.js";
import { icon, make } from "/shell/elements.js";

const GATES = ["consent", "declined", "choose"];
/** Samples of people; others are of shelves, for the scanner. */
const OF_PEOPLE = /portrait|person|people|face|mirror|hand|body/i;

const byId = (id) => document.getElementById(id);

/**
 * Show one gate, or none and the picture.
 * @param {"consent" | "declined" | "choose" | ""} name
 */
export function showGate(name) {
  for (const gate of GATES) byId(gate).hidden = gate !== name;
  byId("main").dataset.step = name || "mirror";
}

/** Fill in words that name this address, and icons. */
export function translateGates() {
  byId("consent-words").textContent = t("mirror.consent.words", { host: location.host });
  byId("open-camera").replaceChildren(icon("camera"), t("mirror.choose.camera"));
  byId("open-photo").replaceChildren(icon("photo"), t("mirror.choose.photo"));
  byId("open-photo").htmlFor = "photo-file";
}

/** Say why nothing is looked at now, and offer to ask again. @param {string} words a key */
export function sayDeclined(words) {
  byId("declined-words").textContent = t(words);
  byId("declined-words").dataset.words = words;
  showGate("declined");
}

/**
 * Offer the shop's samples of people.
 * @param {(sample: {url: string, mime_type: string}) => void} onChosen
 * @param {{clips: boolean}} how whether clips can be drawn
 */
export async function offerSamples(onChosen, { clips }) {
  let samples = [];
  try {
    samples = await listSamples();
  } catch (problem) {
    console.info(`samples are not to be had: ${problem.message}`);
  }
  const people = samples.filter((one) => OF_PEOPLE.test(one.name)
    && (clips || one.mime_type.startsWith("image/")));
  byId("samples").hidden = people.length === 0;
  byId("sample-list").replaceChildren(...people.map((one) => make("li", {}, tile(one, onChosen))));
}

function tile(sample, onChosen) {
  const words = t(sample.mime_type.startsWith("video/") ? "mirror.choose.clip" : "mirror.choose.portrait");
  return make("button", {
    class: "sample", type: "button", data: { sample: sample.name, type: sample.mime_type },
    onclick: () => onChosen(sample),
  }, preview(sample), make("span", { class: "small" }, words));
}

/** A picture, or a clip's first one. */
function preview({ url, mime_type: type }) {
  if (type.startsWith("image/") || type === MOTION_JPEG) {
    return make("img", { src: `${url}?max_side=320`, alt: "" });
  }
  return make("video", { src: url, muted: true, playsInline: true, preload: "metadata" });
}
