"""What a learner does with the widgets of the notebooks: run all, edit, drag, draw, click; and what they then see."""

import json

import numpy as np
import pytest
from chromium import serious_violations
from widget_pages import ERRORS, Explorer, keep

from course_utils.widgets.kernels import PRESETS, feature_map, grey
from course_utils.widgets.pixels import tinted
from course_utils.widgets.samples import BOOT, sample_images
from course_utils.widgets.stepper import KERNELS, Slide, convolve, readable

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]

TRAINED = [
    """import json
import course_utils as cu
import keras
keras.utils.set_random_seed(0)
data = cu.load("mnist")
model = keras.Sequential([
    keras.Input((28, 28, 1)), keras.layers.Rescaling(1 / 255),
    keras.layers.Conv2D(12, 5, strides=2, activation="relu"), keras.layers.Flatten(),
    keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
fitted = model.fit(data.train.images, data.train.labels, epochs=8, verbose=0)""",
    "report = cu.evaluate(model, data.test)\ncu.widgets.confusion_explorer(report)",
    "cu.widgets.draw_and_classify(model, data.classes, examples=data.train)",
    "print(json.dumps(report.confusion.tolist()))",
]


def test_when_notebook_01_is_run_then_a_dragged_slider_and_an_edited_kernel_show_the_right_pixels(lab, page):
    lab.open(page, "01_pixels_and_convolution.ipynb")
    lab.run_all(page)
    lab.wait_until_done(page)
    assert page.locator(ERRORS).all_inner_texts() == []
    for title in ("Kernel explorer", "Convolution, step by step", "Activation functions", "Pooling"):
        Explorer(page, title)

    kernels = Explorer(page, "Kernel explorer")
    boot = sample_images()[BOOT]
    np.testing.assert_array_equal(kernels.pixels("picture")[..., 0], boot[..., 0])
    edited = np.array(PRESETS["Sobel x"], dtype=float)
    edited[2, 2] = 4
    before = kernels.pixels("map")
    kernels.after(lambda: kernels.control("weights: row 3, column 3").fill("4"))
    found = feature_map(grey(boot), edited)
    limit = np.abs(found).max()
    np.testing.assert_array_equal(kernels.pixels("map"), tinted(found, "RdBu_r", (-limit, limit)))
    assert not np.array_equal(before, kernels.pixels("map"))
    keep(page, "notebook_01")
    kernels.keep("kernel_explorer")

    stepper = Explorer(page, "Convolution, step by step")
    stepper.after(lambda: stepper.drag_slider("stride", 0.5))
    stepper.wait_for("7×7 becomes 3×3")
    stepper.after(lambda: stepper.drag_slider("step", 0.0))
    stepper.wait_for("Step 1 of 9")
    stepper.film("convolution_stepper", lambda: stepper.move_slider("step", 1), 4)
    stepper.after(lambda: stepper.drag_slider("step", 1.0))
    stepper.wait_for("Step 9 of 9")
    wanted = convolve(readable(boot), KERNELS[3], Slide(3, stride=2))
    assert stepper.texts("output") == [[f"{value:g}".replace("-", "−") for value in row] for row in wanted]

    assert serious_violations(page, ".course-explorer") == []
    assert page.console_errors == []


def test_when_a_seven_is_drawn_then_it_is_classified_and_when_a_cell_is_clicked_its_images_are_shown(lab, page):
    lab.write("trained.ipynb", *TRAINED)
    lab.open(page, "trained.ipynb")
    lab.run_all(page)
    lab.wait_until_done(page)
    assert page.locator(ERRORS).all_inner_texts() == []
    counts = np.array(json.loads(page.locator(".jp-OutputArea-output pre").last.inner_text()))

    confusion = Explorer(page, "Confusion explorer")
    mistakes = counts - np.diag(np.diag(counts))
    row, column = np.unravel_index(np.argsort(mistakes, axis=None)[-3], counts.shape)
    cell = confusion.root.locator("[data-key='matrix'] td button").nth(10 * row + column)
    confusion.after(lambda: cell.click())
    count = counts[row, column]
    assert confusion.message.startswith(f"{count} of {counts[row].sum()} pictures of {row} were taken for {column}")
    pictures = confusion.root.locator("[data-key^='picture '] canvas")
    assert pictures.count() == min(count, 12)
    assert confusion.pixels("picture 0").std() > 20  # a digit, not an empty canvas
    confusion.keep("confusion_explorer")

    drawing = Explorer(page, "Draw and classify")
    drawing.after(lambda: drawing.draw([[(0.3, 0.22), (0.7, 0.22), (0.45, 0.82)]]))
    drawing.wait_for("Prepared as MNIST did: 7 (")
    drawing.keep("draw_and_classify")
    drawing.after(lambda: drawing.root.get_by_role("button", name="Clear").click())
    drawing.wait_for("raw")  # it asks for a drawing
    assert serious_violations(page, ".course-explorer") == []
    assert page.console_errors == []
