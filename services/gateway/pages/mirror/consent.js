/** The shopper's consent: asked first, kept in memory only, dropped with one tap. */

import { postJson } from "/api.js";

const SCOPE = "CONSENT_SCOPE_POSE";
const LIFETIME_S = 3600;
/** The longest that `setTimeout` can wait, in milliseconds. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

export class Consent {
  #token = "";
  #shopper = "";
  #timer = 0;

  /** @param {{onExpired: () => void}} handlers */
  constructor({ onExpired }) {
    this.onExpired = onExpired;
  }

  /** The token; empty = no consent, and nothing may leave the page. */
  get token() {
    return this.#token;
  }

  get given() {
    return Boolean(this.#token);
  }

  /**
   * Have a token issued, for a random name that only this page knows.
   * @returns {Promise<void>}
   * @throws {import("/api.js").Problem}
   */
  async give() {
    const shopper = `mirror-${randomName()}`;
    const asked = { shopper_id: shopper, scopes: [SCOPE], lifetime_s: LIFETIME_S };
    const told = await postJson("/v1/consent", asked);
    this.#shopper = shopper;
    this.#token = told.consent_token;
    const left = Date.parse(told.expire_time) - Date.now();
    this.#timer = setTimeout(() => this.onExpired(), Math.min(Math.max(left, 0), LONGEST_WAIT_MS));
  }

  /**
   * Drop the token at once, then tell the shop.
   * @returns {Promise<boolean>} whether the shop's consent service noted it too
   */
  async withdraw() {
    const shopper = this.#shopper;
    this.#token = this.#shopper = "";
    clearTimeout(this.#timer);
    if (!shopper) return false;
    try {
      await postJson("/v1/consent:withdraw", { shopper_id: shopper, scopes: [SCOPE] });
      return true;
    } catch (problem) {
      console.info(`the withdrawal holds on this page; the shop's service: ${problem.message}`);
      return false;
    }
  }
}

function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID wants a secure context
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
