"""What the browser tests do to a widget on a page, and what they read from it."""

import io
import os
from pathlib import Path

import numpy as np

# Screenshots to look at, where somebody wants them: WIDGET_PICTURES=folder.
SCREENSHOTS = os.environ.get("WIDGET_PICTURES")
ERRORS = "[data-mime-type='application/vnd.jupyter.error'], [data-mime-type='application/vnd.jupyter.stderr']"

READ = """canvas => {
  const {width, height} = canvas;
  const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
  return [height, width, Array.from(data)];
}"""


class Explorer:
    """A widget of the course on a page of JupyterLab, found by its title (and its position, if there are several)."""

    def __init__(self, page, title, nth=0):
        self.page = page
        self.root = page.locator(f".course-explorer[aria-label='{title}']").nth(nth)
        self.root.wait_for(timeout=60_000)
        page.wait_for_function("root => root.dataset.shown !== undefined", arg=self.root.element_handle())
        self.root.scroll_into_view_if_needed()

    @property
    def shown(self):
        """Number of the last answer that is on the screen."""
        return int(self.root.get_attribute("data-shown"))

    def after(self, action, timeout=20_000):
        """Do something, and wait until its answer is on the screen."""
        before = self.shown
        action()
        self.page.wait_for_function(
            "([root, before]) => Number(root.dataset.shown) > before",
            arg=[self.root.element_handle(), before],
            timeout=timeout,
        )

    def pixels(self, key):
        """Return what a picture panel shows, (height, width, 3) uint8."""
        height, width, values = self.root.locator(f"[data-key='{key}'] canvas").evaluate(READ)
        return np.array(values, dtype="uint8").reshape(height, width, 4)[..., :3]

    def wait_for(self, text):
        """Wait until a text stands somewhere in the widget."""
        wanted = "([root, text]) => root.textContent.includes(text)"
        self.page.wait_for_function(wanted, arg=[self.root.element_handle(), text], timeout=20_000)

    def control(self, label):
        """Return the control with a label, as a person or a screen reader finds it."""
        return self.root.get_by_label(label, exact=True)

    def texts(self, key):
        """Return the cells of a table of numbers."""
        rows = self.root.locator(f"[data-key='{key}'] tr").all()
        return [row.locator("td").all_inner_texts() for row in rows]

    @property
    def message(self):
        """Return the sentence below the panels."""
        return self.root.locator(".course-message").inner_text()

    @property
    def error(self):
        """Return what the widget says went wrong, or nothing."""
        return self.root.locator("[role='alert']").inner_text()

    def move_slider(self, label, steps):
        """Move a slider with the keyboard, as many steps to the right (or to the left)."""
        slider = self.control(label)
        slider.focus()
        for _ in range(abs(steps)):
            slider.press("ArrowRight" if steps > 0 else "ArrowLeft")

    def drag_slider(self, label, share):
        """Drag a slider's handle with the mouse from where it is to a share of its width."""
        slider = self.control(label)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        low, high, value = (float(slider.evaluate(f"e => e.{name}")) for name in ("min", "max", "value"))
        handle = 16  # pixels: the middle of the handle never reaches the very end of the track
        start = box["x"] + handle / 2 + (box["width"] - handle) * (value - low) / (high - low)
        end = box["x"] + handle / 2 + (box["width"] - handle) * share
        middle = box["y"] + box["height"] / 2
        self.page.mouse.move(start, middle)
        self.page.mouse.down()
        self.page.mouse.move(end, middle, steps=8)
        self.page.mouse.up()

    def keep(self, name):
        """Keep a picture of the widget alone, if somebody wants it; with few colours, so that it stays small."""
        if SCREENSHOTS:
            self._picture().save(_file(f"{name}.png"), optimize=True)

    def film(self, name, action, frames, milliseconds=900):
        """Do something several times, and keep a moving picture of it, if somebody wants it."""
        pictures = []
        for _ in range(frames):
            if SCREENSHOTS:
                pictures.append(self._picture())
            self.after(action)
        if pictures:
            rest = {"save_all": True, "append_images": pictures[1:], "duration": milliseconds, "loop": 0}
            pictures[0].save(_file(f"{name}.gif"), optimize=True, **rest)

    def _picture(self):
        from PIL import Image

        return Image.open(io.BytesIO(self.root.screenshot())).convert("RGB").quantize(96)

    def draw(self, strokes):
        """Draw on the canvas with the mouse; strokes are lists of (x, y) as shares of its width and height."""
        canvas = self.root.locator("canvas[aria-roledescription='drawing canvas']")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        for stroke in strokes:
            places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
            self.page.mouse.move(*places[0])
            self.page.mouse.down()
            for place in places[1:]:
                self.page.mouse.move(*place, steps=10)
            self.page.mouse.up()


def keep(page, name):
    """Keep a screenshot of the whole page, if somebody wants it."""
    if SCREENSHOTS:
        page.screenshot(path=_file(f"{name}.png"))


def _file(name):
    Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
    return Path(SCREENSHOTS) / name
