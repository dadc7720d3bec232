// The explorer: controls on top, panels below, a sentence that says what is seen. Python computes, this file shows.
//
// To Python goes   {serial, values: {name: value}}       what the learner changed since the last message
//                  {ask: true}                           everything, after the page was loaded again
// From Python come {serial, order, panels, message, error, values, limits} with the panels that changed;
//                  the PNG file of a picture is in the message's buffers; it and the places of points are left out
//                  where they are as before.
// Only one question is under way at a time: however fast a slider moves, the newest value is asked for next.

const CONTROLS = { slider, choice, toggle, action, weights, drawing };
const PANELS = { picture: picturePanel, numbers: numbersPanel, text: textPanel, points: pointsPanel, curves: curvesPanel, group: groupPanel };
const PATIENCE = 800; // milliseconds after which the learner is told that the kernel is busy
const BUSY = "Waiting for Python: it is busy with another cell. The picture follows when it is free.";
const LOST = "Python was restarted or stopped and no longer knows this widget: run its cell again.";

function render({ model, el }) {
  const spec = model.get("spec");
  const root = make("div", { class: "course-explorer", role: "group", "aria-label": spec.title });
  const bar = make("div", { class: "course-controls" });
  const board = make("div", { class: "course-panels" });
  const alarm = make("div", { class: "course-error", role: "alert" });
  const message = make("p", { class: "course-message", role: "status", "aria-live": "polite" });
  const busy = make("p", { class: "course-busy", role: "status" });
  root.append(bar, alarm, busy, board, message);
  el.append(root);

  let waiting = {}; // changes not sent yet
  let sent = 0;
  let shown = 0;
  let patience = null;
  // Jupyter refuses to send once the kernel that made the widget is gone.
  const tell = (content) => {
    try {
      model.send(content);
      return true;
    } catch (error) {
      console.warn(error);
      clearTimeout(patience);
      busy.textContent = "";
      alarm.textContent = LOST;
      Object.values(controls).forEach((control) => control.stop?.());
      root.querySelectorAll("button, input, select").forEach((element) => (element.disabled = true));
      return false;
    }
  };
  const ask = () => {
    if (sent > shown || Object.keys(waiting).length === 0) return;
    sent += 1;
    if (!tell({ serial: sent, values: waiting })) return;
    waiting = {};
    clearTimeout(patience);
    patience = setTimeout(() => (busy.textContent = BUSY), PATIENCE);
  };
  const change = (name, value) => {
    waiting[name] = value;
    ask();
  };

  const controls = {};
  for (const control of spec.controls) {
    controls[control.name] = CONTROLS[control.kind](control, change);
    bar.append(controls[control.name].element);
  }

  // What is chosen in a panel may be the value of a control, too.
  const choose = (name, value) => {
    controls[name]?.set(value);
    change(name, value);
  };
  const panels = {};
  // Moving an element takes the focus from it: move only those that are not where they belong.
  const place = (parent, keys) => {
    keys.forEach((key, position) => {
      const { element, body, panel } = panels[key];
      if (parent.children[position] !== element) parent.insertBefore(element, parent.children[position] ?? null);
      if (panel.members) place(body, panel.members);
    });
  };
  const showPanels = async (changed, order) => {
    const finished = changed.map((part) => {
      const old = panels[part.key];
      const panel = old && old.kind === part.kind ? { ...old.panel, ...part } : part;
      const live = Boolean(panel.select || panel.pick);
      if (!old || old.kind !== panel.kind || old.live !== live) {
        old?.element.remove();
        panels[panel.key] = { ...PANELS[panel.kind](panel, choose), kind: panel.kind, live };
      }
      panels[panel.key].panel = panel;
      return panels[panel.key].update(panel);
    });
    for (const key of Object.keys(panels)) {
      if (order.includes(key)) continue;
      panels[key].element.remove();
      delete panels[key];
    }
    const inGroups = new Set(order.flatMap((key) => panels[key].panel.members ?? []));
    place(board, order.filter((key) => !inGroups.has(key)));
    await Promise.all(finished);
  };
  const show = async (answer) => {
    if (answer.error) console.error(`course explorer: ${answer.error}`);
    if (alarm.textContent !== answer.error) alarm.textContent = answer.error;
    for (const [name, [low, high]] of Object.entries(answer.limits)) controls[name].limit(low, high);
    for (const [name, value] of Object.entries(answer.values)) if (!(name in waiting)) controls[name]?.set(value);
    await showPanels(answer.panels, answer.order);
    if (message.textContent !== answer.message) message.textContent = answer.message;
  };

  // One answer after the other, also if drawing takes longer than the next answer.
  let last = Promise.resolve();
  const follow = (answer) => {
    last = last
      .then(() => show(answer))
      .catch((error) => {
        alarm.textContent = `The widget could not show this: ${error.message}`;
        console.error(error);
      })
      .then(() => {
        shown = Math.max(shown, answer.serial);
        root.dataset.shown = shown;
        clearTimeout(patience);
        busy.textContent = "";
        ask();
      });
    return last;
  };
  const hear = (answer, buffers) => {
    const parts = answer.panels.map((panel) => ("buffer" in panel ? { ...panel, png: buffers[panel.buffer] } : panel));
    follow({ ...answer, panels: parts });
  };
  const share = (event) => shareKeys(event);
  window.addEventListener("keydown", share, true); // before Jupyter, which listens to the document
  model.on("msg:custom", hear);
  follow({ serial: 0, limits: {}, ...spec.first });
  tell({ ask: true });
  return () => {
    window.removeEventListener("keydown", share, true);
    model.off("msg:custom", hear);
    clearTimeout(patience);
    Object.values(controls).forEach((control) => control.stop?.());
  };
}

export default { render };
