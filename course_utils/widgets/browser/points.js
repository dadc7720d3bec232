// A map of points: hover or move with the arrow keys from point to neighbour; the chosen point's number is reported.

function pointsPanel(first, change) {
  const { element, body, caption } = figure(first);
  const size = 520; // drawing units; the style sheet gives the size on the page
  const margin = 14;
  const canvas = make("canvas", { tabindex: 0, role: "application", "aria-roledescription": "map", class: "course-map" });
  canvas.width = canvas.height = 2 * size; // crisp on dense screens
  const legend = make("ul", { class: "course-legend" });
  body.append(canvas, legend);
  let panel = first;
  let places = [];

  const fit = () => {
    const xs = panel.x, ys = panel.y;
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [low, high] = [Math.min(...ys), Math.max(...ys)];
    const scale = (size - 2 * margin) / (Math.max(right - left, high - low) || 1);
    places = xs.map((x, i) => [
      margin + (x - left) * scale + ((size - 2 * margin) - (right - left) * scale) / 2,
      size - margin - (ys[i] - low) * scale - ((size - 2 * margin) - (high - low) * scale) / 2,
    ]);
  };
  const dot = (context, index, radius) => {
    const group = panel.groups[index];
    context.fillStyle = panel.colours[group];
    context.beginPath();
    const [x, y] = places[index];
    if (group % 2) context.rect(x - radius * 0.88, y - radius * 0.88, radius * 1.76, radius * 1.76);
    else context.arc(x, y, radius, 0, 7);
    context.fill();
  };
  const draw = () => {
    const context = canvas.getContext("2d");
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.fillStyle = "white";
    context.fillRect(0, 0, size, size);
    places.forEach((_, index) => dot(context, index, 3.2));
    context.lineWidth = 1.5;
    context.strokeStyle = "black";
    for (const index of panel.ringed) {
      context.beginPath();
      context.arc(...places[index], 5.5, 0, 7);
      context.stroke();
    }
    dot(context, panel.at, 6);
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(...places[panel.at], 9, 0, 7);
    context.stroke();
  };
  const nearest = (x, y, allowed = () => true) => {
    let best = -1;
    let least = Infinity;
    places.forEach(([px, py], index) => {
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < least && allowed(px, py, index)) [best, least] = [index, distance];
    });
    return best;
  };
  const choose = (index) => {
    if (index < 0 || index === panel.at) return;
    panel = { ...panel, at: index };
    draw();
    change(panel.select, index);
  };
  const pointed = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = size / box.width;
    choose(nearest((event.clientX - box.left) * scale, (event.clientY - box.top) * scale));
  };
  canvas.addEventListener("pointermove", pointed);
  canvas.addEventListener("pointerdown", pointed);
  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y] = places[panel.at];
    // The nearest point within 45° of the arrow's direction.
    const ahead = (px, py, index) => {
      const along = (px - x) * arrow[1] + (py - y) * arrow[0];
      const across = Math.abs((px - x) * arrow[0]) + Math.abs((py - y) * arrow[1]);
      return index !== panel.at && along > 0 && across <= along;
    };
    choose(nearest(x, y, ahead));
  });
  const update = (next) => {
    const moved = next.x !== panel.x || !places.length;
    panel = next;
    caption.textContent = panel.title;
    canvas.setAttribute("aria-label", `${panel.title}: ${panel.alt} Arrow keys move to a neighbouring point.`);
    if (moved) fit();
    draw();
    legend.replaceChildren(
      ...panel.legend.map((name, group) => {
        const sign = make("span", { class: group % 2 ? "course-square" : "course-disc", "aria-hidden": "true" });
        sign.style.backgroundColor = panel.colours[group];
        return make("li", {}, sign, name);
      })
    );
  };
  return { element, update };
}
