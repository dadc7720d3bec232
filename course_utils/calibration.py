"""Can a model's confidence be believed? Confidence against accuracy, and the mean gap between them."""

from dataclasses import dataclass

import numpy as np

from .errors import InputError
from .inputs import check_report


@dataclass(frozen=True, eq=False)
class Calibration:
    """How far a model's confidence can be believed, bin by bin; empty bins are left out.

    Attributes
    ----------
    confidence : ndarray, (b,), float64
        Mean probability of the predicted class.
    accuracy : ndarray, (b,), float64
    counts : ndarray, (b,), int64
        Images in each bin.
    error : float
        Expected calibration error: mean of |accuracy - confidence|, weighted by the counts.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    counts: np.ndarray
    error: float


def calibration(report, bins=10):
    """Compare confidence with accuracy in bins of equal width.

    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks", ICML 2017.

    Parameters
    ----------
    report : Report
        With probabilities.
    bins : int, default 10

    Returns
    -------
    Calibration

    Raises
    ------
    InputError
        If the report has no probabilities or `bins` is less than 1.
    """
    check_report(report, "show_calibration")
    if report.probabilities is None:
        raise InputError(
            "Calibration compares probabilities with accuracy, and this classifier gave labels only.",
            fix="evaluate a model that ends in softmax or logits, or an estimator's predict_proba",
        )
    if bins < 1:
        raise InputError("bins must be at least 1.", found=repr(bins), fix="bins=10")
    confidence = report.probabilities.max(axis=1).astype("float64")
    correct = report.predictions == report.labels
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    full = counts > 0
    mean_confidence = np.bincount(place, confidence, bins)[full] / counts[full]
    accuracy = np.bincount(place, correct, bins)[full] / counts[full]
    error = float(np.sum(np.abs(accuracy - mean_confidence) * counts[full]) / report.n)
    return Calibration(mean_confidence, accuracy, counts[full], error)
