// What can be done here, one link each.

import { t } from "/i18n.js";
import { icon, make } from "/shell/elements.js";

const DOORS = ["scan", "mirror", "search", "catalog"];

/** @param {HTMLElement} list */
export function showDoors(list) {
  list.replaceChildren(...DOORS.map((name) => make("li", {},
    make("a", { class: "door", href: `/${name}` }, icon(name),
      make("strong", {}, t(`shell.nav.${name}`)), make("span", {}, t(`index.door.${name}`))))));
}
