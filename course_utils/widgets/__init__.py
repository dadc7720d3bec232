"""Widgets: play with an idea. Each is a pure function, a thin shell in the browser, and a still picture.

Notebooks write ``cu.widgets.kernel_explorer()``. Nothing is loaded before a widget is asked for.
"""

from .._lazy import lazy_names

# Public name → the module that defines it.
_HOME = {
    "activation_explorer": "activations",
    "attention_explorer": "attention",
    "augmentation_playground": "augmentation",
    "confusion_explorer": "confusion",
    "convolution_stepper": "stepper",
    "draw_and_classify": "drawing",
    "embedding_map": "embedding",
    "feature_map_browser": "feature_maps",
    "kernel_explorer": "kernels",
    "overfitting_explorer": "overfitting",
    "pooling_explorer": "pooling",
    "tour": "first_steps",
}

__all__ = sorted(_HOME)

__getattr__, __dir__ = lazy_names(__name__, _HOME, "cu.widgets")
