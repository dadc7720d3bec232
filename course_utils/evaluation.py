"""Judging a classifier: accuracy with its uncertainty, recall of each class, who is taken for whom."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from . import inputs
from ._display import table_html, table_text
from .errors import InputError
from .predicting import at_size_of, batches_of, check_for_model, in_batches, in_files, predictor

_SMALLEST = 1e-7  # Keras clips probabilities here before it takes the logarithm


@dataclass(frozen=True, eq=False)
class Report:
    """What `evaluate` found out about a classifier on one split.

    Attributes
    ----------
    accuracy : float
        Share of images whose most probable class is the true one, in [0, 1].
    loss : float or None
        Mean sparse cross-entropy in nats; None if the classifier gives labels only.
    n : int
        Number of images.
    interval : tuple of float
        95 % confidence interval of the accuracy, see `wilson_interval`.
    per_class : dict of str to float
        Recall: of the images of a class, the share recognised. NaN for a class without images.
    confusion : ndarray, (k, k), int64
        Images by true class (row) and predicted class (column).
    probabilities : ndarray, (n, k), float32, or None
        Rows sum to 1.
    predictions, labels : ndarray, (n,), int64
    images : ndarray or Photos, (n, height, width, channels)
        The images themselves (not a copy); photographs in files are decoded when indexed.
    classes : tuple of str
    split_name : str
    model_parameters : int or None
        Number of weights; None where there is no Keras model.
    output : str
        What the classifier returned: "softmax", "logits", "probabilities" or "labels".
    variant : str or None
        The split's data variant, for example "fashion_mnist/sample".
    """

    accuracy: float
    loss: float | None
    n: int
    interval: tuple[float, float]
    per_class: dict[str, float]
    confusion: np.ndarray
    probabilities: np.ndarray | None = field(repr=False)
    predictions: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)
    images: np.ndarray = field(repr=False)
    classes: tuple[str, ...]
    split_name: str
    model_parameters: int | None = None
    output: str = "softmax"
    variant: str | None = None

    @cached_property
    def mistakes(self) -> np.ndarray:
        """Indices of the images whose predicted class is wrong, (m,), int64."""
        return np.flatnonzero(self.predictions != self.labels)

    def weakest(self, count=3) -> list[tuple[str, float]]:
        """Return the `count` classes with the lowest recall, lowest first, as (name, recall)."""
        known = [(name, recall) for name, recall in self.per_class.items() if not np.isnan(recall)]
        return sorted(known, key=lambda pair: pair[1])[:count]

    def most_confused(self) -> tuple[str, str, int] | None:
        """Return (true class, class it is taken for, how often) of the most frequent mistake, None without one."""
        wrong = self.confusion.copy()
        np.fill_diagonal(wrong, 0)
        row, column = np.unravel_index(wrong.argmax(), wrong.shape)
        count = int(wrong[row, column])
        return (self.classes[row], self.classes[column], count) if count else None

    def _rows(self):
        low, high = self.interval
        rows = [
            ("accuracy", f"{self.accuracy:.4f}   (95 % interval {low:.4f} to {high:.4f})"),
            ("images", f"{self.n:,} ({self.split_name}), {len(self.mistakes):,} wrong"),
        ]
        if self.loss is not None:
            rows.append(("loss", f"{self.loss:.4f}   (cross-entropy, from {self.output})"))
        if self.model_parameters is not None:
            rows.append(("parameters", f"{self.model_parameters:,}"))
        weakest = ", ".join(f"{name} ({100 * recall:.1f} %)" for name, recall in self.weakest())
        rows.append(("weakest classes", f"{weakest} recognised"))
        pair = self.most_confused()
        times = "once" if pair and pair[2] == 1 else f"{pair[2]:,} times" if pair else ""
        rows.append(
            ("most often confused", f"{pair[0]} taken for {pair[1]}, {times}" if pair else "nothing: no mistakes")
        )
        return rows

    def __str__(self):
        return table_text(self._rows())

    __repr__ = __str__

    def _repr_html_(self):
        return table_html(self._rows())


def evaluate(model, split, batch_size=256, *, classes=None, raw_pixels=False, features=None):
    """Judge a classifier on images it was not trained on.

    Works in batches: images stay as they are (uint8) in memory, and one batch at a time goes through
    the model, with ``training=False`` (dropout off, batch normalisation frozen). Photographs in files are
    decoded batch by batch at the size the model was built for.

    Parameters
    ----------
    model : keras.Model, callable or scikit-learn estimator
        A Keras model that ends in softmax or in logits (recognised by itself); or a function that is
        given images, (n, height, width, channels), uint8, and returns labels (n,) or probabilities (n, k);
        or an estimator that accepts such images. Flattening and scaling belong inside, as they do in a model.
    split : Split, PhotoSplit or (images, labels)
        For example ``data.test``.
    batch_size : int, default 256
    classes : sequence of str, optional
        Names of the classes where `split` has none.
    raw_pixels : bool, default False
        True says that a model without Rescaling was trained on pixels from 0 to 255 on purpose.
    features : ndarray, (n, ...), optional
        Given to the model in place of the images, row for row: for a head on what `features` has cached.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        If labels, shapes or pixels cannot be right, or the model's output is NaN; with the first bad
        index and the line that fixes it.

    Examples
    --------
    >>> images = np.zeros((4, 2, 2, 1), dtype="uint8")
    >>> report = evaluate(lambda batch: np.zeros(len(batch), dtype=int), (images, [0, 0, 0, 1]), classes=("a", "b"))
    >>> report.accuracy
    0.75
    """
    if not isinstance(batch_size, int | np.integer) or batch_size < 1:
        raise InputError(
            "batch_size must be a whole number of at least 1.", found=repr(batch_size), fix="batch_size=256"
        )
    keras_model = _is_keras_model(model)
    split = at_size_of(model, split) if keras_model and features is None else split
    images, labels, classes, name = _unpack(split, classes)
    if not images.size:
        raise InputError("There are no images to judge.", found=f"shape {images.shape}")
    if features is not None:
        _check_rows(features, labels)
    elif keras_model:
        check_for_model(model, images, raw_pixels)
    elif images.ndim != 4 and len(images) != np.size(labels):
        inputs.check_images(images)
    labels = inputs.check_labels(labels, len(classes) if classes else None, n_images=len(images))
    given = images if features is None else features
    output = in_batches(predictor(model, keras_model), batches_of(given, batch_size, keras_model))
    kind, probabilities, predictions = _interpret(output, model if keras_model else None)
    classes = _class_names(classes, labels, predictions, probabilities)
    parameters = int(model.count_params()) if keras_model else None
    report = _report(images, labels, classes, name, probabilities, predictions, parameters, kind)
    return replace(report, variant=getattr(split, "variant", None))


def wilson_interval(successes, n, z=1.959964):
    """Return the Wilson score interval of a proportion.

    Unlike accuracy ± 2 standard errors it stays inside [0, 1] and is right for small n.
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212.

    Parameters
    ----------
    successes, n : int
    z : float, default 1.96
        Quantile of the normal distribution; the default is for 95 %.

    Returns
    -------
    tuple of float
        Lower and upper limit in [0, 1].

    Examples
    --------
    >>> low, high = wilson_interval(9, 10)
    >>> round(low, 3), round(high, 3)
    (0.596, 0.982)
    """
    share = successes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _unpack(split, classes):
    """Return (images, labels, classes or None, name) of a Split or a pair."""
    if isinstance(split, tuple) and len(split) == 2:
        return (np.asarray(split[0]), np.asarray(split[1]), classes and tuple(map(str, classes)), "images")
    if not (hasattr(split, "images") and hasattr(split, "labels")):
        raise InputError(
            "evaluate needs images and their labels.",
            expected="a split such as data.test, or (images, labels)",
            found=type(split).__name__,
            fix="report = cu.evaluate(model, data.test)",
        )
    names = classes or getattr(split, "classes", None)
    return (
        split.images if in_files(split.images) else np.asarray(split.images),
        np.asarray(split.labels),
        names and tuple(names),
        getattr(split, "name", "images"),
    )


def _is_keras_model(model):
    return hasattr(model, "count_params") and hasattr(model, "layers") and callable(model)


def _check_rows(features, labels):
    if len(features) != len(labels):
        raise InputError(
            "Every image needs its row of features.",
            expected=f"{len(labels):,} rows",
            found=f"shape {np.shape(features)}",
            fix="features = cu.features(backbone, split), with the same split",
        )


def _interpret(output, model):
    """Return (kind, probabilities or None, predictions) of a classifier's raw output."""
    if output.ndim == 1:
        return "labels", None, inputs.check_labels(output, where="predictions")
    if output.shape[1] == 1:
        raise InputError(
            "The classifier must return one number per class.",
            found=f"shape {output.shape}",
            expected="(n, number of classes)",
            fix="end the model with keras.layers.Dense(number_of_classes, activation='softmax')",
        )
    bad = ~np.isfinite(output).all(axis=1)
    if bad.any():
        raise InputError(
            "The model answers NaN (not a number): its training diverged.",
            where=f"image {int(bad.argmax())} is the first of {int(bad.sum()):,}",
            fix="train again with a smaller learning rate, and look at the loss curve",
        )
    if _last_activation(model) == "softmax" or _rows_sum_to_one(output):
        kind = "softmax" if model is not None else "probabilities"
        probabilities = output.astype("float32", copy=False)
    else:
        kind, probabilities = "logits", _softmax(output)
    return kind, probabilities, probabilities.argmax(axis=1).astype("int64")


