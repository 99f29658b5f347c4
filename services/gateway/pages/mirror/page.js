/** The mirror page: what the shopper does, and what becomes of it. */

import { openSource } from "/camera.js";
import { t } from "/i18n.js";
import { rendererFor } from "./choosing.js";
import { Consent } from "./consent.js";
import { showControls } from "./controls.js";
import { offerSamples, sayDeclined, showGate, translateGates } from "./gates.js";
import { LiveView } from "./live-view.js";
import { Presence } from "./presence.js";
import { showSnapshot } from "./snapshot.js";
import { StillView } from "./still-view.js";
import { Strip } from "./strip.js";
import { clearNotices, notice, openProof, showScale, tell } from "./telling.js";
import { TextureShelf } from "./textures.js";
import { Wardrobe, readWearables } from "./wardrobe.js";
import { seeingText, standing } from "./watching.js";
import { WornList } from "./worn.js";

const TELL_EVERY_MS = 250;
const NO_SUCH_ASSET = new Set(["TRY_ON_ASSET_MISSING", "TRY_ON_ASSET_INVALID", "PRODUCT_NOT_FOUND"]);

const byId = (id) => document.getElementById(id);

export class MirrorPage {
  consent = new Consent({ onExpired: () => this.withdraw("mirror.declined.expired") });
  presence = new Presence({
    isWatched: () => this.view?.kind === "live" && !document.hidden && this.wardrobe.skus().length > 0,
    onLeft: () => this.withdraw("mirror.declined.left"),
  });
  wardrobe = new Wardrobe();
  textures = new TextureShelf();
  /** @type {LiveView | StillView | null} */
  view = null;
  placements = [];
  #toldMs = 0;
  #last = "";
  #broken = false;

  constructor() {
    this.renderer = rendererFor(byId("picture"), {
      bitmapOf: (placement) => this.textures.bitmapOf(placement),
      colorOf: (one) => this.wardrobe.products.get(one.sku)?.try_on_asset?.color ?? "",
      onState: (state) => tell(state === "lost" ? t("mirror.lost") : ""),
    });
    const strip = { kinds: byId("kinds"), list: byId("strip") };
    this.strip = new Strip(strip, this.wardrobe, (sku) => this.choose(sku));
    const worn = { list: byId("worn"), none: byId("worn-none") };
    this.worn = new WornList(worn, this.wardrobe, (sku) => this.choose(sku));
    this.wardrobe.addEventListener("changed", () => this.#wear());
  }

  /** Ask for consent, and read what can be tried on meanwhile. */
  start() {
    this.#listen();
    this.#translate();
    showGate("consent");
    this.#readProducts();
  }

  #listen() {
    const clicks = {
      agree: () => this.agree(), decline: () => this.decline(), "ask-again": () => showGate("consent"),
      withdraw: () => this.withdraw("mirror.declined.withdrawn"),
      "open-camera": () => this.open({ camera: "user" }),
    };
    for (const [id, act] of Object.entries(clicks)) byId(id).addEventListener("click", act);
    byId("photo-file").addEventListener("change", (event) => this.#pickFile(event.target));
    byId("card").addEventListener("change", () => this.#wear());
    for (const opener of document.querySelectorAll("[data-opens]")) {
      opener.addEventListener("click", () => openProof(this.view?.pace ?? { rate: 0, delay_ms: 0 }));
    }
    window.addEventListener("storechange", () => this.worn.refresh());
    window.addEventListener("languagechosen", () => this.#translate());
    window.addEventListener("pagehide", () => this.view?.stop());
  }

  #translate() {
    translateGates();
    const declined = byId("declined-words");
    if (declined.dataset.words) declined.textContent = t(declined.dataset.words);
    byId("withdraw").textContent = t("mirror.withdraw");
    byId("flat-words").hidden = this.renderer.drawsProducts;
    byId("open-camera").hidden = !this.renderer.drawsProducts;
    this.strip.show();
    this.worn.show();
    this.#showControls();
    this.#say();
    if (this.consent.given) this.#offerSamples();
  }

  async #readProducts() {
    const wanted = new URLSearchParams(location.search).getAll("sku");
    try {
      await readWearables((found) => {
        this.wardrobe.offer(found);
        for (const sku of wanted.filter((one) => found.some((product) => product.sku === one))) {
          this.choose(sku);
        }
      });
      if (!this.wardrobe.products.size) byId("worn-none").textContent = t("mirror.try.none");
    } catch (problem) {
      notice(problem, () => this.#readProducts());
    }
  }

  /** She agrees: only now may anything be sent. */
  async agree() {
    byId("agree").disabled = true;
    try {
      await this.consent.give();
      byId("withdraw").hidden = false;
      clearNotices();
      this.#choose();
    } catch (problem) {
      notice(problem);
    }
    byId("agree").disabled = false;
  }

  decline() {
    sayDeclined("mirror.declined.words");
    byId("ask-again").focus();
  }

  /**
   * Stop at once and drop the consent; then tell the shop.
   * @param {string} words key of what is said
   */
  async withdraw(words) {
    this.#close();
    const told = this.consent.withdraw();
    byId("withdraw").hidden = true;
    sayDeclined(words);
    byId("ask-again").focus();
    const noted = await told;
    if (byId("declined-words").dataset.words === words) {
      tell(t(noted ? "mirror.declined.noted" : "mirror.declined.local"));
    }
  }

  #choose() {
    this.#close();
    showGate("choose");
    this.#offerSamples();
    byId(this.renderer.drawsProducts ? "open-camera" : "open-photo").focus();
  }

  #offerSamples() {
    offerSamples((sample) => this.open({ sample }), { clips: this.renderer.drawsProducts });
  }

