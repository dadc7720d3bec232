"""``cu.PruneTrial``: a Keras callback that gives up a trial that will not be among the good ones."""

import math

import keras
import optuna

from ..errors import InputError

# The few lines are ours because optuna-integration's callback only warns when the metric has another name: a search
# then runs for hours and prunes nothing.


class PruneTrial(keras.callbacks.Callback):
    """Keras callback for the ``fit`` of an objective: reports each epoch to the study and prunes hopeless trials.

    A trial is given up when the study's pruner says so (from the second epoch on, when its best value so far is worse
    than the median of earlier trials at that epoch), when it diverges (a value or the loss is not a finite number), or
    when the time of `cu.run_study` is up and the search has a finished trial already.

    Parameters
    ----------
    trial : optuna.Trial
        What the objective was given.
    monitor : str, default "val_accuracy"
        Name of the metric; what the objective returns should be this metric too.

    Raises
    ------
    InputError
        In ``fit``: if there is no such metric, or it is one to be made small while the study makes values large.

    Examples
    --------
    >>> model.fit(..., callbacks=[cu.PruneTrial(trial, monitor="val_accuracy")])  # doctest: +SKIP
    """

    def __init__(self, trial, monitor="val_accuracy"):
        super().__init__()
        self.trial = trial
        self.monitor = monitor

    def on_train_begin(self, logs=None):
        """Check that metric and study want the same direction."""
        direction = self.trial.study.direction.name.lower()
        wrong = {"maximize": ("loss", "error"), "minimize": ("accuracy",)}[direction]
        if any(word in self.monitor for word in wrong):
            raise InputError(
                f"The study is to {direction} its value, but {self.monitor!r} is better the other way round: "
                "the best trials would be pruned.",
                where="cu.PruneTrial(trial, monitor=...)",
                fix="Monitor what the objective returns, for example 'val_accuracy', or make the study with "
                f"direction={'minimize' if direction == 'maximize' else 'maximize'!r}.",
            )

    def on_epoch_end(self, epoch, logs=None):
        """Report the epoch, and raise ``optuna.TrialPruned`` if the trial is to be given up."""
        logs = logs or {}
        if self.monitor not in logs:
            raise InputError(
                f"There is no metric {self.monitor!r} in this fit, so nothing could be pruned.",
                where="cu.PruneTrial(trial, monitor=...)",
                expected=", ".join(sorted(logs)) or "at least one metric",
                found=repr(self.monitor),
                fix="Name one of these; names with val_ need fit(..., validation_data=...).",
            )
        value = float(logs[self.monitor])
        self.trial.report(value, epoch)
        if not math.isfinite(value) or not math.isfinite(float(logs.get("loss", 0.0))):
            self._give_up(epoch, "diverged: the loss is no finite number any more")
        if self.trial.should_prune():
            self._give_up(epoch, "worse than the median at this epoch")
        last = epoch + 1 >= (self.params.get("epochs") or 0)
        if not last and getattr(self.trial, "time_is_up", False):
            self._give_up(epoch, "the time was up")

    def _give_up(self, epoch, reason):
        self.trial.set_user_attr("pruned", reason)
        raise optuna.TrialPruned(f"Given up after epoch {epoch + 1}: {reason}.")
