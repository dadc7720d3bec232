// Curves, drawn as SVG: sharp on every screen. With `select`, a click or drag chooses a place on the horizontal axis;
// the slider of the same value does that for the keyboard.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 48, right: 12, top: 10, bottom: 44 };

function svg(tag, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

function curvesPanel(first, change) {
  const { element, body, caption } = figure(first);
  const picture = svg("svg", { role: "img", class: "course-graph" });
  const legend = make("ul", { class: "course-legend" });
  body.append(picture, legend);
  const clip = newId();
  let panel = first;

  const across = (x) => {
    const [low, high] = panel.x_limits;
    return MARGIN.left + ((x - low) / (high - low)) * (panel.width - MARGIN.left - MARGIN.right);
  };
  const down = (y) => {
    const [low, high] = panel.y_limits;
    return MARGIN.top + ((high - y) / (high - low)) * (panel.height - MARGIN.top - MARGIN.bottom);
  };
  const axes = () => {
    const [left, right] = panel.x_limits.map(across);
    const [bottom, top] = panel.y_limits.map(down);
    const line = (x1, y1, x2, y2, zero) => svg("line", { x1, y1, x2, y2, class: zero ? "course-zero" : "course-grid" });
    const middle = { x: (left + right) / 2, y: (top + bottom) / 2 };
    return [
      ...panel.x_ticks.map((x) => line(across(x), top, across(x), bottom, x === 0)),
      ...panel.y_ticks.map((y) => line(left, down(y), right, down(y), y === 0)),
      ...panel.x_ticks.map((x) => svg("text", { x: across(x), y: bottom + 18, "text-anchor": "middle" }, written(x))),
      ...panel.y_ticks.map((y) => svg("text", { x: left - 6, y: down(y) + 5, "text-anchor": "end" }, written(y))),
      svg("text", { x: middle.x, y: panel.height - 6, "text-anchor": "middle" }, panel.x_label),
      svg("text", { transform: `translate(14 ${middle.y}) rotate(-90)`, "text-anchor": "middle" }, panel.y_label),
    ];
  };
  const inside = () => {
    const [left, right] = panel.x_limits.map(across);
    const [bottom, top] = panel.y_limits.map(down);
    const mask = svg("clipPath", { id: clip });
    mask.append(svg("rect", { x: left, y: top, width: right - left, height: bottom - top }));
    const lines = svg("g", { "clip-path": `url(#${clip})` });
    for (const curve of panel.curves) {
      const points = curve.places.map(([x, y]) => `${across(x).toFixed(2)},${down(y).toFixed(2)}`).join(" ");
      const dashes = curve.dashed ? "7 5" : "none";
      lines.append(svg("polyline", { points, stroke: curve.colour, "stroke-dasharray": dashes, class: "course-curve" }));
    }
    const dots = panel.points.map(([x, y]) => svg("circle", { cx: across(x), cy: down(y), r: 6, class: "course-dot" }));
    return [mask, lines, ...dots];
  };
  const pointed = (event) => {
    if (!panel.select || event.buttons !== 1) return;
    event.preventDefault();
    const [low, high] = panel.x_limits;
    const box = picture.getBoundingClientRect();
    const place = ((event.clientX - box.left) * panel.width) / box.width - MARGIN.left;
    const x = low + (place / (panel.width - MARGIN.left - MARGIN.right)) * (high - low);
    const steps = Math.round(clamp(x, low, high) / panel.step);
    change(panel.select, Number((steps * panel.step).toPrecision(6)));
  };
  picture.addEventListener("pointerdown", (event) => {
    picture.setPointerCapture(event.pointerId);
    pointed(event);
  });
  picture.addEventListener("pointermove", pointed);
  const sign = (curve) => {
    const line = svg("svg", { width: 30, height: 10, "aria-hidden": "true" });
    const dashes = curve.dashed ? "7 5" : "none";
    line.append(svg("line", { x1: 0, y1: 5, x2: 30, y2: 5, stroke: curve.colour, "stroke-dasharray": dashes, class: "course-curve" }));
    return make("li", {}, line, curve.name);
  };
  const update = (next) => {
    panel = next;
    caption.textContent = panel.title;
    legend.style.maxWidth = `${panel.width}px`;
    const size = { viewBox: `0 0 ${panel.width} ${panel.height}`, width: panel.width };
    for (const [name, value] of Object.entries(size)) picture.setAttribute(name, value);
    picture.setAttribute("aria-label", panel.title ? `${panel.title}: ${panel.alt}` : panel.alt);
    picture.classList.toggle("course-chosen", Boolean(panel.select));
    picture.replaceChildren(...axes(), ...inside());
    legend.replaceChildren(...panel.curves.filter((curve) => curve.name).map(sign));
  };
  return { element, update };
}
