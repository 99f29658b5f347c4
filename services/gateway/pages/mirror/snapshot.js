/** A picture kept on this device: shown, saved, or shared on request. No request is made. */

import { t } from "/i18n.js";
import { icon } from "/shell/elements.js";

const FILE_NAME = "vitrine.jpg";

/**
 * Show a snapshot in its dialog; it is forgotten when the dialog closes.
 * @param {Blob} blob
 */
export function showSnapshot(blob) {
  const dialog = document.getElementById("snapshot");
  const url = URL.createObjectURL(blob);
  document.getElementById("snapshot-picture").src = url;
  const save = document.getElementById("snapshot-save");
  save.href = url;
  save.replaceChildren(icon("save"), t("mirror.snapshot.save"));
  offerSharing(new File([blob], FILE_NAME, { type: blob.type }));
  dialog.addEventListener("close", () => forget(url), { once: true });
  dialog.showModal();
}

/** Only what a tap asks for, and only where the device can share files. */
function offerSharing(file) {
  const share = document.getElementById("snapshot-share");
  share.hidden = !navigator.canShare?.({ files: [file] });
  share.replaceChildren(icon("share"), t("mirror.snapshot.share"));
  share.onclick = () => navigator.share({ files: [file] }).catch((refusal) => {
    console.info(`not shared: ${refusal.name}`); // the shopper may close the device's dialog
  });
}

function forget(url) {
  document.getElementById("snapshot-picture").removeAttribute("src");
  document.getElementById("snapshot-save").removeAttribute("href");
  document.getElementById("snapshot-share").onclick = null;
  URL.revokeObjectURL(url);
}
