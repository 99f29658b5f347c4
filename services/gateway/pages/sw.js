// Keeps the shell's own static files for when the network is away or slow. It never keeps an
// answer of the API, a frame, or a sample: those requests do not pass through it at all.

const CACHE = "vitrine-shell-1";
const FILES = [
  "/", "/scan", "/shell.css", "/shell.js", "/shell-theme.js", "/shell/elements.js", "/i18n.js",
  "/api.js", "/camera.js", "/camera/encoder.js", "/camera/encoding.js", "/camera/motion_jpeg.js",
  "/live.js", "/index.css", "/index.js", "/index/doors.js", "/index/wares.js", "/index/status.js",
  "/scan.css", "/scan.js", "/scan/basket.js", "/scan/basket_view.js", "/scan/card.js",
  "/scan/evidence.js", "/scan/feedback.js", "/scan/idle.js", "/scan/results.js",
  "/scan/samples.js", "/scan/scanner.js", "/scan/stage.js", "/scan/wedge.js", "/scan/words.js",
  "/i18n/en/shell.json", "/i18n/de/shell.json", "/i18n/en/index.json", "/i18n/de/index.json",
  "/i18n/en/scan.json", "/i18n/de/scan.json", "/icons/vitrine.svg", "/manifest.webmanifest",
];
const NEVER = /^\/(v1|samples)(\/|$)/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name !== CACHE));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || NEVER.test(url.pathname)) return;
  event.respondWith(fresh(event.request));
});

/** The network's file, kept for later; the kept one when the network does not answer. */
async function fresh(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok && FILES.includes(new URL(request.url).pathname)) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}
