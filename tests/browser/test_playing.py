"""Tour, drawing canvas, augmentation playground and over-fitting explorer in a real JupyterLab."""

import numpy as np
import pytest
from chromium import serious_violations
from widget_pages import Explorer

from course_utils.widgets.first_steps import TASKS
from course_utils.widgets.handwriting import box_of, prepared
from course_utils.widgets.samples import sample_images

pytestmark = [pytest.mark.browser, pytest.mark.server]

HALVES = """import numpy as np
import course_utils as cu
def halves(images):
    ink = images.reshape(len(images), 2, -1).sum(axis=2) + 1.0
    return ink / ink.sum(axis=1, keepdims=True)
cu.widgets.draw_and_classify(halves, ["top", "bottom"])"""
SHEET = """canvas => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, 280, 280);
  return Array.from(data.filter((value, index) => index % 4 === 0));
}"""


def opened(lab, page, name, *cells, title):
    lab.write(f"{name}.ipynb", *cells)
    lab.open(page, f"{name}.ipynb")
    lab.run_all(page)
    lab.wait_until_done(page)
    return Explorer(page, title)


@pytest.fixture
def sheet(lab, page):
    """A drawing canvas, and whatever it takes to draw on it."""
    yield Sheet(opened(lab, page, "drawing", HALVES, title="Draw and classify"))
    assert page.console_errors == []


class Sheet:
    def __init__(self, explorer):
        self.explorer, self.page = explorer, explorer.page
        self.canvas = explorer.root.locator(".course-canvas")
        self.canvas.scroll_into_view_if_needed()
        self.box = self.canvas.bounding_box()

    def place(self, x, y):
        return self.box["x"] + x * self.box["width"] / 280, self.box["y"] + y * self.box["height"] / 280

    def pixels(self):
        return np.array(self.canvas.evaluate(SHEET), dtype="uint8").reshape(280, 280)

    def stroke(self, *points):
        self.page.mouse.move(*self.place(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.place(*point), steps=5)
        self.page.mouse.up()

    def settled(self, action):
        """Draw, and wait until the last picture of it was answered."""
        self.explorer.after(action)
        self.page.wait_for_timeout(700)

    def touch(self, kind, *fingers):
        points = [dict(zip("xy", self.place(x, y), strict=True)) | {"id": finger} for finger, x, y in fingers]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    @property
    def session(self):
        if not hasattr(self, "_session"):
            self._session = self.page.context.new_cdp_session(self.page)
        return self._session


def test_when_something_is_drawn_with_the_mouse_then_the_network_gets_it_prepared(sheet):
    sheet.settled(lambda: sheet.stroke((60, 60), (120, 60), (120, 200)))
    drawn = sheet.pixels()
    np.testing.assert_allclose(box_of(drawn), (50, 50, 160, 80), atol=3)  # the pen is 20 wide
    expected = prepared(drawn).picture
    np.testing.assert_array_equal(sheet.explorer.pixels("picture")[..., 0], expected)
    ink = expected.reshape(2, -1).sum(axis=1) + 1.0
    assert sheet.explorer.texts("answers")[1] == [f"{100 * ink[1] / ink.sum():.0f} %"]
    assert serious_violations(sheet.page, ".course-explorer") == []


def test_when_the_sheet_is_cleared_then_it_is_black_and_the_widget_asks_for_a_drawing(sheet):
    sheet.settled(lambda: sheet.stroke((60, 60), (120, 200)))
    sheet.settled(lambda: sheet.explorer.root.get_by_role("button", name="Clear").click())
    assert not sheet.pixels().any()
    assert sheet.explorer.message.startswith("Draw something")


def test_when_only_the_keyboard_is_used_then_a_line_can_be_drawn_and_deleted(sheet):
    sheet.canvas.focus()
    for key in ["ArrowUp"] * 5:
        sheet.canvas.press(key)
    assert not sheet.pixels().any()  # the pen is up

    def line():
        for key in [" ", *["ArrowDown"] * 10, " ", *["ArrowRight"] * 4]:
            sheet.canvas.press(key)

    sheet.settled(line)
    np.testing.assert_allclose(box_of(sheet.pixels()), (90, 130, 100, 20), atol=3)
    sheet.settled(lambda: sheet.canvas.press("Delete"))
    assert not sheet.pixels().any() and sheet.explorer.message.startswith("Draw something")


def test_when_the_mouse_has_drawn_then_the_keyboard_goes_on_from_where_it_stopped(sheet):
    sheet.settled(lambda: sheet.stroke((60, 60), (60, 100)))

    def on():
        for key in [" ", *["ArrowRight"] * 5]:
            sheet.canvas.press(key)

    sheet.settled(on)
    np.testing.assert_allclose(box_of(sheet.pixels()), (50, 50, 60, 60), atol=3)


def test_when_a_second_finger_touches_the_sheet_then_the_stroke_of_the_first_goes_on(sheet):
    def swipe():
        sheet.touch("touchStart", (0, 60, 60))
        sheet.touch("touchMove", (0, 80, 60))
        sheet.touch("touchStart", (0, 80, 60), (1, 200, 250))
        sheet.touch("touchMove", (0, 120, 60), (1, 210, 250))
        sheet.touch("touchEnd")

    sheet.settled(swipe)
    np.testing.assert_allclose(box_of(sheet.pixels()), (50, 50, 20, 80), atol=3)


def test_when_the_page_is_loaded_again_then_the_drawing_is_still_there(sheet):
    sheet.settled(lambda: sheet.stroke((60, 60), (120, 200)))
    before = sheet.pixels()
    page = sheet.page
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1000)
    page.reload()
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=180_000)
    again = Sheet(Explorer(page, "Draw and classify"))
    page.wait_for_function(
        "canvas => canvas.getContext('2d').getImageData(0, 0, 280, 280).data.some((v, i) => i % 4 === 0 && v)",
        arg=again.canvas.element_handle(),
    )
    np.testing.assert_array_equal(again.pixels(), before)


