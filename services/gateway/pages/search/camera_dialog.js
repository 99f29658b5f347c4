// A dialog with the camera's picture and a button that takes it.

import { openSource } from "/camera.js";
import { make } from "/shell/elements.js";
import { noticeOf } from "/shell.js";
import { frameOf } from "./photo.js";

/**
 * @param {HTMLDialogElement} dialog with a stage and a button "take"
 * @param {(photo: Blob) => void} onTaken told of the photo
 * @returns {() => Promise<void>} opens it
 */
export function cameraDialog(dialog, onTaken) {
  const stage = dialog.querySelector(".stage");
  const take = dialog.querySelector("#take");
  let source = null;
  const close = () => {
    source?.stop();
    source = null;
    stage.replaceChildren();
  };
  dialog.addEventListener("close", close);
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  take.addEventListener("click", async () => {
    onTaken(await frameOf(source));
    dialog.close();
  });
  return async () => {
    take.disabled = true;
    stage.replaceChildren(make("span", { class: "spinner" }));
    dialog.showModal();
    try {
      const opened = await openSource({ camera: "environment", onEnded: () => dialog.close() });
      if (!dialog.open) return opened.stop();
      source = opened;
      stage.replaceChildren(source.element);
      take.disabled = false;
      take.focus();
    } catch (problem) {
      stage.replaceChildren(noticeOf(problem));
    }
  };
}
