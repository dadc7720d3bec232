"""Widgets in a real JupyterLab: what is on the screen is what the pure functions compute."""

import statistics

import numpy as np
import pytest
from chromium import serious_violations
from widget_pages import Explorer, keep

import course_utils as cu
from course_utils.widgets.kernels import PRESETS, feature_map, grey
from course_utils.widgets.pixels import tinted
from course_utils.widgets.samples import sample_images

pytestmark = [pytest.mark.browser, pytest.mark.server]

LATENCY_MS = 150

BROKEN = """
import course_utils as cu
from course_utils.widgets.controls import Slider
from course_utils.widgets.explorer import Explorer
from course_utils.widgets.panels import Text, View
def show(values, changed):
    if values["step"] == 3:
        raise ValueError("three is too much")
    return View((Text("t", "text", (f"step {values['step']}",)),), f"step {values['step']}")
Explorer("Broken", (Slider("step", "step", 1, 0, 5),), show)
"""


def map_of(picture, kernel):
    found = feature_map(grey(picture), kernel)
    limit = np.abs(found).max() or 1
    return tinted(found, "RdBu_r", (-limit, limit))


@pytest.fixture
def kernels(lab, page):
    """A kernel explorer on the first garment of the sample."""
    lab.write("kernels.ipynb", "import course_utils as cu\ncu.widgets.kernel_explorer()")
    lab.open(page, "kernels.ipynb")
    lab.run_all(page)
    lab.wait_until_done(page)
    yield Explorer(page, "Kernel explorer")
    assert page.console_errors == []


def test_when_a_kernel_is_edited_then_every_pixel_of_the_map_is_the_pure_functions(kernels):
    garment = sample_images()[0]
    np.testing.assert_array_equal(kernels.pixels("map"), map_of(garment, PRESETS["Sobel x"]))
    edited = np.array(PRESETS["Sobel x"], dtype=float)
    edited[1, 0] = -7.5
    kernels.after(lambda: kernels.control("weights: row 2, column 1").fill("-7.5"))
    np.testing.assert_array_equal(kernels.pixels("map"), map_of(garment, edited))
    assert kernels.control("preset").input_value() == "your own"
    keep(kernels.page, "kernel_edited")


def test_when_a_kernel_is_chosen_with_the_keyboard_alone_then_weights_and_map_follow(kernels):
    kernels.after(lambda: kernels.control("preset").select_option("sharpen"))
    assert kernels.control("weights: row 2, column 2").input_value() == "5"
    kernels.control("size").focus()
    kernels.after(lambda: kernels.control("size").press("ArrowDown"))
    assert kernels.pixels("map").shape == (24, 24, 3)
    assert kernels.control("weights: row 3, column 3").input_value() == "5"
    np.testing.assert_array_equal(
        kernels.pixels("map"), map_of(sample_images()[0], np.pad(np.array(PRESETS["sharpen"]), 1))
    )


def test_when_a_number_is_half_typed_then_nothing_breaks_and_the_old_map_stays(kernels):
    before = kernels.pixels("map")
    weight = kernels.control("weights: row 1, column 1")
    weight.focus()
    weight.press("Control+a")
    weight.press("-")
    assert weight.get_attribute("aria-invalid") == "true"
    np.testing.assert_array_equal(kernels.pixels("map"), before)
    kernels.after(lambda: weight.press("3"))
    assert weight.get_attribute("aria-invalid") == "false"
    assert kernels.error == ""


def test_when_the_page_is_loaded_again_then_the_widget_shows_where_it_was(lab, kernels):
    page = kernels.page
    kernels.after(lambda: kernels.control("preset").select_option("emboss"))
    page.wait_for_selector(".jp-mod-dirty")
    kernels.control("preset").press("Control+s")  # Jupyter's keys stay Jupyter's
    page.wait_for_selector(".jp-mod-dirty", state="detached")
    page.reload()
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=180_000)
    again = Explorer(page, "Kernel explorer")
    page.wait_for_function("() => document.querySelector('.course-explorer select').value === 'emboss'")
    np.testing.assert_array_equal(again.pixels("map"), map_of(sample_images()[0], PRESETS["emboss"]))


def test_when_axe_looks_at_a_widget_then_nothing_serious_is_found(kernels):
    assert serious_violations(kernels.page, ".course-explorer") == []


def test_when_a_callback_raises_then_the_learner_reads_it_and_the_console_has_it(lab, page):
    lab.write("broken.ipynb", BROKEN)
    lab.open(page, "broken.ipynb")
    lab.run_all(page)
    lab.wait_until_done(page)
    broken = Explorer(page, "Broken")
    broken.after(lambda: broken.move_slider("step", 1))
    assert broken.message == "step 2" and broken.error == "" and page.console_errors == []
    broken.after(lambda: broken.move_slider("step", 1))
    assert "ValueError: three is too much" in broken.error
    assert broken.message == "step 2"  # what was right stays,
    assert broken.control("step").input_value() == "2"  # and the slider goes back to it
    assert any("three is too much" in error for error in page.console_errors)
    broken.after(lambda: broken.control("step").fill("4"))
    assert broken.message == "step 4" and broken.error == ""


