// What becomes of one import: progress, rejected rows, warnings, the result.

import { formatNumber, t } from "/i18n.js";
import { make } from "/shell/elements.js";
import { noticeOf } from "/shell.js";

const MOST_ROWS = 500;

/** The report of one import; it grows while news come. */
export class ImportReport {
  /**
   * @param {string} name the feed's name
   * @param {() => void} onStop ends the import
   */
  constructor(name, onStop) {
    Object.assign(this, {
      name, onStop, share: 0, progress: null, result: null, problem: null, isStopped: false,
      rejections: [], warnings: [],
    });
    this.root = make("section", { class: "stack report", data: { state: "sending" } });
    this.show();
  }

  /** @param {object} news ImportFeedResponse */
  tell(news) {
    if (news.rejection) this.rejections.push(news.rejection);
    if (news.warning) this.warnings.push(news.warning);
    if (news.progress) this.progress = news.progress;
    if (news.result) this.result = news.result;
    this.#showSoon();
  }

  /** @param {number} share how much of the feed is sent, 0..1 */
  sent(share) {
    this.share = share;
    this.#showSoon();
  }

  #showSoon() {
    this.shownSoon ??= requestAnimationFrame(() => {
      this.shownSoon = undefined;
      this.show();
    });
  }

  /** @param {Error} problem why it ended early */
  fail(problem) {
    this.problem = problem;
    this.show();
  }

  /** It was ended by hand. */
  stopped() {
    this.isStopped = true;
    this.show();
  }

  /** Show what is known by now. */
  show() {
    this.root.dataset.state = this.#state();
    this.root.replaceChildren(...[
      make("h2", {}, this.name), this.#head(), this.#rejected(), this.#warned(),
    ].filter(Boolean));
  }

  #state() {
    if (this.problem || this.isStopped) return "failed";
    if (this.result) return "done";
    return this.progress ? "importing" : "sending";
  }

  #head() {
    if (this.problem) return noticeOf(this.problem);
    if (this.isStopped) return make("p", { role: "status" }, t("catalog.import.stopped"));
    return this.result ? this.#done() : this.#underway();
  }

  #done() {
    const { products, images, rejected, revision } = this.result;
    return make("div", { class: "stack", role: "status" },
      make("p", { class: "report-result" }, t("catalog.import.done", {
        products: t("catalog.count.products", { count: Number(products) }),
        photos: t("catalog.photos", { count: Number(images) }),
      })),
      make("p", { class: "row" },
        make("span", { class: `badge ${Number(rejected) ? "warn" : "ok"}` },
          t("catalog.import.rejected", { count: Number(rejected) })),
        make("span", { class: "badge" }, t("catalog.import.revision", numbers({ revision })))));
  }

  #underway() {
    const stop = make("button", { class: "button", type: "button", onclick: this.onStop }, t("catalog.import.stop"));
    if (!this.progress) {
      const sending = t("catalog.import.sending");
      return make("div", { class: "stack" },
        make("progress", { max: 1, value: this.share, "aria-label": sending }),
        make("p", { class: "row" }, sending, stop));
    }
    const { bytes_read: done, bytes_total: all, rows_read: rows, products, images } = this.progress;
    const text = t("catalog.import.progress", numbers({ rows, products, images }));
    return make("div", { class: "stack" },
      make("progress", { max: Math.max(Number(all), 1), value: Number(done), "aria-label": text }),
      make("p", { class: "row" }, text, stop));
  }

  #rejected() {
    const { rejections } = this;
    if (!rejections.length) return null;
    const columns = ["line", "sku", "reason", "what"].map((name) => make("th", { scope: "col" },
      t(`catalog.import.column.${name}`)));
    const rows = rejections.slice(0, MOST_ROWS).map(({ line, sku, reason, message }) => make("tr", {},
      make("td", { class: "number", data: { label: t("catalog.import.column.line") } }, line), make("td", {}, sku),
      make("td", {}, make("code", {}, reason)), make("td", {}, message)));
    return make("div", { class: "stack" }, make("h3", {}, t("catalog.import.rejections")),
      make("div", { class: "table-scroll", tabIndex: 0, role: "group", "aria-label": t("catalog.import.rejections") },
        make("table", { class: "table rejections" }, make("thead", {}, make("tr", {}, columns)),
          make("tbody", {}, rows))),
      rejections.length > MOST_ROWS && make("p", { class: "soft small" },
        t("catalog.import.first", { count: MOST_ROWS })));
  }

  #warned() {
    if (!this.warnings.length) return null;
    return make("div", { class: "stack" }, make("h3", {}, t("catalog.import.warnings")),
      make("ul", { class: "plain" }, this.warnings.map(({ line, message }) => make("li", { class: "small" },
        t("catalog.import.warning", { line, message })))));
  }
}

/** Numbers of 64 bits come as text. */
const numbers = (values) => Object.fromEntries(Object.entries(values).map(
  ([name, value]) => [name, formatNumber(Number(value))]));
