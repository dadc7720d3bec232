"""Widgets: play with an idea. Each is a pure function, a thin shell in the browser, and a still picture.

Notebooks write ``cu.widgets.kernel_explorer()``. Nothing is loaded before a widget is asked for.
"""

import importlib

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


def __getattr__(name):
    if name not in _HOME:
        from ..errors import closest_first

        message = f"module 'course_utils.widgets' has no attribute {name!r}"
        if not name.startswith("_"):
            message += f"; did you mean 'cu.widgets.{closest_first(name, _HOME)[0]}'?"
        raise AttributeError(message)
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
