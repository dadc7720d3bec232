// Panels show results: pictures, tables of numbers, lines of text. Each function returns {element, update(panel)};
// update changes what is there in place, so nothing flickers and the focus stays where it is.

function figure(panel) {
  const caption = make("figcaption", { class: "course-caption" });
  const body = make("div", { class: "course-body" });
  const element = make("figure", { class: `course-panel course-${panel.kind}`, "data-key": panel.key }, caption, body);
  return { element, body, caption };
}

function picturePanel(first, change) {
  const { element, body, caption } = figure(first);
  const canvas = make("canvas");
  const frame = make("div", { class: "course-frame" }, canvas);
  let panel = first;
  body.append(frame);
  if (first.pick) {
    // The whole picture is a button.
    const button = make("button", { type: "button", class: "course-pick" });
    body.replaceChildren(button);
    button.append(frame);
    button.addEventListener("click", () => change(panel.pick[0], panel.pick[1]));
  }
  const choose = (row, column) => {
    const [rows, columns] = panel.cells;
    change(panel.select, [clamp(row, 0, rows - 1), clamp(column, 0, columns - 1)]);
  };
  if (first.select) {
    canvas.tabIndex = 0;
    canvas.addEventListener("pointerdown", (event) => {
      const box = canvas.getBoundingClientRect();
      const [rows, columns] = panel.cells;
      const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
      choose(row, Math.floor(((event.clientX - box.left) / box.width) * columns));
    });
    canvas.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow) return;
      event.preventDefault();
      event.stopPropagation();
      choose(panel.at[0] + arrow[0], panel.at[1] + arrow[1]);
    });
  }
  const describe = () => {
    caption.textContent = panel.title;
    const text = panel.title ? `${panel.title}: ${panel.alt}` : panel.alt;
    if (panel.pick) {
      const button = body.firstChild;
      button.setAttribute("aria-label", text);
      button.setAttribute("aria-pressed", String(Boolean(panel.picked)));
      canvas.setAttribute("aria-hidden", "true");
    } else {
      canvas.setAttribute("role", panel.select ? "application" : "img");
      if (panel.select) canvas.setAttribute("aria-roledescription", "picture");
      canvas.setAttribute("aria-label", panel.select ? `${text} Arrow keys move the mark.` : text);
    }
  };
  let drawn = null;
  const draw = async () => {
    canvas.style.width = `${panel.width}px`;
    canvas.style.imageRendering = panel.smooth ? "auto" : "pixelated";
    element.style.setProperty("--course-width", `${panel.width}px`);
    if (panel.png === drawn) return;
    drawn = panel.png;
    const bitmap = await createImageBitmap(new Blob([panel.png], { type: "image/png" }), {
      colorSpaceConversion: "none",
    });
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    }
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
  };
  const mark = () => {
    const boxes = panel.marks.map(([top, left, height, width, colour]) => {
      const box = make("span", { class: "course-mark", "aria-hidden": "true" });
      Object.assign(box.style, { top: `${100 * top}%`, left: `${100 * left}%` });
      Object.assign(box.style, { height: `${100 * height}%`, width: `${100 * width}%`, borderColor: colour });
      return box;
    });
    // Not replaceChildren: taking the canvas out, if only for a moment, takes the focus from it.
    while (canvas.nextSibling) canvas.nextSibling.remove();
    frame.append(...boxes);
  };
  const update = async (next) => {
    panel = next;
    describe();
    mark();
    await draw();
  };
  return { element, update };
}

