"""The part of a widget that runs in the browser: one anywidget for all of them."""

import functools
from pathlib import Path

FOLDER = Path(__file__).parent / "browser"
PARTS = ("elements", "controls", "canvas", "panels", "points", "curves", "explorer")


def module_text() -> str:
    """Return the ES module: the files of ``browser/``, joined."""
    return "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)


@functools.cache
def front_class():
    """Return the anywidget class; importing anywidget and ipywidgets waits until a widget is shown."""
    import anywidget
    import traitlets

    class Front(anywidget.AnyWidget):
        """What the browser is told once: the controls and what to show first. All else goes in messages."""

        _esm = module_text()
        _css = (FOLDER / "explorer.css").read_text(encoding="utf-8")
        spec = traitlets.Dict().tag(sync=True)

    return Front