  #pickFile(input) {
    const [file] = input.files;
    input.value = "";
    if (file) this.open({ file });
  }

  /**
   * Open a camera, a photo or a sample.
   * @param {object} what as of `openSource`
   */
  async open(what) {
    if (!this.consent.given) return;
    tell(t("mirror.opening"));
    try {
      const onEnded = () => this.#ended();
      const source = await openSource({ ...what, onEnded });
      if (!this.consent.given) source.stop();
      else this.#look(source);
    } catch (problem) {
      tell("");
      notice(problem);
    }
  }

  #look(source) {
    this.#close();
    showGate("");
    clearNotices();
    const View = source.kind === "image" ? StillView : LiveView;
    this.view = new View(source, {
      token: this.consent.token, renderer: this.renderer, textures: this.textures,
    }, {
      onPlaced: (placements) => this.#placed(placements),
      onProblem: (problem, final) => this.#trouble(problem, final),
    });
    const glass = byId("picture");
    glass.classList.toggle("mirrored", this.view.kind === "live");
    this.presence.seen();
    this.#wear();
  }

  #close() {
    this.view?.stop();
    this.view = null;
    this.renderer.clear();
    this.placements = [];
    this.worn.placed([]);
    tell("");
    showScale([], []);
    this.#showControls();
  }

  #ended() {
    this.#choose();
    tell(t("mirror.ended"));
  }

  /** Put a product on, or take it off. */
  choose(sku) {
    this.presence.seen();
    this.#last = sku;
    if (!this.wardrobe.toggle(sku)) tell(t("mirror.most"));
  }

  #wear() {
    const skus = this.wardrobe.skus();
    if (this.view?.paused && this.view.kind === "live") this.view.resume();
    this.view?.wear(skus, { card: byId("card").checked });
    this.#showControls();
    if (!skus.length) this.#say();
  }

  #placed(placements) {
    this.placements = placements;
    const rect = byId("picture");
    byId("stage").style.setProperty("--ratio", String(rect.width / rect.height));
    if (this.wardrobe.skus().some((sku) => standing(sku, placements) === "seen")) this.presence.seen();
    if (performance.now() - this.#toldMs < TELL_EVERY_MS && this.view?.kind === "live") return;
    this.#toldMs = performance.now();
    if (this.#broken) clearNotices();
    this.#broken = false;
    this.#say();
  }

  /** Say what is seen, how large, and whether it fits. */
  #say() {
    if (!this.view) return;
    const worn = this.wardrobe.worn();
    this.worn.placed(this.placements);
    showScale(worn, this.placements);
    tell(worn.length ? seeingText(worn, this.placements) : t("mirror.nothing"));
  }

  #showControls() {
    const bar = byId("controls");
    bar.hidden = !this.view;
    if (!this.view) return;
    const live = this.view.kind === "live";
    const worn = this.wardrobe.skus().length > 0;
    const focused = document.activeElement?.closest("#controls [data-does]")?.dataset.does;
    showControls(bar, this.#actions(), { live, paused: this.view.paused, worn });
    const again = { "mirror.pause": "mirror.play", "mirror.play": "mirror.pause" }[focused] ?? focused;
    if (again) bar.querySelector(`[data-does="${again}"]`)?.focus();
  }

  #actions() {
    return {
      snapshot: () => this.#snapshot(),
      pause: () => {
        if (this.view.paused) this.view.resume();
        else this.view.pause();
        this.#showControls();
      },
      compare: (without) => this.view.compare(without),
      change: () => this.#choose(),
    };
  }

  async #snapshot() {
    try {
      showSnapshot(await this.renderer.snapshot());
    } catch (problem) {
      notice(problem);
    }
  }

  #trouble(problem, final) {
    if (document.hidden && !final) return;
    if (problem.reason?.startsWith("CONSENT_")) {
      this.withdraw("mirror.declined.expired");
      return;
    }
    this.#broken = !final;
    if (NO_SUCH_ASSET.has(problem.reason)) {
      this.wardrobe.drop(this.#named(problem));
      notice(problem);
    } else notice(problem, final ? () => this.#wear() : undefined);
  }

  /** The products that a problem is about: those that it names, else what was put on last. */
  #named(problem) {
    const named = this.wardrobe.skus().filter((sku) => problem.detail?.includes(sku));
    return named.length ? named : [this.#last];
  }
}