function numbersPanel(first, change) {
  const { element, body, caption } = figure(first);
  const table = make("table", { class: "course-numbers" });
  const scroll = make("div", { class: "course-scroll" }, table);
  body.append(scroll);
  let panel = first;
  let cells = [];
  let shape = "";

  /** Let the Tab key enter the table at this cell. */
  const enter = (row, column) => {
    const [rows, columns] = [cells.length, cells[0].length];
    const cell = cells[clamp(row, 0, rows - 1)][clamp(column, 0, columns - 1)];
    cells.flat().forEach((other) => (other.firstChild.tabIndex = -1));
    cell.firstChild.tabIndex = 0;
    return cell.firstChild;
  };
  const focusOn = (row, column) => enter(row, column).focus();
  const cellOf = (row, column) => {
    const cell = make("td");
    if (panel.select) {
      const button = make("button", { type: "button", tabindex: row + column ? -1 : 0 });
      button.addEventListener("click", () => {
        focusOn(row, column);
        change(panel.select, [row, column]);
      });
      button.addEventListener("keydown", (event) => {
        const arrow = ARROWS[event.key];
        if (!arrow) return;
        event.preventDefault();
        event.stopPropagation();
        focusOn(row + arrow[0], column + arrow[1]);
      });
      cell.append(button);
    }
    return cell;
  };
  const build = () => {
    cells = panel.rows.map((row, r) => row.map((_, c) => cellOf(r, c)));
    const heads = panel.columns.map((name) => make("th", { scope: "col" }, name));
    const head = heads.length ? [make("tr", {}, ...(panel.names.length ? [make("td")] : []), ...heads)] : [];
    const lines = cells.map((row, r) =>
      make("tr", {}, ...(panel.names.length ? [make("th", { scope: "row" }, panel.names[r])] : []), ...row)
    );
    table.replaceChildren(...head, ...lines);
    table.setAttribute("style", `--course-cell: ${panel.cell}px`);
  };
  const paint = (cell, row, column) => {
    const target = panel.select ? cell.firstChild : cell;
    const text = panel.rows[row][column];
    if (target.textContent !== text) target.textContent = text;
    cell.style.backgroundColor = panel.fills[row][column] ?? "";
    cell.style.color = panel.inks[row][column] ?? "";
    // A mark is a line around all of its cells: each cell draws the sides that lie on the rim.
    const sides = ([top, left, height, width, colour]) => {
      if (row < top || row >= top + height || column < left || column >= left + width) return [];
      const rims = [];
      if (row === top) rims.push("0 3px");
      if (row === top + height - 1) rims.push("0 -3px");
      if (column === left) rims.push("3px 0");
      if (column === left + width - 1) rims.push("-3px 0");
      return rims.map((offset) => `inset ${offset} 0 0 ${colour}`);
    };
    cell.style.boxShadow = [...panel.marks].reverse().flatMap(sides).join(", ");
    if (panel.select) {
      const here = panel.at && panel.at[0] === row && panel.at[1] === column;
      target.setAttribute("aria-pressed", String(Boolean(here)));
      const place = panel.say[row]?.[column] ?? `${text || "empty"}, row ${row + 1}, column ${column + 1}`;
      target.setAttribute("aria-label", place);
    }
  };
  const update = (next) => {
    panel = next;
    caption.textContent = panel.title;
    table.setAttribute("aria-label", panel.title ? `${panel.title}: ${panel.alt}` : panel.alt);
    const wanted = JSON.stringify([panel.rows.length, panel.rows[0].length, panel.names, panel.columns, panel.cell]);
    if (wanted !== shape) build();
    shape = wanted;
    cells.forEach((row, r) => row.forEach((cell, c) => paint(cell, r, c)));
    if (panel.select && panel.at && !table.contains(document.activeElement)) enter(...panel.at);
  };
  return { element, update };
}

function textPanel(first) {
  const { element, body, caption } = figure(first);
  const update = (panel) => {
    caption.textContent = panel.title;
    body.replaceChildren(...panel.lines.map((line) => make("p", {}, line)));
  };
  return { element, update };
}

function groupPanel(first) {
  const { element, body, caption } = figure(first);
  element.setAttribute("role", "group");
  const update = (panel) => {
    caption.textContent = panel.title;
    element.setAttribute("aria-label", panel.title ? `${panel.title}: ${panel.alt}` : panel.alt);
    element.style.width = `${panel.width}px`;
  };
  return { element, body, update };
}
