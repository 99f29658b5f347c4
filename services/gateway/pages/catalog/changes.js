// The catalogue's change feed: what is imported elsewhere appears here by itself.

import { getJson } from "/api.js";

const AGAIN_MS = 3000;

/**
 * Follow the catalogue until the page is left.
 * @param {{onProduct: (product: object) => void, onDeleted: (sku: string) => void,
 *   onLive: (live: boolean) => void}} told what happens; live = the feed is open
 */
export function followChanges(told) {
  let source = null;
  const open = async () => {
    try {
      const { revision, catalog_id } = await getJson("/v1/catalog-status");
      source = opened(`/v1/changes?since_revision=${revision}&catalog_id=${catalog_id}`, told, again);
    } catch (problem) {
      console.info(`changes are not to be had: ${problem.message}`);
      again();
    }
  };
  const again = () => {
    source?.close();
    told.onLive(false);
    setTimeout(open, AGAIN_MS);
  };
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", ({ persisted }) => { if (persisted) open(); });
  open();
}

/** A browser resumes by itself what breaks off; what was refused it leaves closed. */
function opened(url, told, again) {
  const source = new EventSource(url);
  source.addEventListener("open", () => told.onLive(true));
  source.addEventListener("product", ({ data }) => told.onProduct(JSON.parse(data)));
  source.addEventListener("deleted", ({ data }) => told.onDeleted(JSON.parse(data).sku));
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) again();
    else told.onLive(false);
  });
  return source;
}
