// The header of every page: brand, pages, language, theme and store; and what all pages share.

import { getJson } from "/api.js";
import {
  LANGUAGES, currentLanguage, hasWords, loadLanguage, pageName, t, translatePage,
} from "/i18n.js";
import { icon, make } from "/shell/elements.js";

const PAGES = ["scan", "mirror", "search", "catalog", "docs"];
const KEPT_STORE = "vitrine.store";
const KEPT_THEME = "vitrine.theme";

let stores = [];

/**
 * Fill the header, load the language, translate the page and register the service worker.
 * @param {{page?: string}} [options] which page this is; default by its path
 * @returns {Promise<void>} resolves when the page can be read; stores may come later
 */
export async function mountShell({ page = pageName() } = {}) {
  await loadLanguage(undefined, page);
  const picker = storePicker();
  document.getElementById("shell").replaceChildren(skipLink(), bar(page, picker));
  translatePage();
  titlePage(page);
  window.addEventListener("languagechosen", () => titlePage(page));
  fillStores(picker);
  navigator.serviceWorker?.register("/sw.js").catch(() => {
    console.info("no service worker here: it wants HTTPS or localhost");
  });
}

function titlePage(page) {
  document.title = page === "index" ? "Vitrine" : `${t(`shell.nav.${page}`)} · Vitrine`;
}

function skipLink() {
  return make("a", { class: "skip", href: "#main", data: { i18n: "shell.skip" } });
}

function bar(page, picker) {
  return make("div", { class: "shell-bar" }, brand(), navigation(page),
    make("div", { class: "shell-tools" }, picker, languageSwitch(page), themeSwitch()));
}

function brand() {
  const mark = icon("mark");
  return make("a", { class: "brand", href: "/" }, mark, make("span", {}, "Vitrine"));
}

function navigation(page) {
  const links = PAGES.map((name) => make("a",
    { href: `/${name}`, "aria-current": name === page && "page", data: { page: name } },
    icon(name), make("span", { data: { i18n: `shell.nav.${name}` } })));
  return make("nav", { class: "shell-nav", data: { i18nLabel: "shell.nav" } }, links);
}

function languageSwitch(page) {
  const other = () => Object.keys(LANGUAGES).find((tag) => tag !== currentLanguage());
  const button = make("button", { class: "button quiet", type: "button", data: { tool: "language" } });
  const show = () => {
    button.textContent = other().toUpperCase();
    button.lang = other();
    button.setAttribute("aria-label", `${other().toUpperCase()}, ${LANGUAGES[other()]}`);
  };
  button.addEventListener("click", async () => {
    await loadLanguage(other(), page);
    translatePage();
    show();
    window.dispatchEvent(new CustomEvent("languagechosen", { detail: currentLanguage() }));
  });
  show();
  return button;
}

function themeSwitch() {
  const dark = () => document.documentElement.dataset.theme
    ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  return make("button", {
    class: "button quiet icon", type: "button", data: { tool: "theme", i18nLabel: "shell.theme" },
    onclick: () => {
      const chosen = dark() === "dark" ? "light" : "dark";
      document.documentElement.dataset.theme = chosen;
      localStorage.setItem(KEPT_THEME, chosen);
    },
  }, icon("theme"));
}

function storePicker() {
  return make("select", {
    class: "store-picker", hidden: true, data: { i18nLabel: "shell.store" },
    onchange: (event) => chooseStore(event.target.value),
  });
}

async function fillStores(picker) {
  try {
    ({ stores } = await getJson("/v1/stores"));
  } catch (problem) {
    console.info(`stores are not to be had: ${problem.message}`);
    return;
  }
  if (!stores.some((store) => store.id === chosenStore())) localStorage.setItem(KEPT_STORE, "");
  const every = make("option", { value: "", data: { i18n: "shell.store.none" } }, t("shell.store.none"));
  const options = stores.map((store) => make("option", { value: store.id }, store.name || store.id));
  picker.replaceChildren(every, ...options);
  picker.value = chosenStore() || chooseStore(stores[0]?.id ?? "");
  picker.hidden = stores.length === 0;
}

function chooseStore(id) {
  localStorage.setItem(KEPT_STORE, id);
  window.dispatchEvent(new CustomEvent("storechange", { detail: id }));
  return id;
}

/** @returns {string} the id of the chosen store; empty = list prices, no stock */
export function chosenStore() {
  return localStorage.getItem(KEPT_STORE) ?? "";
}

/**
 * @param {string} id
 * @returns {string} a store's name for people
 */
export function storeName(id) {
  return stores.find((store) => store.id === id)?.name || id;
}

/**
 * What a problem says to a person, in their language where we have words for its reason.
 * @param {import("/api.js").Problem|Error} problem
 * @returns {string}
 */
export function problemText(problem) {
  const key = `shell.problem.${problem.reason}`;
  if (hasWords(key)) return t(key);
  return problem.detail || problem.message || t("shell.problem.other");
}

/**
 * A notice that says what went wrong, at once to screen readers too.
 * @param {Error} problem
 * @param {{retry?: () => void}} [options] what a "try again" button does
 * @returns {HTMLElement}
 */
export function noticeOf(problem, { retry } = {}) {
  const again = retry && make("button", { class: "button", type: "button", onclick: retry }, t("shell.retry"));
  return make("div", { class: "notice", role: "alert" }, icon("warn"),
    make("p", {}, problemText(problem)), again);
}
