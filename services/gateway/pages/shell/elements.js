// Makes elements of the page without markup in strings.

const SVG = "http://www.w3.org/2000/svg";

function apply(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === "class") element.setAttribute("class", value);
  else if (name === "data") Object.assign(element.dataset, value);
  else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name.includes("-") || name === "role" || name === "for" || name === "list") {
    element.setAttribute(name, value);
  } else element[name] = value;
}

/**
 * Make an element.
 * @param {string} tag
 * @param {Object<string, *>} [properties] properties; `class`, `data: {}`, `onclick`, `aria-*`
 * @param {...(Node|string|null|undefined|false)} children nodes and texts; empty ones are left out
 * @returns {HTMLElement}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) apply(element, name, value);
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

/** Paths of the line icons, on a 24 x 24 grid. */
const ICONS = {
  mark: "M3.5 8.5v-3a2 2 0 0 1 2-2h3M15.5 3.5h3a2 2 0 0 1 2 2v3M20.5 15.5v3a2 2 0 0 1-2 2h-3M8.5 20.5h-3a2 2 0 0 1-2-2v-3M8 8.2l4 8 4-8",
  scan: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M8 8.5v7M11 8.5v7M13.5 8.5v7M16 8.5v7",
  mirror: "M12 3c3.6 0 6 2.9 6 6.8S15.6 17 12 17s-6-3.3-6-7.2S8.4 3 12 3ZM12 17v4M8.5 21h7M9.5 8.5c.4-1.2 1.2-2 2.3-2.3",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.4 15.4 20.5 20.5",
  catalog: "M4 5h6v6H4zM14 5h6v6h-6zM4 15h6v4H4zM14 15h6v4h-6z",
  docs: "M8.5 8 4.5 12l4 4M15.5 8l4 4-4 4M13.2 6l-2.4 12",
  theme: "M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17",
  camera: "M4 8.5A1.5 1.5 0 0 1 5.5 7H8l1.3-2h5.4L16 7h2.5A1.5 1.5 0 0 1 20 8.5v9a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5zM12 9.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7Z",
  photo: "M5 4.5h14a.5.5 0 0 1 .5.5v14a.5.5 0 0 1-.5.5H5a.5.5 0 0 1-.5-.5V5a.5.5 0 0 1 .5-.5ZM5 16l4.5-5 4 4.5 2.5-2.5 3.5 4M15.5 8.5h.01",
  basket: "M4 9.5h16l-1.6 9a1 1 0 0 1-1 .9H6.6a1 1 0 0 1-1-.9zM8 9.5 10.5 4.5M16 9.5l-2.5-5M9.5 13v3M14.5 13v3",
  sound: "M4 10v4h3l4.5 3.5v-11L7 10zM15 9.5a3.5 3.5 0 0 1 0 5M17.5 7a7 7 0 0 1 0 10",
  vibrate: "M8.5 5h7v14h-7zM5.5 8.5v7M18.5 8.5v7M3 10.5v3M21 10.5v3",
  stop: "M7 7h10v10H7z",
  plus: "M12 6v12M6 12h12",
  minus: "M6 12h12",
  close: "M7 7l10 10M17 7 7 17",
  code: "M4 6v12M7 6v12M10.5 6v12M13 6v12M16.5 6v12M20 6v12",
  eye: "M3 12s3.3-5.5 9-5.5S21 12 21 12s-3.3 5.5-9 5.5S3 12 3 12ZM12 9.7a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6Z",
  text: "M5 6.5V5h14v1.5M12 5v14M9.5 19h5",
  detail: "M6 6h.01M12 6h.01M18 6h.01M6 12h.01M12 12h.01M18 12h.01M6 18h.01M12 18h.01M18 18h.01",
  pause: "M8.5 6v12M15.5 6v12",
  play: "M8 5.5v13l10.5-6.5z",
  save: "M12 4v11M7.5 11 12 15.5 16.5 11M5 19.5h14",
  share: "M12 15V4M8 7.5 12 3.5l4 4M7 11H5.5v9h13v-9H17",
  check: "M5 12.5 10 17.5 19.5 7",
  warn: "M12 4.5 21 19.5H3zM12 10.5v4M12 17h.01",
};

/** Names of the icons that `icon` draws. */
export const iconNames = Object.freeze(Object.keys(ICONS));

/**
 * Draw a line icon in the colour of the text around it; hidden from assistive technology.
 * @param {string} name one of `iconNames`
 * @returns {SVGElement}
 */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const attributes = {
    viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.6",
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false",
  };
  for (const [key, value] of Object.entries(attributes)) drawing.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  drawing.append(path);
  return drawing;
}
