// A map of points: hover or move with the arrow keys from point to neighbour; the chosen point's number is reported.
// A click holds the point, so that the way to what stands beside the map does not choose others.

function pointsPanel(first, change) {
  const { element, body, caption } = figure(first);
  const size = 520; // drawing units; the style sheet gives the size on the page
  const margin = 14;
  const canvas = make("canvas", { tabindex: 0, role: "application", "aria-roledescription": "map", class: "course-map" });
  canvas.width = canvas.height = 2 * size; // crisp on dense screens
  const legend = make("ul", { class: "course-legend" });
  const hint = make("p", { class: "course-hint" });
  body.append(canvas, hint, legend);
  let panel = first;
  let answered = first; // what Python said last
  let places = [];
  let groups = [];
  let fitted = null; // the cloud that `places` are made of
  let asked = null; // the point chosen here that Python has not answered yet
  let held = false;

  const fit = () => {
    const { x: xs, y: ys } = panel.cloud;
    ({ cloud: fitted, cloud: { groups } } = panel);
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [low, high] = [Math.min(...ys), Math.max(...ys)];
    const scale = (size - 2 * margin) / (Math.max(right - left, high - low) || 1);
    places = xs.map((x, i) => [
      margin + (x - left) * scale + ((size - 2 * margin) - (right - left) * scale) / 2,
      size - margin - (ys[i] - low) * scale - ((size - 2 * margin) - (high - low) * scale) / 2,
    ]);
  };
  const dot = (context, index, radius) => {
    const group = groups[index];
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
    context.lineWidth = 2;
    for (const index of panel.linked) {
      context.beginPath();
      context.moveTo(...places[panel.at]);
      context.lineTo(...places[index]);
      context.stroke();
    }
    for (const index of panel.linked) dot(context, index, 5);
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
    panel = { ...panel, at: index, linked: index === answered.at ? answered.linked : [] };
    asked = index;
    draw();
    change(panel.select, index);
  };
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = size / box.width;
    return nearest((event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
  };
  const hold = (wanted) => {
    held = wanted;
    hint.textContent = held ? "Held. Click the point again to let go." : "Hover to choose a point, click to hold it.";
  };
  canvas.addEventListener("pointermove", (event) => held || choose(under(event)));
  canvas.addEventListener("pointerdown", (event) => {
    const index = under(event);
    hold(!(held && index === panel.at));
    choose(index);
  });
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
    // An answer to an older question must not move the mark back.
    if (next.at === asked) asked = null;
    answered = next;
    panel = asked === null ? next : { ...next, at: asked, linked: [] };
    caption.textContent = panel.title;
    canvas.setAttribute("aria-label", `${panel.title}: ${panel.alt} Arrow keys move to a neighbouring point.`);
    if (panel.cloud !== fitted) fit();
    draw();
    legend.replaceChildren(
      ...panel.legend.map((name, group) => {
        const sign = make("span", { class: group % 2 ? "course-square" : "course-disc", "aria-hidden": "true" });
        sign.style.backgroundColor = panel.colours[group];
        return make("li", {}, sign, name);
      })
    );
  };
  hold(false);
  return { element, update };
}
