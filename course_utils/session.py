"""``cu.setup()``: seeds, plot style, budget, and the table a learner sees first."""

import json
import os
import platform as _platform
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from . import _display
from .errors import InputError, UnknownNameError
from .settings import BUDGETS, Settings, get_settings

_current = None
_variants = {}  # data set → the variant that was loaded last


@dataclass(frozen=True)
class Course:
    """What `setup` decided: the budget in force, and the notebook's own table of sizes.

    Attributes
    ----------
    name : str
        The notebook's name without ``.ipynb``.
    budget : str
        ``"smoke"``, ``"laptop"`` or ``"full"``.
    seed : int
        The seed that was set.
    settings : Settings
        The ``COURSE_*`` variables as they were read.
    data : tuple of str
        The data sets the notebook uses.
    """

    name: str
    budget: str
    seed: int
    settings: Settings
    data: tuple[str, ...] = ()
    _table: Mapping = field(default_factory=dict, repr=False)

    def value(self, name):
        """Return the current budget's value of a row of the notebook's budget table.

        Parameters
        ----------
        name : str
            The row's name.

        Raises
        ------
        UnknownNameError
            If the table has no such row.
        """
        if name not in self._table:
            raise UnknownNameError(
                "row of the budget table", name, self._table, where=f"cu.setup({self.name!r}, budgets=...)"
            )
        return self._table[name][BUDGETS.index(self.budget)]

    def epochs(self, name="epochs") -> int:
        """Return a row's value as a number of epochs (a whole number, at least 1)."""
        epochs = self.value(name)
        if not isinstance(epochs, int) or isinstance(epochs, bool) or epochs < 1:
            raise InputError(
                "A number of epochs must be a whole number of at least 1.",
                where=f"row {name!r} of the budget table",
                found=repr(epochs),
            )
        return epochs

    def subset(self, split, name="images"):
        """Return at most as many images of a split as the budget allows, the same ones for the same seed.

        Parameters
        ----------
        split : Split
            For example ``data.train``.
        name : str
            Row of the budget table: a number of images, or None for all.

        Returns
        -------
        Split
            Stratified by class; `split` itself if it is small enough.
        """
        n = self.value(name)
        return split if n is None or n >= len(split) else split.subset(n, seed=self.seed)


def setup(notebook, budgets=None, *, data=(), seed=None) -> Course:
    """Prepare a notebook: read the settings, seed, set the plot style, show the first table.

    Parameters
    ----------
    notebook : str
        The notebook's name without ``.ipynb``, for example ``"03_lenet_fashion_mnist"``.
    budgets : mapping of str to (smoke, laptop, full), optional
        One row per size that depends on the budget; three values each.
    data : str or sequence of str, optional
        The data sets the notebook will load; the table shows where they would come from.
    seed : int, optional
        Used instead of ``COURSE_SEED``.

    Returns
    -------
    Course

    Raises
    ------
    SettingsError
        If a ``COURSE_*`` variable makes no sense.
    InputError
        If a row of `budgets` has not three values.

    Examples
    --------
    >>> course = setup("03_lenet_fashion_mnist", {"epochs": (1, 8, 30)})  # doctest: +SKIP
    >>> course.epochs()  # doctest: +SKIP
    8
    """
    global _current
    settings = get_settings()
    table = _overridden(_checked(budgets or {}), settings.override, notebook)
    seed = settings.seed if seed is None else seed
    budget = resolve_budget(settings.budget)
    names = (data,) if isinstance(data, str) else tuple(data)
    course = Course(notebook, budget, seed, settings, names, MappingProxyType(table))
    _seed_everything(seed)
    if "matplotlib" in sys.modules or _display.in_kernel():
        from .plots import plot_style

        plot_style()
    _enable_widgets()
    if "keras" in sys.modules:
        # Registers cu.OneCycle with Keras, so that a saved model that used it can be loaded in a new kernel.
        from . import training  # noqa: F401
    _show(course)
    report_event("setup", notebook=notebook, budget=budget, seed=seed)
    _current = course
    return course


def current() -> Course | None:
    """Return what the last `setup` of this process returned, or None."""
    return _current


def loaded_variants() -> tuple[str, ...]:
    """Return the variants of the data sets that this process has loaded, for example ``("cifar10/practice",)``."""
    return tuple(sorted(variant for variant in _variants.values() if variant))


def resolve_budget(choice: str) -> str:
    """Return the budget in force: ``auto`` is ``full`` with a GPU, else ``laptop``.

    Only a backend that is already imported is asked: a notebook without Keras needs no GPU.
    """
    if choice != "auto":
        return choice
    return "full" if gpu_names() else "laptop"


