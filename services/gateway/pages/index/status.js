// How every service is, asked gently: only while somebody looks, and not often.

import { getJson } from "/api.js";
import { hasWords, t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { noticeOf } from "/shell.js";

const EVERY_MS = 10000;

function service({ name, state }) {
  const serving = state === "serving";
  const what = `index.service.${name}`;
  return make("li", { data: { service: name, state } },
    make("div", {}, make("strong", {}, name.replaceAll("_", " ")),
      hasWords(what) && make("span", { class: "small soft" }, t(what))),
    make("span", { class: serving ? "badge ok" : "badge" }, t(serving ? "index.serving" : "index.away")));
}

function counted({ catalog, index }) {
  if (!catalog) return "";
  const told = [
    t("index.products", { count: Number(catalog.products) }),
    t("index.pictures", { count: Number(catalog.reference_images) }),
    t("index.stores", { count: Number(catalog.stores) }),
  ].join(" · ");
  if (!index) return told;
  const behind = Number(catalog.revision) - Number(index.applied_revision);
  return `${told} · ${behind > 0 ? t("index.behind", { count: behind }) : t("index.level")}`;
}

/**
 * Show the services and keep showing them while the page is looked at.
 * @param {{list: HTMLElement, counts: HTMLElement, trouble: HTMLElement}} places
 */
export function watchStatus({ list, counts, trouble }) {
  let known;
  const draw = () => {
    if (!known) return;
    list.replaceChildren(...known.services.map(service));
    counts.textContent = counted(known);
  };
  const ask = async () => {
    try {
      known = await getJson("/v1/status");
      trouble.replaceChildren();
      draw();
    } catch (problem) {
      if (!trouble.hasChildNodes()) trouble.append(noticeOf(problem));
    }
  };
  const whenSeen = () => { if (!document.hidden) ask(); };
  setInterval(whenSeen, EVERY_MS);
  document.addEventListener("visibilitychange", whenSeen);
  window.addEventListener("languagechosen", draw);
  ask();
}
