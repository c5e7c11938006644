// Makes elements from values. Data only ever becomes text or an attribute, never markup.

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "htmlFor"]);

/** Returns a new element. `on` holds listeners, `data` the dataset, `style` custom properties. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") for (const [kind, listener] of Object.entries(value)) element.addEventListener(kind, listener);
  else if (name === "data") Object.assign(element.dataset, value);
  else if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
  else if (PROPERTIES.has(name)) element[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

const SVG = "http://www.w3.org/2000/svg";
const DRAWINGS = {
  smile: ["M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z", "M7 11.5c1.4 2.2 4.6 2.2 6 0", "M7.6 7.8v.6M12.4 7.8v.6"],
  reply: ["M4 4h12v9H9l-4 3.4V13H4z"],
  edit: ["M4 16l1-4L13 4l3 3-8 8z"],
  remove: ["M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6"],
  close: ["M5 5l10 10M15 5L5 15"],
  send: ["M3 10l14-6-5 13-3-5.5z"],
  lock: ["M5 9h10v7H5zM7 9V7a3 3 0 0 1 6 0v2"],
  search: ["M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z", "M13 13l4 4"],
};

/** Returns one of the page's own line drawings; what it means stands beside it in words. */
export function drawing(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  for (const d of DRAWINGS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** Returns a button that shows a drawing and says its name. */
export function iconButton(name, label, press, attributes = {}) {
  return el("button", { type: "button", class: "icon", "aria-label": label, title: label, on: { click: press }, ...attributes }, drawing(name));
}
