// The index's state: a few figures on top, and all of it under "Recognition".

import { formatNumber, t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { behind, printBehind } from "./knowledge.js";

const shown = (value) => (value === undefined || value === null ? "–" : formatNumber(Number(value)));

/**
 * @param {HTMLElement} list a dl
 * @param {import("./knowledge.js").Knowledge} knowledge as read
 * @param {boolean} live whether changes come by themselves
 */
export function showFigures(list, knowledge, live) {
  const { catalog } = knowledge;
  list.replaceChildren(
    figure(t("catalog.tab.products"), shown(catalog?.products)),
    figure(t("catalog.photos.title"), shown(catalog?.reference_images)),
    figure(t("catalog.tab.stores"), shown(catalog?.stores)),
    figure(t("catalog.fact.revision"), shown(catalog?.revision),
      live && make("span", { class: "live small" }, t("catalog.live"))),
    figure(t("catalog.tab.recognition"), followBadge(knowledge)));
}

function figure(name, ...value) {
  return make("div", { class: "figure" }, make("dt", { class: "soft small" }, name), make("dd", {}, value));
}

function followBadge(knowledge) {
  const late = behind(knowledge);
  const print = printBehind(knowledge);
  if (late === null) return make("span", { class: "badge bad", data: { follow: "away" } }, t("catalog.follow.away"));
  if (late > 0) {
    return make("span", { class: "badge warn", data: { follow: "behind" } }, t("catalog.follow.behind", { count: late }));
  }
  const key = print > 0 ? "print" : "ready";
  return make("span", { class: "badge ok", data: { follow: key } }, t(`catalog.follow.${key}`, { count: print }));
}

/**
 * @param {HTMLElement} panel where to show it
 * @param {import("./knowledge.js").Knowledge} knowledge as read
 */
export function showRecognition(panel, knowledge) {
  const { index, catalog } = knowledge;
  if (!index) {
    panel.replaceChildren(make("p", { class: "notice", role: "alert" }, t("catalog.follow.away.why")));
    return;
  }
  panel.replaceChildren(...[
    make("p", {}, followBadge(knowledge), " ", t(`catalog.index.${index.state}`)),
    progress(t("catalog.index.applied"), index.applied_revision, catalog?.revision),
    progress(t("catalog.index.print"), index.local_features_revision, catalog?.revision),
    index.building_model && progress(t("catalog.index.building", { model: index.building_model.id }),
      index.building_revision, catalog?.revision),
    make("dl", { class: "facts" }, facts(index, catalog)),
    problems(index.problems),
  ].filter(Boolean));
}

function progress(label, done, all) {
  const [value, max] = [Number(done), Math.max(Number(all ?? done), Number(done), 1)];
  const text = t("catalog.index.of", { done: value, all: max });
  return make("div", { class: "progress" }, make("span", {}, label), make("span", { class: "soft small" }, text),
    make("progress", { value, max, "aria-label": `${label}: ${text}` }));
}

function facts(index, catalog) {
  const rows = [
    ["catalog.index.embedder", index.model?.id ?? "–"],
    ["catalog.index.hash", index.model ? make("code", {}, index.model.sha256) : "–"],
    ["catalog.index.generation", make("code", {}, index.index_generation)],
    ["catalog.index.products", shown(index.products)],
    ["catalog.index.images", shown(index.reference_images)],
    ["catalog.index.catalog", make("code", {}, catalog?.catalog_id ?? "–")],
  ];
  return rows.flatMap(([key, value]) => [make("dt", {}, t(key)), make("dd", {}, value)]);
}

function problems(found) {
  if (!found.length) return make("p", { class: "soft" }, t("catalog.index.problems.none"));
  return make("section", { class: "stack" }, make("h2", {}, t("catalog.index.problems")),
    make("ul", { class: "plain stack" }, found.map((problem) => make("li", { class: "notice warn" },
      make("a", { href: `/catalog?sku=${encodeURIComponent(problem.sku)}`, data: { open: problem.sku } }, problem.sku),
      make("span", {}, problem.message)))));
}
