"""The one-cycle learning-rate schedule."""

import math

import keras

from ..errors import InputError, UnknownNameError

SHAPES = ("linear", "cosine")


@keras.saving.register_keras_serializable(package="course_utils")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Learning rate that rises to a maximum and then falls to almost nothing, once.

    A short time of growing steps lets a high learning rate start safely; the long fall settles the weights.
    Give it in place of a number: ``keras.optimizers.Adam(cu.OneCycle(0.01, epochs=8, steps_per_epoch=469))``.
    It is meant to be trained to its end: before that, the learning rate is still high.

    Parameters
    ----------
    max_learning_rate : float
        The peak, > 0.
    steps : int, optional
        Number of batches of the whole training. Give either `steps`, or `epochs` and `steps_per_epoch`.
    epochs, steps_per_epoch : int, optional
        Their product is the number of batches; the batches of an epoch are ``ceil(images / batch_size)``.
    warmup : float, optional
        Fraction of the steps spent rising, in (0, 1).
    start, final : float, optional
        Learning rate at the first and the last step, as fractions of the maximum, in [0, 1].
    shape : {"linear", "cosine"}, optional
        Straight rise and fall, or half a cosine each.

    Notes
    -----
    A model saved with this schedule is loaded in a new kernel by
    ``keras.saving.load_model(path, custom_objects={"OneCycle": cu.OneCycle})``.

    Raises
    ------
    InputError
        If a value is out of its range, or the number of steps is missing or given twice.
    UnknownNameError
        If `shape` is not one of the two.

    References
    ----------
    L. N. Smith and N. Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning
    Rates", 2017, https://arxiv.org/abs/1708.07120

    Examples
    --------
    >>> schedule = OneCycle(0.1, steps=11, warmup=0.5, start=0.0, final=0.0)
    >>> [round(float(schedule(step)), 2) for step in (0, 3, 5, 8, 10)]
    [0.0, 0.06, 0.1, 0.04, 0.0]
    """

    def __init__(
        self,
        max_learning_rate,
        steps=None,
        *,
        epochs=None,
        steps_per_epoch=None,
        warmup=0.3,
        start=0.04,
        final=0.001,
        shape="linear",
    ):
        super().__init__()
        self.max_learning_rate = _number("max_learning_rate", max_learning_rate, 0, math.inf, exclusive=True)
        self.steps = _number_of_steps(steps, epochs, steps_per_epoch)
        self.warmup = _number("warmup", warmup, 0, 1, exclusive=True)
        self.start = _number("start", start, 0, 1)
        self.final = _number("final", final, 0, 1)
        if shape not in SHAPES:
            raise UnknownNameError("shape of a schedule", shape, SHAPES)
        self.shape = shape

    def __call__(self, step):
        """Return the learning rate of a step.

        Parameters
        ----------
        step : int or tensor of int
            Batches trained so far; an array of steps gives an array of rates, ready to be drawn. From the
            last step on the rate stays at its final value.
        """
        ops = keras.ops
        done = ops.cast(step, "float32") / max(self.steps - 1, 1)
        rise = ops.clip(done / self.warmup, 0.0, 1.0)
        fall = ops.clip((done - self.warmup) / (1 - self.warmup), 0.0, 1.0)
        if self.shape == "cosine":
            rise, fall = (0.5 - 0.5 * ops.cos(math.pi * part) for part in (rise, fall))
        # Before the peak fall is 0, after it rise is 1: the product of the two ramps is the cycle.
        return self.max_learning_rate * (self.start + (1 - self.start) * rise) * (1 - (1 - self.final) * fall)

    def get_config(self):
        """Return what is needed to build the schedule again, for example from a ``.keras`` file."""
        return {
            "max_learning_rate": self.max_learning_rate,
            "steps": self.steps,
            "warmup": self.warmup,
            "start": self.start,
            "final": self.final,
            "shape": self.shape,
        }

    def __repr__(self):
        return f"OneCycle({self.max_learning_rate:g}, steps={self.steps}, warmup={self.warmup:g})"


def unfinished_schedule(model):
    """Say how far a model's one-cycle schedule got, if it did not reach its end.

    Parameters
    ----------
    model : keras.Model
        A compiled model.

    Returns
    -------
    str or None
        One sentence; None without a `OneCycle` schedule, or when it is finished.
    """
    # The optimiser's public `learning_rate` is the current number; the schedule itself has no public name.
    schedule = getattr(getattr(model, "optimizer", None), "_learning_rate", None)
    if not isinstance(schedule, OneCycle):
        return None
    done = int(model.optimizer.iterations)
    if done >= schedule.steps:
        return None
    rate = float(schedule(done))
    return (
        f"The one-cycle schedule ended after {done:,} of {schedule.steps:,} steps with a learning rate of {rate:.2g}: "
        "expect a lower accuracy than from a full cycle."
    )


def _number_of_steps(steps, epochs, steps_per_epoch):
    product = (epochs, steps_per_epoch)
    if (steps is None) == (product == (None, None)) or (steps is None and None in product):
        raise InputError(
            "A one-cycle schedule needs the number of batches of the whole training, once.",
            expected="steps, or epochs and steps_per_epoch",
            found=f"steps={steps}, epochs={epochs}, steps_per_epoch={steps_per_epoch}",
            fix="steps_per_epoch is math.ceil(len(images) / batch_size).",
        )
    parts = product if steps is None else (steps,)
    for part in parts:
        if isinstance(part, bool) or not float(part).is_integer() or part < 1:
            raise InputError(
                "Numbers of steps and epochs must be whole numbers of at least 1.",
                found=repr(part),
            )
    return math.prod(int(part) for part in parts)


def _number(name, value, low, high, exclusive=False):
    allowed = low < value < high if exclusive else low <= value <= high
    if not allowed:
        sign = "<" if exclusive else "≤"
        raise InputError(
            f"{name} is out of range.",
            expected=f"{low} {sign} {name} {sign} {high}",
            found=repr(value),
        )
    return float(value)
