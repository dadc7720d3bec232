"""Stepper, pooling and activation explorer in a real JupyterLab: clicks, arrow keys, drags and the play button."""

import numpy as np
import pytest
from chromium import serious_violations
from widget_pages import Explorer

from course_utils.widgets.samples import BOOT, sample_images
from course_utils.widgets.stepper import KERNELS, Slide, convolve, readable

pytestmark = [pytest.mark.browser, pytest.mark.server]

CELLS = [
    "import course_utils as cu\ncu.widgets.convolution_stepper()",
    "cu.widgets.pooling_explorer()",
    "cu.widgets.activation_explorer()",
]


@pytest.fixture
def widgets(lab, page):
    lab.write("stepping.ipynb", *CELLS)
    lab.open(page, "stepping.ipynb")
    lab.run_all(page)
    lab.wait_until_done(page)
    yield lambda title: Explorer(page, title)
    assert page.console_errors == []


def output():
    numbers = convolve(readable(sample_images()[BOOT]), KERNELS[3], Slide(3))
    return [[f"{value:g}".replace("-", "−") for value in row] for row in numbers]


def test_when_an_empty_cell_is_clicked_then_the_output_is_filled_up_to_it_and_can_be_played_on(widgets):
    stepper = widgets("Convolution, step by step")
    cells = stepper.root.locator("[data-key='output'] td button")
    assert cells.nth(17).inner_text() == ""
    stepper.after(lambda: cells.nth(17).click())
    assert stepper.control("step").input_value() == "18" and stepper.message.startswith("Step 18 of 25")
    filled = [text for row in output() for text in row][:18] + [""] * 7
    assert [text for row in stepper.texts("output") for text in row] == filled
    # Arrow keys move inside the table, Enter chooses.
    stepper.page.keyboard.press("ArrowUp")
    stepper.after(lambda: stepper.page.keyboard.press("Enter"))
    assert stepper.message.startswith("Step 13 of 25")

    # The play button goes on from there.
    stepper.root.get_by_role("button", name="Play: step").click()
    stepper.page.wait_for_function("root => root.textContent.includes('Step 15 of')", arg=stepper.root.element_handle())
    stepper.root.get_by_role("button", name="Pause: step").click()
    stepper.page.wait_for_timeout(200)
    paused = stepper.message
    stepper.page.wait_for_timeout(1300)
    assert stepper.message == paused


def test_when_a_kernel_is_too_large_or_its_weights_are_then_the_widget_says_so_and_comes_back(widgets):
    stepper = widgets("Convolution, step by step")
    stepper.after(lambda: stepper.control("kernel size").fill("5"))
    stepper.after(lambda: stepper.control("dilation").fill("2"))
    assert stepper.message.startswith("The kernel does not fit") and stepper.error == ""
    assert stepper.root.locator("[data-key='output'] td").count() == 0
    assert serious_violations(stepper.page, ".course-explorer") == []
    stepper.after(lambda: stepper.control("padding").fill("1"))
    assert stepper.root.locator("[data-key='output'] td").count() == 1

    weight = stepper.control("kernel: row 1, column 1")
    weight.fill("99999999")
    assert weight.get_attribute("aria-invalid") == "true"
    weight.press("Tab")  # what cannot be used gives way when the cell is left
    assert weight.input_value() == "-1" and weight.get_attribute("aria-invalid") == "false"
    stepper.after(lambda: weight.fill("3"))
    assert stepper.error == ""


def test_when_arrow_keys_move_a_mark_then_the_picture_keeps_the_focus(widgets):
    pooling = widgets("Pooling")
    canvas = pooling.root.locator("[data-key='pooled'] canvas")
    box = canvas.bounding_box()
    pooling.after(lambda: pooling.page.mouse.click(box["x"] + 5, box["y"] + 5))
    assert "row 1, column 1" in pooling.message
    for key, place in (("ArrowDown", "row 2, column 1"), ("ArrowDown", "row 3, column 1"), ("ArrowRight", "column 2")):
        pooling.after(lambda key=key: pooling.page.keyboard.press(key))
        assert place in pooling.message
    pooling.after(lambda: pooling.page.keyboard.press("ArrowLeft"))
    assert canvas.evaluate("canvas => document.activeElement === canvas")

    pooling.after(lambda: pooling.move_slider("window", 2))
    pooling.page.wait_for_function("root => root.textContent.includes('7×7')", arg=pooling.root.element_handle())
    assert pooling.control("stride").input_value() == "4"
    assert pooling.pixels("pooled").shape == (7, 7, 3)


def test_when_it_is_dragged_along_the_curve_then_the_slider_moves_along(widgets):
    activation = widgets("Activation functions")
    box = activation.root.locator("svg.course-graph").bounding_box()
    mouse = activation.page.mouse
    mouse.move(box["x"] + 100, box["y"] + 100)
    mouse.down()
    activation.after(lambda: mouse.move(box["x"] + 160, box["y"] + 120, steps=4))
    mouse.up()
    chosen = 8 * (160 - 48) / (400 - 48 - 12) - 4  # margins of the axes
    value = float(activation.control("input").input_value())
    assert value == pytest.approx(chosen, abs=0.1)
    activation.page.wait_for_timeout(200)
    assert activation.message.startswith(f"ReLU makes −{abs(value):g} into 0")


def test_when_axe_looks_at_the_widgets_then_nothing_serious_is_found(widgets):
    widgets("Activation functions").control("show the derivative").check()
    pooling = widgets("Pooling")
    pooling.after(lambda: pooling.move_slider("move to the right", 1))
    assert serious_violations(pooling.page, ".jp-OutputArea") == []
    assert np.ptp(pooling.pixels("change")) > 0
