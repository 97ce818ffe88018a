// Building DOM without markup: text is only ever text.

/**
 * An element. `on…` functions become listeners, booleans toggle attributes, null and undefined are left out.
 * @param {string} tag
 * @param {Record<string, unknown>} [props]
 * @param {...(Node|string|null|undefined)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2).toLowerCase(), value);
    else setAttribute(element, name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Sets, or for null, undefined and false removes, an attribute; true is the empty attribute. */
export function setAttribute(element, name, value) {
  if (value == null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? "" : value)) {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Replaces an element's text only when it differs, so that live regions stay quiet. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Puts `nodes` into `parent` in this order, moving and removing only what is not in place already. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  chat: "M12 3.5c-5 0-9 3.4-9 7.7 0 2.4 1.2 4.5 3.2 5.9-.1 1-.5 2.1-1.3 3-.2.3 0 .7.4.6 1.9-.3 3.4-1 4.5-1.9.7.1 1.4.2 2.2.2 5 0 9-3.4 9-7.8s-4-7.7-9-7.7Z",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  more: "M4.5 12a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0M10.5 12a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0M16.5 12a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0",
  down: "M12 5v14M5.5 12.5 12 19l6.5-6.5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  alert: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.5v5.5M12 16.5h.01",
  clip: "M19.5 11.5 12 19a5 5 0 0 1-7-7l8-8a3.3 3.3 0 0 1 4.7 4.7l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.2-7.2",
  file: "M13.5 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5ZM13.5 3.5v5h5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20c.7-3.7 3.7-5.5 7.5-5.5s6.8 1.8 7.5 5.5",
  devices: "M3.5 5h12.5v4M3.5 5v9.5h8M2 18h9.5M14.5 10.5h6v9h-6ZM17 17h1",
  pencil: "M5 19l1-4L16.5 4.5a1.4 1.4 0 0 1 2 0l1 1a1.4 1.4 0 0 1 0 2L9 18l-4 1Z",
  spark: "M12 4.5c.7 4.2 3.3 6.8 7.5 7.5-4.2.7-6.8 3.3-7.5 7.5-.7-4.2-3.3-6.8-7.5-7.5 4.2-.7 6.8-3.3 7.5-7.5Z",
};
const FILLED = new Set(["chat", "spark", "more"]);

/** A decorative 24 × 24 icon in the current colour. */
export function icon(name) {
  const svg = drawing("0 0 24 24", PATHS[name]);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", FILLED.has(name) ? "icon filled" : "icon");
  return svg;
}

/** One SVG `path` in a `box` of x, y, width and height. */
export function drawing(box, path) {
  const svg = document.createElementNS(SVG, "svg");
  const drawn = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", box);
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}
