// A kiosk is used by one person after the other: what nobody touches is emptied.

/** After this long without a touch, a key, a code or something taken. */
export const IDLE_MS = 180_000;
const KIOSK = "(min-width: 1000px) and (min-height: 1500px)";
const SIGNS = ["pointerdown", "keydown", "wheel"];

/** Whether many people use this screen: asked for with `?kiosk`, or it has a kiosk's shape. */
export function isKiosk() {
  return new URLSearchParams(location.search).has("kiosk") || matchMedia(KIOSK).matches;
}

/**
 * Empty the basket when nobody is there any more.
 * @param {import("/scan/basket.js").Basket} basket
 * @param {() => void} onEmptied
 */
export function emptyWhenIdle(basket, onEmptied) {
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (basket.count === 0 || !isKiosk()) return;
      basket.clear();
      onEmptied();
    }, IDLE_MS);
  };
  for (const sign of SIGNS) document.addEventListener(sign, wait, { capture: true, passive: true });
  basket.addEventListener("change", wait);
  wait();
}