TIMING = """async root => {
  const input = root.querySelector("input[aria-label='weights: row 1, column 1']");
  const times = [];
  for (let step = 1; step <= 50; step += 1) {
    const before = Number(root.dataset.shown);
    const start = performance.now();
    input.value = step / 10;
    input.dispatchEvent(new Event('input', {bubbles: true}));
    while (Number(root.dataset.shown) <= before) await new Promise(done => setTimeout(done, 1));
    await new Promise(requestAnimationFrame);
    times.push(performance.now() - start);
  }
  return times;
}"""
FLOOD = """root => {
  const input = root.querySelector("input[aria-label='weights: row 1, column 1']");
  for (let step = 1; step <= 200; step += 1) {
    input.value = step;
    input.dispatchEvent(new Event('input', {bubbles: true}));
  }
}"""
STATE = "import gc, psutil, matplotlib.pyplot as plt\n_ = gc.collect()\n"
STATE += "print('open', len(plt.get_fignums()), 'MB', psutil.Process().memory_info().rss // 2**20)"


def test_when_a_weight_moves_fifty_times_then_the_median_is_on_the_screen_soon(kernels):
    times = kernels.root.evaluate(TIMING)
    assert len(times) == 50
    assert statistics.median(times) <= LATENCY_MS, times


def test_when_a_weight_moves_two_hundred_times_then_the_last_is_shown_and_nothing_piles_up(lab, page):
    lab.write("flood.ipynb", "import course_utils as cu\ncu.widgets.kernel_explorer()", STATE, STATE)
    lab.open(page, "flood.ipynb")
    lab.run_all(page)
    lab.wait_until_done(page)
    kernels = Explorer(page, "Kernel explorer")
    for _ in range(3):
        kernels.after(lambda: kernels.root.evaluate(FLOOD))
        page.wait_for_function("root => root.textContent.includes('add up to 201')", arg=kernels.root.element_handle())
    edited = np.array(PRESETS["Sobel x"], dtype=float)
    edited[0, 0] = 200
    page.wait_for_timeout(500)
    np.testing.assert_array_equal(kernels.pixels("map"), map_of(sample_images()[0], edited))
    page.locator(".jp-CodeCell").nth(2).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    lab.wait_until_done(page)
    (before, after) = [text.split() for text in page.locator(".jp-OutputArea-output pre").all_inner_texts()][-2:]
    assert before[1] == after[1] == "0"
    assert int(after[3]) - int(before[3]) < 30
    assert page.locator(".course-explorer canvas").count() == 2


def test_when_the_notebook_has_no_front_end_for_widgets_then_still_pictures_are_shown(lab, page):
    lab.write("still.ipynb", "%env COURSE_WIDGETS=still\nimport course_utils as cu\ncu.widgets.kernel_explorer()")
    lab.open(page, "still.ipynb")
    lab.run_all(page)
    lab.wait_until_done(page)
    assert page.locator(".course-explorer").count() == 0
    alts = page.eval_on_selector_all(".jp-OutputArea-output img", "images => images.map(image => image.alt)")
    assert len(alts) == 1 and alts[0].startswith("Kernel explorer, a still picture of a widget.")
    assert cu.widgets.kernel_explorer().view.text.split()[-1] in alts[0]


def test_when_the_kernel_is_restarted_then_the_widget_says_so_and_can_no_longer_be_moved(lab, kernels):
    page = kernels.page
    page.locator("[data-command='notebook:restart-kernel']").first.click()
    page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
    page.wait_for_timeout(1000)
    before = kernels.pixels("map")
    kernels.control("preset").select_option("sharpen")
    kernels.wait_for("run its cell again")
    assert "Python was restarted" in kernels.error
    assert kernels.control("preset").is_disabled()
    np.testing.assert_array_equal(kernels.pixels("map"), before)


def test_when_a_weight_is_left_without_a_number_then_the_old_one_comes_back(kernels):
    kernels.after(lambda: kernels.control("weights: row 1, column 1").fill("3"))
    emptied, other = (kernels.control(f"weights: row 1, column {column}") for column in (1, 2))
    emptied.fill("")
    assert emptied.get_attribute("aria-invalid") == "true"
    kernels.after(lambda: other.fill("2"))
    assert emptied.input_value() == "3" and emptied.get_attribute("aria-invalid") == "false"
    assert "add up to 6" in kernels.message  # 3 + 2 + 1, and the other weights of Sobel x, which add up to 0
