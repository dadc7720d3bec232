// Small helpers that the other files use. The files of this folder are joined into one ES module, in this order:
// elements, controls, canvas, panels, points, curves, explorer.

const FOCUSABLE = ["button", "canvas", "input", "select"];

/** Make an element: make("button", {type: "button", "aria-label": "Play"}, "▶"). */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  // JupyterLab takes arrow keys and letters for commands of its own, unless the element with the focus forbids it.
  if (FOCUSABLE.includes(tag)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Let Jupyter have the keys that save a notebook or run a cell, also while a control has the focus. */
function shareKeys(event) {
  if (!(event.target instanceof Element) || !event.target.closest(".course-explorer")) return;
  if (!FOCUSABLE.includes(event.target.localName)) return;
  const saves = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
  const runs = (event.ctrlKey || event.shiftKey) && event.key === "Enter";
  if (saves || runs) event.target.removeAttribute("data-lm-suppress-shortcuts");
  else event.target.setAttribute("data-lm-suppress-shortcuts", "true");
}

let ids = 0;
/** A name for an element that no other element of the page has. */
function newId() {
  ids += 1;
  return `course-explorer-${ids}-${Math.random().toString(36).slice(2, 8)}`;
}

/** Keys that move a mark, as steps [rows, columns]. */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** Numbers as people write them: a real minus sign, no digits that only floats have. */
function written(value) {
  return String(Number(Number(value).toPrecision(6))).replace("-", "−");
}
