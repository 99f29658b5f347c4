// The photo that is searched by: dropped, pasted, chosen, taken or a sample.

import { Problem } from "/api.js";
import { grabJpeg, listSamples, openSource } from "/camera.js";
import { t } from "/i18n.js";
import { make } from "/shell/elements.js";

const byId = (id) => document.getElementById(id);

/** Longer side that is sent, in pixels: what the search looks at, and quick to send. */
const MAX_SIDE = 1600;
const MOST_SAMPLES = 8;

/** Takes a photo in and shows it. */
export class PhotoIntake {
  /**
   * @param {(photo: Blob | null) => void} onPhoto told of a new photo; null = removed
   * @param {(problem: Error) => void} onProblem told what was wrong with a file
   */
  constructor(onPhoto, onProblem) {
    this.onPhoto = onPhoto;
    this.onProblem = onProblem;
    this.#listenForDrops();
    byId("file").addEventListener("change", ({ target }) => {
      this.take({ file: target.files[0] });
      target.value = "";
    });
    byId("clear-photo").addEventListener("click", () => this.clear());
    document.addEventListener("paste", (event) => this.#takeFrom(event.clipboardData, event));
  }

  /**
   * Take a photo in: upright, at the size that is searched.
   * @param {{file?: Blob, sample?: {url: string, mime_type: string}}} given a file or a sample
   */
  async take(given) {
    if (!given.file && !given.sample) return;
    let source;
    try {
      if (given.file && !given.file.type.startsWith("image/")) {
        throw new Problem({ reason: "IMAGE_FORMAT_UNSUPPORTED" });
      }
      source = await openSource(given);
      this.show(await frameOf(source));
    } catch (error) {
      this.onProblem(error);
    } finally {
      source?.stop();
    }
  }

  /** @param {Blob} photo JPEG that is shown and searched by */
  show(photo) {
    const picture = byId("picture");
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(photo);
    picture.alt = t("search.photo.alt");
    byId("drop").hidden = true;
    byId("chosen").hidden = false;
    this.onPhoto(photo);
  }

  /** Take the photo away. */
  clear() {
    byId("drop").hidden = false;
    byId("chosen").hidden = true;
    URL.revokeObjectURL(byId("picture").src);
    byId("picture").removeAttribute("src");
    this.onPhoto(null);
    byId("file").focus();
  }

  /** Anywhere on the page: a file that misses the zone must not take the page's place. */
  #listenForDrops() {
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      byId("drop").classList.add("over");
    });
    document.addEventListener("dragleave", () => byId("drop").classList.remove("over"));
    document.addEventListener("drop", (event) => {
      byId("drop").classList.remove("over");
      this.#takeFrom(event.dataTransfer, event);
    });
  }

  #takeFrom(transfer, event) {
    const file = transfer?.files[0];
    if (!file) return;
    event.preventDefault();
    this.take({ file });
  }
}

/**
 * @param {import("/camera.js").Source} source what has a frame
 * @returns {Promise<Blob>} it as JPEG
 */
export async function frameOf(source) {
  const { blob, bitmap } = await grabJpeg(source, { maxSide: MAX_SIDE, quality: 0.9 });
  bitmap.close();
  return blob;
}

/** @param {PhotoIntake} intake what takes the chosen one */
export async function offerSamples(intake) {
  const pictures = (await listSamples()).filter((one) => one.mime_type.startsWith("image/"));
  const items = pictures.slice(0, MOST_SAMPLES).map((sample) => make("li", {}, make("button", {
    class: "sample", type: "button", onclick: () => intake.take({ sample }),
    "aria-label": t("search.sample", { name: sample.name }),
  }, make("img", { src: `${sample.url}?max_side=320`, alt: "", loading: "lazy" }))));
  byId("samples").querySelector("ul").replaceChildren(...items);
  byId("samples").hidden = items.length === 0;
}
