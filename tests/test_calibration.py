"""Confidence against accuracy."""

import numpy as np
import pytest

from course_utils.calibration import calibration
from course_utils.errors import InputError
from course_utils.evaluation import evaluate


def report_of(confidence, labels):
    """A report on a classifier of two classes that always answers 0 with the given confidence."""
    confidence = np.asarray(confidence, dtype="float32")
    images = np.zeros((len(labels), 4, 4, 1), dtype="uint8")
    return evaluate(lambda _: np.column_stack([confidence, 1 - confidence]), (images, labels))


def test_when_confidence_equals_accuracy_then_the_calibration_error_is_zero():
    probabilities = np.tile([0.75, 0.25], (8, 1)).astype("float32")
    images = np.zeros((8, 4, 4, 1), dtype="uint8")
    report = evaluate(lambda _: probabilities, (images, [0, 0, 0, 1] * 2))
    result = calibration(report)
    assert result.error == pytest.approx(0) and result.counts.tolist() == [8]


def test_when_a_model_is_too_sure_then_the_error_is_the_gap_weighted_by_images():
    probabilities = np.array([[0.95, 0.05]] * 6 + [[0.55, 0.45]] * 2, dtype="float32")
    images = np.zeros((8, 4, 4, 1), dtype="uint8")
    report = evaluate(lambda _: probabilities, (images, [0, 0, 0, 1, 1, 1, 0, 1]))
    result = calibration(report)
    np.testing.assert_allclose(result.confidence, [0.55, 0.95], rtol=1e-6)
    np.testing.assert_allclose(result.accuracy, [0.5, 0.5])
    assert result.error == pytest.approx((2 * 0.05 + 6 * 0.45) / 8, rel=1e-5)


def test_when_a_confidence_lies_on_an_edge_then_it_belongs_to_the_bin_below():
    # Guo et al.: bin m holds the confidences in ((m - 1) / M, m / M].
    result = calibration(report_of([0.625, 0.75, 0.875, 1.0], [0, 0, 0, 1]), bins=4)
    np.testing.assert_allclose(result.confidence, [0.6875, 0.9375])
    assert result.counts.tolist() == [2, 2]


@pytest.mark.parametrize("bins", [0, -1])
def test_when_bins_make_no_sense_then_the_error_says_so(bins):
    with pytest.raises(InputError, match="bins=10"):
        calibration(report_of([0.9], [0]), bins)