def gpu_names() -> list[str]:
    """Return the GPUs that the imported backend (TensorFlow, JAX or PyTorch) can use; empty without a backend."""
    if "keras" not in sys.modules:
        return []
    backend = sys.modules["keras"].config.backend()
    if backend == "tensorflow":
        return [device.name for device in sys.modules["tensorflow"].config.list_physical_devices("GPU")]
    if backend == "jax":
        return [str(device) for device in sys.modules["jax"].devices() if device.platform == "gpu"]
    torch = sys.modules.get("torch")
    return [torch.cuda.get_device_name(0)] if torch is not None and torch.cuda.is_available() else []


def platform_name() -> str:
    """Return where we run: ``Colab``, ``Kaggle``, ``Binder``, ``VS Code`` or ``this computer``."""
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ:
        return "Colab"
    if "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
        return "Kaggle"
    if "BINDER_SERVICE_HOST" in os.environ:
        return "Binder"
    if "VSCODE_PID" in os.environ:
        return "VS Code"
    return "this computer"


def report_event(kind: str, **fields) -> None:
    """Append what happened to the run's report, if a run asked for one (``COURSE_RUN_REPORT``).

    Parameters
    ----------
    kind : str
        ``"setup"``, ``"data"`` or ``"record"``.
    **fields
        JSON values.
    """
    if kind == "data":
        _variants[fields.get("name")] = fields.get("variant")
    path = os.environ.get("COURSE_RUN_REPORT")
    if path:
        line = json.dumps({"kind": kind, "pid": os.getpid(), **fields}, default=str)
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _checked(budgets):
    for name, values in budgets.items():
        if not isinstance(values, tuple | list) or len(values) != len(BUDGETS):
            raise InputError(
                "Every row of the budget table needs three values: smoke, laptop, full.",
                where=f"row {name!r}",
                found=repr(values),
                fix=f'Write for example {{"{name}": (1, 5, 20)}}.',
            )
    return dict(budgets)


def _overridden(table, override, notebook):
    for name, value in override:
        if name not in table:
            raise UnknownNameError("row of the budget table", name, table, where=f"COURSE_OVERRIDE, in {notebook}")
        table[name] = (value,) * len(BUDGETS)
    return table


def _seed_everything(seed):
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(seed)
        return
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - setup() alone touches the global generator


def _enable_widgets():
    # Colab shows third-party widgets only after this call (documented in its widgets notebook).
    if "google.colab" in sys.modules:
        from google.colab import output  # ty: ignore[unresolved-import]

        output.enable_custom_widget_manager()


def _show(course):
    rows = _rows(course)
    caption = f"{course.name}: ready"
    _display.show(_display.table_html(rows, caption=caption), _display.table_text(rows, caption=caption))


def _rows(course):
    import psutil

    memory = psutil.virtual_memory()
    rows = [
        ("Budget", f"{course.budget}: {_describe_budget(course)}"),
        *_data_rows(course),
        ("Seed", course.seed),
        ("Where", f"{platform_name()}, {os.cpu_count()} CPU cores, {memory.available / 1e9:.1f} GB memory free"),
        ("Python", f"{_platform.python_version()} ({sys.executable})"),
        ("Packages", _versions()),
    ]
    gpus = gpu_names()
    if gpus:
        rows.insert(4, ("GPU", ", ".join(gpus)))
    return rows


def _describe_budget(course):
    chosen = "chosen by COURSE_BUDGET" if course.settings.budget != "auto" else "the default here"
    what = {
        "smoke": "proves that everything runs; its accuracies mean nothing",
        "laptop": "sized for a CPU",
        "full": "the numbers of the results table; long without a GPU",
    }[course.budget]
    changed = "".join(f"; {name}={value} (COURSE_OVERRIDE)" for name, value in course.settings.override)
    return f"{what} ({chosen}){changed}"


def _data_rows(course):
    from .data import dataset_source

    choice = {
        "auto": "",
        "bundled": " (COURSE_DATA=bundled: only what ships with the course)",
        "full": " (COURSE_DATA=full: no bundled samples)",
    }[course.settings.data]
    rows = []
    for name in course.data:
        source = dataset_source(name)
        where = _where(source) if source else "nowhere yet; cu.load() says what to do"
        rows.append((f"Data {name}", where + choice))
    return rows


def _where(source):
    kind = "practice set" if source.kind == "practice" else source.kind
    return f"{kind}: {source.location}" + (f" ({source.note})" if source.kind == "download" and source.note else "")


def _versions():
    from importlib.metadata import PackageNotFoundError, version

    names = ["numpy", "matplotlib"]
    if "keras" in sys.modules:
        backend = sys.modules["keras"].config.backend()
        names = ["keras", backend, *names]
    found = []
    for name in names:
        try:
            found.append(f"{name} {_version(name, version)}")
        except PackageNotFoundError:
            found.append(f"{name} (not installed)")
    return ", ".join(found)


def _version(name, version):
    module = sys.modules.get(name)
    return getattr(module, "__version__", None) or version(name)
