"""Training that goes on where it stopped, also after a restart of the kernel."""

import re
from contextlib import suppress
from datetime import datetime
from html import escape
from pathlib import Path

import keras

from .. import _display, session
from ..errors import CourseError, InputError
from ..settings import get_settings
from ._checkpoint import read_checkpoint, restore, snapshot, write_checkpoint


class Resume(keras.callbacks.Callback):
    """Keras callback that saves a training run after every epoch and lets a later fit go on from there.

    Run the cells again, in the same kernel or a new one, and training goes on after the last whole epoch with the
    weights, the optimiser's state and the history of that moment::

        resume = cu.Resume("lenet")
        history = model.fit(x, y, epochs=30, initial_epoch=resume.epoch, callbacks=[resume])

    ``epochs`` is the length of the whole run. An epoch that was cut short is not saved and is trained again. A run
    that has all its epochs is loaded and not trained. Each notebook, budget and seed has runs of its own.

    Parameters
    ----------
    name : str
        Name of the run: letters, digits, ``-``, ``_`` and ``.``.
    restart : bool, optional
        Begin again at epoch 0. The earlier run is kept under another name.
    folder : path-like, optional
        Where to save; ``checkpoints`` in the folder of results (``COURSE_RESULTS_DIR``) unless given.

    Attributes
    ----------
    epoch : int
        Whole epochs trained so far.
    history : dict of str to list of float
        As in Keras's History, of all sessions.
    path : Path
        The file.

    Raises
    ------
    InputError
        If the name cannot be a file name; from ``fit``, if the model, the data or ``initial_epoch`` do not belong to
        the saved run.
    CourseError
        If the saved run is damaged and there is no earlier save of it.
    DiskError
        From ``fit``, if the disk is full; the earlier save is as it was.

    Notes
    -----
    The training data are shuffled anew, so a run with a break ends close to one without, not at the same numbers.
    """

    def __init__(self, name, *, restart=False, folder=None):
        super().__init__()
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
            raise InputError(
                "A run's name becomes a file name.",
                expected="1 to 100 letters, digits, '-', '_' or '.', beginning with a letter or digit",
                found=repr(name),
            )
        self.name = name
        self.path = (_default_folder() if folder is None else Path(folder)) / f"{name}.npz"
        self._previous = self.path.with_name(f"{name}.previous.npz")
        self._restart = restart
        self._is_good = False  # whether the file under the final name was read or written whole
        saved = None if restart else self._read()
        self.epoch = saved.epoch if saved else 0
        self.history = saved.history if saved else {}

    def __repr__(self):
        return f"Resume({self.name!r}): {self.epoch} epochs saved in {self.path}"

    def on_train_begin(self, logs=None):
        """Put the saved state into the model, and the saved epochs into its history."""
        self._trained_from = None
        rate = self._learning_rate()
        self._compiled_rate = None if rate is None else float(rate)
        if self.epoch:
            self._load()
            # Keras's own History, which fit returns, goes on appending to these lists.
            self.model.history.history.update({key: list(values) for key, values in self.history.items()})
        self._say(
            f"Going on with {self.name!r} after epoch {self.epoch}, saved {self._saved}."
            if self.epoch
            else f"Saving {self.name!r} after every epoch in {self.path.parent}."
        )

    def on_epoch_begin(self, epoch, logs=None):
        """Check that fit goes on where the saved run ends."""
        self._batches = 0
        if self._trained_from is not None:
            return
        if epoch != self.epoch:
            raise InputError(
                "The fit does not begin where the saved run ends.",
                where=f"model.fit with cu.Resume({self.name!r})",
                expected=f"initial_epoch={self.epoch}",
                found=f"initial_epoch={epoch}",
                fix="Write fit(..., initial_epoch=resume.epoch), or add restart=True to cu.Resume to begin again.",
            )
        self._trained_from = epoch
        self._number_earlier_epochs()

    def on_train_batch_end(self, batch, logs=None):
        """Count the batches, to know a whole epoch from one cut short."""
        self._batches = batch + 1

    def on_epoch_end(self, epoch, logs=None):
        """Save, unless the epoch was cut short."""
        steps = self.params.get("steps")
        if self._batches < steps if steps else self.model.stop_training:
            return
        history = {key: list(values) for key, values in self.history.items()}
        for key, value in (logs or {}).items():
            history.setdefault(key, []).append(float(value))
        checkpoint = snapshot(
            self.model,
            epoch + 1,
            history,
            learning_rate=self._compiled_rate,
            steps=steps,
            saved=f"{datetime.now():%Y-%m-%d %H:%M}",
        )
        write_checkpoint(self.path, checkpoint, self._make_room)
        self._is_good = True
        self.epoch, self.history = epoch + 1, history

    def on_train_end(self, logs=None):
        """Say so if nothing was left to train."""
        if self._trained_from is None and self.epoch:
            self._number_earlier_epochs()
            self._say(
                f"The run {self.name!r} has {self.epoch} epochs already: nothing was trained, weights and history are "
                "those of the run. For more, raise epochs; to begin again, add restart=True to cu.Resume."
            )

    def _load(self):
        saved = self._read()
        if saved is None or saved.epoch != self.epoch:
            raise CourseError(
                "The saved run has changed since this cu.Resume was made.",
                where=str(self.path),
                expected=f"{self.epoch} epochs",
                found=f"{saved.epoch} epochs" if saved else "no file",
                fix="Run the cell with cu.Resume again, and only one notebook at a time with this name.",
            )
        steps = self.params.get("steps")
        if saved.steps and steps and saved.steps != steps:
            raise InputError(
                "The saved run was trained on other data or with another batch size.",
                where=str(self.path),
                expected=f"{saved.steps} batches per epoch (as saved)",
                found=f"{steps} batches per epoch",
                fix="Train as before, choose another name for this run, or add restart=True to begin again.",
            )
        rate = self._compiled_rate
        restore(saved, self.model, str(self.path))
        self._saved = saved.saved
        if rate is not None and saved.learning_rate is not None and rate != saved.learning_rate:
            # Compiled with another number on purpose; otherwise the saved one stands, a callback may have lowered it.
            self._learning_rate().assign(rate)
            self._say(f"The learning rate is {rate:g} from here on; the run began with {saved.learning_rate:g}.")

    def _read(self):
        """Return the newest good save, or None if there is none yet."""
        problem = None
        for path in (self.path, self._previous):
            try:
                saved = read_checkpoint(path)
            except FileNotFoundError:
                continue
            except CourseError as error:
                problem = problem or error
                continue
            self._is_good = path == self.path
            if problem is not None:
                self._say(f"{problem.what} ({path.name}). Using the save before it, of epoch {saved.epoch}.")
            return saved
        if problem is not None:
            problem.fix = f"Begin again with cu.Resume({self.name!r}, restart=True); the damaged file is kept."
            raise problem
        return None

    def _make_room(self):
        """Move what has the final name out of the way: one good save is always left."""
        if self._restart:
            kept = _free_name(self.path, "earlier")
            with suppress(FileNotFoundError):
                self._previous.replace(kept.with_name(f"{kept.stem}.previous.npz"))
            with suppress(FileNotFoundError):
                self.path.replace(kept)
            self._restart = False
        elif self._is_good:
            self.path.replace(self._previous)
        elif self.path.exists():
            self.path.replace(_free_name(self.path, "damaged"))

    def _learning_rate(self):
        """Return the optimiser's learning rate as a variable; None if it follows a schedule."""
        optimizer = self.model.optimizer
        if not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        names = [variable for variable in optimizer.variables if variable.path.split("/")[-1] == "learning_rate"]
        return names[0] if names else None

    def _number_earlier_epochs(self):
        epochs = self.model.history.epoch
        epochs[:0] = [epoch for epoch in range(self.epoch) if epoch not in epochs]

    def _say(self, text):
        _display.show(f"<div>{escape(text)}</div>", text)


def _default_folder():
    folder = get_settings().results_dir / "checkpoints"
    course = session.current()
    return folder if course is None else folder / course.name / course.budget / f"seed-{course.seed}"


def _free_name(path, word):
    number = 1
    while (free := path.with_name(f"{path.stem}.{word}-{number}.npz")).exists():
        number += 1
    return free
