// Controls are the browser's own (range, select, checkbox, button, number): they have names for screen readers and
// obey the keyboard. Each function returns {element, set(value), limit(low, high)}.

function slider(control, change) {
  const id = newId();
  const input = make("input", { id, type: "range", min: control.low, max: control.high, step: control.step });
  const output = make("output", { for: id, class: "course-value" });
  const texts = control.texts;
  const show = () => {
    const text = texts ? texts[Number(input.value)] : written(input.value) + (control.unit ? ` ${control.unit}` : "");
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  const set = (value) => {
    input.value = value;
    show();
  };
  input.addEventListener("input", () => {
    show();
    change(control.name, Number(input.value));
  });
  const element = make("div", { class: "course-control" }, make("label", { for: id }, control.label), input, output);
  let stop = () => {};
  if (control.play) {
    const button = make("button", { type: "button", "aria-label": `Play: ${control.label}` }, "▶");
    let timer = null;
    stop = () => {
      clearInterval(timer);
      timer = null;
      button.textContent = "▶";
      button.setAttribute("aria-label", `Play: ${control.label}`);
    };
    const step = () => {
      if (Number(input.value) >= Number(input.max)) return stop();
      set(Number(input.value) + Number(input.step));
      change(control.name, Number(input.value));
    };
    button.addEventListener("click", () => {
      if (timer) return stop();
      if (Number(input.value) >= Number(input.max)) {
        set(input.min);
        change(control.name, Number(input.value));
      }
      button.textContent = "❚❚";
      button.setAttribute("aria-label", `Pause: ${control.label}`);
      timer = setInterval(step, control.play);
    });
    element.append(button);
  }
  set(control.value);
  const limit = (low, high) => {
    input.min = low;
    input.max = high;
    input.disabled = Number(low) === Number(high); // nothing to slide
    show();
  };
  return { element, set, limit, stop: () => stop() };
}

function choice(control, change) {
  const id = newId();
  const select = make("select", { id });
  select.append(...control.options.map((option) => make("option", { value: option }, option)));
  select.addEventListener("change", () => change(control.name, select.value));
  const set = (value) => (select.value = value);
  set(control.value);
  const element = make("div", { class: "course-control" }, make("label", { for: id }, control.label), select);
  return { element, set };
}

function toggle(control, change) {
  const id = newId();
  const input = make("input", { id, type: "checkbox" });
  input.addEventListener("change", () => change(control.name, input.checked));
  const set = (value) => (input.checked = value);
  set(control.value);
  return { element: make("div", { class: "course-control" }, input, make("label", { for: id }, control.label)), set };
}

function action(control, change) {
  const button = make("button", { type: "button" }, control.label);
  let count = control.value;
  button.addEventListener("click", () => {
    count += 1;
    change(control.name, count);
  });
  return { element: make("div", { class: "course-control" }, button), set: (value) => (count = value) };
}

const MOST = 1_000_000; // the largest weight that Python accepts

/** A table of numbers to edit: weights of a kernel. Blue is negative, red positive. */
function weights(control, change) {
  const grid = make("div", { class: "course-weights", role: "group", "aria-label": control.label });
  let cells = [];
  const tint = (input) => {
    const share = clamp(Number(input.value) / control.limit, -1, 1);
    const colour = share < 0 ? "33, 102, 172" : "178, 24, 43";
    input.style.backgroundColor = `rgba(${colour}, ${(Math.abs(share) * 0.4).toFixed(3)})`;
  };
  // A cell shows six digits; as long as nobody edits it, it keeps all of them.
  const valid = (input) => input.value.trim() !== "" && Math.abs(Number(input.value)) <= MOST;
  const read = () =>
    cells.map((row) => row.map((input) => (input.value === input.shown || !valid(input) ? input.exact : Number(input.value))));
  const edited = (input) => {
    input.setAttribute("aria-invalid", String(!valid(input)));
    if (!valid(input)) return; // the learner is still typing, for example a minus sign
    tint(input);
    const table = read();
    [input.shown, input.exact] = [input.value, Number(input.value)];
    change(control.name, table);
  };
  // What is no number when the cell is left gives way to the number that is in force.
  const left = (input) => {
    if (valid(input)) return;
    input.value = input.shown;
    input.setAttribute("aria-invalid", "false");
  };
  const build = (value) => {
    grid.style.gridTemplateColumns = `repeat(${value[0].length}, auto)`;
    cells = value.map((row, r) =>
      row.map((_, c) => {
        const label = `${control.label}: row ${r + 1}, column ${c + 1}`;
        const input = make("input", { type: "number", step: control.step, "aria-label": label });
        input.addEventListener("input", () => edited(input));
        input.addEventListener("change", () => left(input));
        input.addEventListener("blur", () => left(input));
        return input;
      })
    );
    grid.replaceChildren(...cells.flat());
  };
  const set = (value) => {
    if (cells.length !== value.length || cells[0].length !== value[0].length) build(value);
    value.forEach((row, r) =>
      row.forEach((weight, c) => {
        const input = cells[r][c];
        if (input.value === "" || Number(input.value) !== weight) input.value = Number(weight.toPrecision(6));
        [input.shown, input.exact] = [input.value, weight];
        input.setAttribute("aria-invalid", "false");
        tint(input);
      })
    );
  };
  set(control.value);
  const name = make("span", { class: "course-name", "aria-hidden": "true" }, control.label);
  return { element: make("div", { class: "course-control course-tall" }, name, grid), set };
}
