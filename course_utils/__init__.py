"""Support package of the course on image classification with convolutional networks.

Notebooks use it as ``import course_utils as cu`` and only through the names below. It gives data,
pictures, callbacks and checks; it never hides ``Sequential``, ``compile``, ``fit`` or ``predict``.
Importing it loads no TensorFlow: every name is fetched from its module at first use (PEP 562).
"""

from . import _hints, _quiet
from ._lazy import lazy_names

__version__ = "0.1.0"

# Notebook 00 shows how to see TensorFlow's messages again.
_quiet.install()
_hints.install()

# Public name → the module that defines it. Kept in step with __all__ and the docstrings by a test.
_HOME = {
    # a notebook's frame
    "setup": "session",
    "load": "data",
    "load_folder": "data",
    "dataset_source": "data",
    "doctor": "workshop",
    # pictures
    "alt_text": "plots",
    "plot_style": "plots",
    "show_bars": "plots",
    "show_calibration": "plots",
    "show_class_counts": "plots",
    "show_confusion": "plots",
    "show_feature_maps": "plots",
    "show_filters": "plots",
    "show_grad_cam": "plots",
    "show_histogram": "plots",
    "show_history": "plots",
    "show_images": "plots",
    "show_importance": "plots",
    "show_lines": "plots",
    "show_mistakes": "plots",
    "show_occlusion": "plots",
    "show_parallel_coordinates": "plots",
    "show_points": "plots",
    "show_saliency": "plots",
    "show_study": "plots",
    # training
    "LiveTraining": "training",
    "is_trained": "training",
    "OneCycle": "training",
    "Resume": "training",
    "TimeBudget": "training",
    # searching for good settings
    "PruneTrial": "tuning.pruning",
    "run_study": "tuning",
    "tuning_study": "tuning",
    # pre-trained networks
    "backbone": "models",
    "backbone_names": "models",
    "features": "models",
    "imagenet_classes": "models",
    "load_checkpoint": "checkpoints",
    # judging
    "evaluate": "evaluation",
    "record": "results",
    "compare": "results",
    "expect": "results",
    "ledger_rows": "results",
    # explaining
    "feature_maps": "explain",
    "grad_cam": "explain",
    "occlusion": "explain",
    "saliency": "explain",
    "strongest": "explain",
    # exercises
    "break_it": "exercises",
    "check": "exercises",
    "progress": "exercises",
    "quiz": "exercises",
    # widgets: a module, cu.widgets.kernel_explorer()
    "widgets": "",
    # errors
    "CourseError": "errors",
}

__all__ = sorted(_HOME)

__getattr__, __dir__ = lazy_names(__name__, _HOME, "cu")
