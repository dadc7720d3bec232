// A canvas to draw on, with mouse, finger or pen; with the keyboard, arrow keys move the pen and Space puts it down.

function drawing(control, change) {
  const size = control.size;
  const canvas = make("canvas", {
    width: size,
    height: size,
    tabindex: 0,
    role: "application",
    "aria-roledescription": "drawing canvas",
    "aria-label": `${control.label}. Arrow keys move the pen, Space lowers or lifts it, Delete clears.`,
    class: "course-canvas",
  });
  const pen = make("span", { class: "course-pen", "aria-hidden": "true" });
  const sheet = make("div", { class: "course-sheet" }, canvas, pen);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let last = null; // where the stroke is, while one is drawn
  let finger = null; // which pointer draws it: a second finger does not
  let keys = { x: size / 2, y: size / 2, down: false };
  let asked = false;

  const blank = () => {
    context.fillStyle = "black";
    context.fillRect(0, 0, size, size);
  };
  const line = (from, to) => {
    context.strokeStyle = "white";
    context.lineWidth = control.pen;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x + 0.01, to.y); // a tap leaves a dot
    context.stroke();
    report();
  };
  const report = () => {
    if (asked) return;
    asked = true; // at most one picture for each frame on the screen
    requestAnimationFrame(() => {
      if (asked) change(control.name, canvas.toDataURL("image/png"));
      asked = false;
    });
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) * size) / box.width, y: ((event.clientY - box.top) * size) / box.height };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || last) return;
    canvas.focus({ focusVisible: false });
    canvas.setPointerCapture(event.pointerId);
    finger = event.pointerId;
    last = place(event);
    line(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last || event.pointerId !== finger) return;
    // A fast pen reports several places at once.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const part of events.length ? events : [event]) {
      const next = place(part);
      line(last, next);
      last = next;
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (!last || event.pointerId !== finger) return;
      keys = { ...last, down: false }; // the keyboard goes on from here
      last = null;
      showPen();
    });
  }

  const showPen = () => {
    pen.style.left = `${(100 * keys.x) / size}%`;
    pen.style.top = `${(100 * keys.y) / size}%`;
    pen.classList.toggle("course-down", keys.down);
  };
  const clear = () => {
    blank();
    asked = false; // nor is a stroke told that is gone
    keys.down = false;
    showPen();
    change(control.name, "");
  };
  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (arrow) {
      const next = { x: clamp(keys.x + arrow[1] * 8, 0, size), y: clamp(keys.y + arrow[0] * 8, 0, size) };
      if (keys.down) line(keys, next);
      keys = { ...next, down: keys.down };
    } else if (event.key === " ") {
      keys.down = !keys.down;
      if (keys.down) line(keys, keys);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      clear();
    } else return;
    event.preventDefault();
    event.stopPropagation(); // or the notebook takes the key for a command
    showPen();
  });
  const set = (value) => {
    if (!value) return blank();
    const image = new Image();
    image.onload = () => context.drawImage(image, 0, 0, size, size);
    image.src = value;
  };
  set(control.value);
  showPen();
  const button = make("button", { type: "button" }, "Clear");
  button.addEventListener("click", clear);
  const name = make("span", { class: "course-name", "aria-hidden": "true" }, control.label);
  return { element: make("div", { class: "course-control course-tall" }, name, sheet, button), set };
}
