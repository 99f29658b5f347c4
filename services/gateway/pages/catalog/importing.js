// The import of a feed: dropped or chosen, sent, followed to its end.

import { formatNumber, t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { chosenStore, noticeOf, storeName } from "/shell.js";
import { importAllowed, sendFeed } from "./feed_upload.js";
import { ImportReport } from "./import_report.js";

/** The panel that takes a feed. It keeps its report when the language or the tab changes. */
export class ImportPanel {
  /**
   * @param {HTMLElement} panel where it is
   * @param {() => void} onImported told when the catalogue has changed
   */
  constructor(panel, onImported) {
    Object.assign(this, { panel, onImported, report: null, running: null, allowance: null });
    // Anywhere on the page: a file that misses the zone must not take the page's place.
    document.addEventListener("dragover", (event) => this.#hover(event, true));
    document.addEventListener("dragleave", (event) => this.#hover(event, false));
    document.addEventListener("drop", (event) => {
      this.#hover(event, false);
      if (!panel.hidden) this.send(event.dataTransfer.files[0]);
    });
    addEventListener("storechange", () => this.#options());
  }

  /** Show it, asking first whether a feed may be sent from here. */
  async show() {
    try {
      this.allowance ??= await importAllowed();
    } catch (problem) {
      this.panel.replaceChildren(noticeOf(problem, { retry: () => this.show() }));
      return;
    }
    this.place = make("div", {}, this.report?.root ?? null);
    this.panel.replaceChildren(this.allowance.allowed ? this.#form() : off(this.allowance), this.place);
    this.report?.show();
    this.#options();
    this.#enable();
  }

  /** @param {File | undefined} file the feed to import */
  async send(file) {
    if (!file || this.running || !this.allowance?.allowed) return;
    this.running = new AbortController();
    this.report = new ImportReport(file.name, () => this.running?.abort());
    this.place.replaceChildren(this.report.root);
    this.panel.querySelector(".import-form").classList.add("compact");
    this.#enable();
    try {
      const told = { onSent: (share) => this.report.sent(share), onNews: (news) => this.report.tell(news) };
      await sendFeed(file, this.#chosen(), told, this.running.signal);
    } catch (problem) {
      if (problem.name === "AbortError") this.report.stopped();
      else this.report.fail(problem);
    } finally {
      this.running = null;
      this.#enable();
      this.onImported();
    }
  }

  #form() {
    const choose = make("label", { class: "button primary", for: "feed" }, t("catalog.import.choose"));
    const file = make("input", {
      id: "feed", class: "visually-hidden", type: "file",
      accept: ".tsv,.csv,.txt,.xml,.rss,.atom,.jsonl,.ndjson,.json",
      onchange: ({ target }) => {
        this.send(target.files[0]);
        target.value = "";
      },
    });
    const most = formatNumber(Math.floor(Number(this.allowance.max_bytes) / 2 ** 20));
    return make("div", { class: `stack import-form ${this.report ? "compact" : ""}` },
      make("div", { class: "drop", id: "feed-drop" },
        make("p", { class: "drop-lead" }, t("catalog.import.drop")),
        make("div", { class: "row" }, file, choose),
        make("p", { class: "soft small" }, t("catalog.import.formats", { most }))),
      make("div", { class: "import-options" },
        make("label", { class: "field" }, make("span", {}, t("catalog.import.currency")),
          make("input", { id: "currency", maxLength: 3, placeholder: "EUR", autocomplete: "off", size: 5 })),
        make("label", { class: "choice", id: "set-stock" }, make("input", { type: "checkbox", id: "with-stock" }),
          make("span", {}))));
  }

  /** The store whose stock the feed may set is the one chosen in the header. */
  #options() {
    const label = this.panel.querySelector("#set-stock");
    if (!label) return;
    label.hidden = !chosenStore();
    label.querySelector("span").textContent = t("catalog.import.stock", { store: storeName(chosenStore()) });
  }

  #chosen() {
    const withStock = this.panel.querySelector("#with-stock").checked;
    return {
      store: withStock ? chosenStore() : "",
      currency: this.panel.querySelector("#currency").value.trim().toUpperCase(),
    };
  }

  #enable() {
    const file = this.panel.querySelector("#feed");
    if (file) file.disabled = Boolean(this.running);
  }

  #hover(event, over) {
    event.preventDefault();
    this.panel.querySelector(".drop")?.classList.toggle("over", over);
  }
}

/** How to turn the import on, where it is off. */
function off({ reason }) {
  return make("div", { class: "stack import-off" },
    make("h2", {}, t("catalog.import.off")), make("p", { class: "soft" }, reason),
    make("p", {}, t("catalog.import.off.how")),
    make("pre", { class: "card", tabIndex: 0 }, "VITRINE_GATEWAY_IMPORT=on vitrine run"),
    make("p", {}, t("catalog.import.off.command")),
    make("pre", { class: "card", tabIndex: 0 }, "vitrine import feed.tsv"));
}
