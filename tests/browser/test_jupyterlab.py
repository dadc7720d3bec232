"""What a learner sees: the notebooks in a real JupyterLab in a real browser."""

import pytest
from widget_pages import ERRORS

pytestmark = [pytest.mark.browser, pytest.mark.server]


def _images(page):
    return page.eval_on_selector_all(
        ".jp-OutputArea-output img", "images => images.map(i => ({width: i.naturalWidth, alt: i.alt}))"
    )


def test_when_a_notebook_is_run_in_jupyterlab_then_every_figure_is_there_and_no_error(lab, page):
    lab.open(page, "00_start_here.ipynb")
    lab.run_all(page)
    lab.wait_until_done(page)
    assert page.locator(ERRORS).all_inner_texts() == []
    images = _images(page)
    assert images
    assert all(image["width"] > 100 for image in images)
    assert all(len(image["alt"]) > 20 for image in images), [image["alt"] for image in images]


def test_when_stop_is_pressed_during_a_fit_then_it_ends_cleanly_and_the_next_cell_runs(lab, page):
    lab.write(
        "stop.ipynb",
        "import course_utils as cu\nimport keras\nimport numpy as np\n"
        "model = keras.Sequential([keras.layers.Dense(10, activation='softmax')])\n"
        "model.compile('sgd', 'sparse_categorical_crossentropy', metrics=['accuracy'])",
        "x, y = np.zeros((200_000, 50), 'float32'), np.zeros(200_000, 'int64')\n"
        "history = model.fit(x, y, epochs=10_000, verbose=0, callbacks=[cu.LiveTraining()])",
        "print('next cell', len(history.history['loss']) < 10_000)",
    )
    lab.open(page, "stop.ipynb")
    lab.run_all(page)
    page.wait_for_function("() => document.body.innerText.match(/epoch\\s+2\\b/i)", timeout=180_000)
    page.locator("[data-command='notebook:interrupt-kernel']").first.click()
    lab.wait_until_done(page)
    assert page.get_by_text("next cell True").count() == 1
    assert page.locator(ERRORS).count() == 0
    assert len(_images(page)) == 1  # one figure, updated in place


def test_when_a_cell_raises_a_course_error_then_the_learner_reads_what_to_do(lab, page):
    lab.write("error.ipynb", "import course_utils as cu\ncu.load('fashion')")
    lab.open(page, "error.ipynb")
    lab.run_all(page)
    lab.wait_until_done(page)
    assert "Did you mean 'fashion_mnist'?" in page.locator(ERRORS).first.inner_text()