def test_when_the_tour_is_taken_with_the_keyboard_then_every_task_can_be_done(lab, page):
    tour = opened(lab, page, "tour", "import course_utils as cu\ncu.widgets.tour()", title="Tour")
    tour.after(lambda: tour.control("brightness").press("ArrowRight"))
    assert f"Next: {TASKS[1].text}" in tour.message
    tour.after(lambda: tour.control("black below: row 1, column 1").fill("120"))
    tour.after(lambda: tour.root.locator("[data-key='picture'] canvas").press("ArrowDown"))
    tour.after(lambda: tour.control("colours").select_option("viridis"))
    assert "All four tasks are done" in tour.message
    assert tour.root.locator("[data-key='tasks']").inner_text().count("✓") == 4
    tour.after(lambda: tour.root.get_by_role("button", name="Start again").click())
    assert tour.control("brightness").input_value() == "0" and tour.control("colours").input_value() == "grey"
    assert serious_violations(page, ".course-explorer") == [] and page.console_errors == []


def test_when_a_flip_is_chosen_then_the_slider_rests_and_the_pictures_are_mirrored(lab, page):
    code = "import course_utils as cu\nfrom course_utils.widgets.samples import sample_images\n"
    code += "cu.widgets.augmentation_playground(sample_images())"
    game = opened(lab, page, "augmentation", code, title="Augmentation playground")
    game.after(lambda: game.control("transformation").select_option("flip left–right"))
    assert game.control("strength").is_disabled()
    garment = sample_images()[0, ..., 0]
    for number in range(8):
        shown = game.pixels(f"draw{number}")[..., 0]
        assert np.array_equal(shown, garment) or np.array_equal(shown, garment[:, ::-1])
    game.after(lambda: game.control("transformation").select_option("cutout"))
    assert game.control("strength").input_value() == "3" and not game.control("strength").is_disabled()
    game.after(lambda: game.root.get_by_role("button", name="Draw again").click())
    assert game.message == "A patch of about 7×7 pixels covered in each."
    assert serious_violations(page, ".course-explorer") == [] and page.console_errors == []


def test_when_a_training_plays_then_the_curves_grow_to_the_last_epoch(lab, page):
    code = "import course_utils as cu\ncu.widgets.overfitting_explorer()"
    explorer = opened(lab, page, "overfitting", code, title="Over-fitting explorer")
    whole = explorer.message
    explorer.after(lambda: explorer.control("epoch").press("Home"))
    assert explorer.message.startswith("Before training")
    explorer.root.get_by_role("button", name="Play: epoch").click()
    page.wait_for_function(
        "root => root.querySelector('.course-message').textContent.includes('over-fitting')",
        arg=explorer.root.element_handle(),
        timeout=30_000,
    )
    page.wait_for_function(
        "([root, text]) => root.querySelector('.course-message').textContent === text",
        arg=[explorer.root.element_handle(), whole],
        timeout=30_000,
    )
    box = explorer.root.locator("[data-key='loss'] .course-graph").bounding_box()
    explorer.after(lambda: page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.3 * box["height"]))
    assert 10 <= int(explorer.control("epoch").input_value()) <= 18
    assert serious_violations(page, ".course-explorer") == [] and page.console_errors == []
