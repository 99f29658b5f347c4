// The first page: what this is, what the shop has, and whether every service runs.

import { getJson } from "/api.js";
import { showDoors } from "/index/doors.js";
import { chooseWares, showFinder, showWares } from "/index/wares.js";
import { watchStatus } from "/index/status.js";
import { chosenStore, mountShell } from "/shell.js";

const byId = (id) => document.getElementById(id);
/** A page of products large enough to show what kinds there are. */
const LOOKED_AT = 100;

await mountShell({ page: "index" });
byId("policy-command").textContent = `curl -sI ${location.origin}/scan | grep -i security-policy`;

async function showProducts() {
  const { products } = await getJson("/v1/products", { page_size: LOOKED_AT });
  const wares = chooseWares(products);
  if (wares.length === 0) return;
  const store = chosenStore();
  const { offers } = await getJson("/v1/offers", { sku: wares.map((product) => product.sku), store });
  const priced = wares.map((product) => ({ product, offer: offers.find((one) => one.sku === product.sku) }));
  showFinder(priced[0], byId("finder"));
  showWares(priced, byId("wares"), byId("ware-list"));
}

const show = () => {
  showDoors(byId("doors"));
  showProducts().catch((problem) => console.info(`no products to show: ${problem.message}`));
};

show();
window.addEventListener("storechange", show);
window.addEventListener("languagechosen", show);
watchStatus({ list: byId("services"), counts: byId("counts"), trouble: byId("trouble") });