def _last_activation(model):
    layers = getattr(model, "layers", None)
    if not layers:
        return None
    last = layers[-1]
    if type(last).__name__ == "Softmax":
        return "softmax"
    return getattr(getattr(last, "activation", None), "__name__", None)


def _rows_sum_to_one(output):
    return output.min() >= 0 and np.allclose(output.sum(axis=1, dtype="float64"), 1, atol=0.01)


def _softmax(logits):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (shifted / shifted.sum(axis=1, keepdims=True)).astype("float32")


def _class_names(classes, labels, predictions, probabilities):
    """Return one name per class, and check that the classifier has as many."""
    width = probabilities.shape[1] if probabilities is not None else int(predictions.max()) + 1
    wanted = len(classes) if classes else int(labels.max()) + 1
    if (probabilities is not None and width < wanted) or (classes and width > wanted):
        raise InputError(
            "The classifier and the data have different numbers of classes.",
            expected=f"{wanted} classes in the data",
            found=f"{width} in the classifier's answers",
            fix=f"end the model with keras.layers.Dense({wanted}, activation='softmax')",
        )
    return classes or tuple(str(number) for number in range(max(width, wanted)))


def _report(images, labels, classes, name, probabilities, predictions, parameters, kind):
    k, n = len(classes), len(labels)
    confusion = np.bincount(labels * k + predictions, minlength=k * k).reshape(k, k)
    totals = confusion.sum(axis=1)
    recall = np.divide(confusion.diagonal(), totals, out=np.full(k, np.nan), where=totals > 0)
    correct = int(confusion.trace())
    loss = None
    if probabilities is not None:
        true = probabilities[np.arange(n), labels].astype("float64")
        loss = float(-np.log(np.clip(true, _SMALLEST, 1)).mean())
    return Report(
        accuracy=correct / n,
        loss=loss,
        n=n,
        interval=wilson_interval(correct, n),
        per_class=dict(zip(classes, recall.tolist(), strict=True)),
        confusion=confusion,
        probabilities=probabilities,
        predictions=predictions,
        labels=labels,
        images=images,
        classes=classes,
        split_name=name,
        model_parameters=parameters,
        output=kind,
    )
