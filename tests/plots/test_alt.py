"""Alt text of figures that are not the course's own."""

import matplotlib.pyplot as plt
import numpy as np

import course_utils as cu


def test_when_a_learner_draws_then_titles_labels_and_ranges_are_put_into_words():
    fig, ax = plt.subplots()
    ax.plot([1, 2, 3], [0.5, np.nan, 2], label="loss")
    ax.set(title="My run", xlabel="epoch", ylabel="loss")
    assert cu.alt_text(fig) == "My run: loss against epoch. loss from 0.5 to 2."


def test_when_a_learner_shows_a_picture_then_its_size_is_said():
    fig, ax = plt.subplots()
    ax.imshow(np.zeros((28, 20)))
    fig.suptitle("A digit")
    assert cu.alt_text(fig) == "A digit. Axes. A picture of 20 by 28 pixels."


def test_when_a_figure_is_empty_then_that_is_said():
    assert cu.alt_text(plt.figure()) == "An empty figure."


def test_when_a_drawing_is_passed_then_its_figure_is_described():
    drawing = cu.show_bars({"a": 1})
    assert cu.alt_text(drawing) == cu.alt_text(drawing.fig) == "Bars of values: a 1."
