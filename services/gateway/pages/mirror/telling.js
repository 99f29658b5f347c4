/** What the page says: a sentence over the picture, the badge of true scale, notices of trouble. */

import { t } from "/i18n.js";
import { noticeOf } from "/shell.js";
import { scaleBadge } from "./watching.js";

const byId = (id) => document.getElementById(id);

/** Say a sentence over the picture, to screen readers too; empty = nothing. */
export function tell(words) {
  const told = byId("told");
  if (told.textContent !== words) told.textContent = words;
}

/**
 * Say how large the person is, or why that is not known.
 * @param {object[]} worn products
 * @param {import("./meshes.js").Placement[]} placements
 */
export function showScale(worn, placements) {
  const { text, tone } = scaleBadge(worn, placements);
  const badge = byId("scale");
  badge.hidden = !text;
  badge.className = `badge ${tone}`;
  if (badge.textContent !== text) badge.textContent = text;
}

/**
 * Say what went wrong.
 * @param {Error} problem
 * @param {() => void} [retry] what "try again" does
 */
export function notice(problem, retry) {
  const again = retry && (() => {
    clearNotices();
    retry();
  });
  byId("notices").replaceChildren(noticeOf(problem, { retry: again }));
}

export function clearNotices() {
  byId("notices").replaceChildren();
}

/**
 * Open the page's own proof, with what is measured just now.
 * @param {{rate: number, delay_ms: number}} pace
 */
export function openProof({ rate, delay_ms }) {
  const values = { rate: Math.round(rate * 10) / 10, delay: Math.round(delay_ms) };
  byId("pace").textContent = rate ? t("mirror.proof.pace", values) : "";
  byId("proof").showModal();
}
