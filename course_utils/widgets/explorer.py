"""A widget: controls, a pure function from their values to a view, and a still picture of it."""

import importlib.util
import sys
from dataclasses import replace

import numpy as np

from .._display import in_kernel
from ..errors import CourseError, InputError, UnknownNameError
from ..plots.alt import number
from ..plots.figures import figure_bundle
from ..settings import get_settings
from .controls import Drawing, Hidden, Slider, Weights
from .front import front_class
from .panels import Numbers
from .pixels import fills
from .still import draw_still

# What is large and often stays as it was: a picture's file, the places of points. The browser keeps it.
_LARGE = ("png", "cloud")


class Explorer:
    """Something to play with. As the last line of a cell it appears below the cell.

    Without a front end for widgets (a page made by nbconvert, a saved notebook on the web) a still picture stands in
    its place; ``COURSE_WIDGETS=still`` always takes that one.

    Parameters
    ----------
    title : str
        What it is, for screen readers and alt texts.
    controls : sequence of control
        See `controls`.
    show : callable
        ``show(values, changed) -> View``: a pure function of ``{name: value}``; `changed` holds the names of the
        controls that were used since the last call, none at first.
    stills : sequence of dict
        States that the still picture shows one below the other; default: the first.

    Attributes
    ----------
    values : dict
        What the controls say now.
    view : View
        What is shown now.
    error : str
        What the last change went wrong with; empty if it did not.
    """

    def __init__(self, title, controls, show, *, stills=({},)):
        self.title = title
        self._controls = {control.name: control for control in controls}
        self._show = show
        self._stills = tuple(stills)
        self._front = None
        self._ready = {}  # the contents of the view's panels, by key
        self._sent = {}  # those that the browser shows
        self.error = ""
        self.values = {name: control.value for name, control in self._controls.items()}
        self.view = self._show(dict(self.values), frozenset())
        self.values |= self._accepted(self.view.values)

    def set(self, **values):
        """Change values as the controls do; the widget on the page follows.

        Raises
        ------
        UnknownNameError
            If there is no such value.
        InputError
            If a value is not one the control can have.
        """
        self._change(values)
        self._send(0, self.values)

    def still(self):
        """Draw the still picture.

        Returns
        -------
        matplotlib.figure.Figure
            With alt text; not known to pyplot.
        """
        views = []
        for state in self._stills:
            values = {**self.values, **self._accepted(state)}
            label = ", ".join(filter(None, (_setting(self._controls[name], state[name]) for name in state)))
            view = self._show(values, frozenset(state)) if state else self.view
            views.append((label, self._with_weights(view, values | view.values)))
        return draw_still(self.title, views)

    def _with_weights(self, view, values):
        """Put tables that can be edited in front: elsewhere they are controls."""
        tables = []
        for name, control in self._controls.items():
            if isinstance(control, Weights):
                table = np.array(values[name], dtype="float64")
                alt = "; ".join(", ".join(number(weight) for weight in row) for row in table)
                fill, ink = fills(table, max(control.limit, np.abs(table).max()))
                tables.append(Numbers(name, control.label, table, alt, fills=fill, inks=ink, cell=44))
        return replace(view, panels=(*tables, *view.panels))

    def _has_label(self, name):
        return not isinstance(self._controls[name], Hidden)

    def __repr__(self):
        return f"<{self.title}: {self.view.text}>"

    def _repr_mimebundle_(self, include=None, exclude=None):
        data, metadata = figure_bundle(self.still())
        if is_live():
            # anywidget's own bundle: on Colab its metadata say where the code for such widgets is.
            widget, about = self.front()._repr_mimebundle_()
            data, metadata = {**widget, **data}, {**about, **metadata}
        return data, metadata

    def front(self):
        """Return the part that runs in the browser, made when it is first asked for."""
        if self._front is None:
            _allow_widgets_on_colab()
            panels = [panel.content() for panel in self.view.flat()]
            first = {"panels": panels, "order": [panel["key"] for panel in panels]}
            first |= {"message": self.view.message, "error": self.error, "values": self._plain(self.values)}
            first["limits"] = self.view.limits
            controls = [control.content() for control in self._controls.values() if not isinstance(control, Hidden)]
            self._front = front_class()(spec={"title": self.title, "controls": controls, "first": first})
            self._front.on_msg(self._hear)
        return self._front

    def _hear(self, _, message, buffers=None):
        """Answer the browser. An error is told there, and raised: Jupyter's log and tests see it, too."""
        if message.get("ask"):
            self._sent = {}
            self._send(0, self.values)
            return
        asked, before = message["values"], dict(self.values)
        try:
            shown = before | self._change(asked)
        except Exception as error:
            self.error = _in_words(error)
            # The controls go back to what the panels show.
            self._send(message["serial"], {name: before[name] for name in asked if name in before})
            raise
        self._send(message["serial"], {name: value for name, value in self.values.items() if value != shown[name]})

    def _change(self, values):
        """Take over new values, all of them or, after an error, none; return them as the controls accept them."""
        changed = self._accepted(values)
        after = {**self.values, **changed}
        view = self._show(dict(after), frozenset(changed))
        after |= self._accepted(view.values)
        contents = self._contents(view)
        self.values, self.view, self.error, self._ready = after, view, "", contents
        return changed

    def _contents(self, view):
        """Return what the browser needs of all panels, by key; nothing while there is no browser."""
        return {panel.key: panel.content() for panel in view.flat()} if self._front is not None else {}

    def _accepted(self, values):
        unknown = [name for name in values if name not in self._controls]
        if unknown:
            raise UnknownNameError("value", unknown[0], list(self._controls))
        return {name: self._controls[name].accept(value) for name, value in values.items()}

    def _plain(self, values):
        return {name: value for name, value in values.items() if self._has_label(name)}

    def _send(self, serial, values):
        if self._front is None:
            return
        contents = self._ready = self._ready or self._contents(self.view)
        panels, buffers = [], []
        for key, content in contents.items():
            before = self._sent.get(key, {})
            if before == content:
                continue
            if before.get("kind") == content["kind"]:
                content = {name: part for name, part in content.items() if not _kept(name, part, before)}
            if "png" in content:
                content = {**content, "buffer": len(buffers)}
                buffers.append(content.pop("png"))
            panels.append(content)
        self._sent = contents
        answer = {"serial": serial, "order": list(contents), "panels": panels, "message": self.view.message}
        answer |= {"error": self.error, "values": self._plain(values), "limits": self.view.limits}
        self._front.send(answer, buffers=buffers)


def _setting(control, value):
    """Return a control and its value in words; nothing for values that have none."""
    if isinstance(control, Hidden | Drawing):
        return ""
    if isinstance(value, bool):
        value = "on" if value else "off"
    elif isinstance(control, Slider) and control.texts:
        value = control.texts[value]
    return f"{control.label}: {value}"


def _kept(name, part, before):
    return name in _LARGE and before[name] == part


def is_live() -> bool:
    """Return whether widgets are shown as widgets here, and not as still pictures."""
    wanted = get_settings().widgets
    if wanted == "still" or not in_kernel():
        return False
    there = all(importlib.util.find_spec(name) for name in ("anywidget", "ipywidgets"))
    if wanted == "live" and not there:
        raise CourseError(
            "COURSE_WIDGETS=live, but the packages for widgets are missing.", fix="pip install anywidget ipywidgets"
        )
    return there


def _in_words(error):
    if isinstance(error, CourseError):
        return str(error)
    return f"This did not work: {type(error).__name__}: {error}"


def _allow_widgets_on_colab():
    """Colab shows widgets that are not its own only after this."""
    if "google.colab" in sys.modules:
        from google.colab import output

        output.enable_custom_widget_manager()


def require_picture(picture, name="image"):
    """Return a picture as an array; raise `InputError` if it is none.

    Parameters
    ----------
    picture : array_like, (height, width), (height, width, 1) or (height, width, 3)
    name : str
        Of the argument, for the message.
    """
    try:
        picture = np.asarray(picture)
    except ValueError as error:
        raise InputError(f"{name} is one picture.", expected="an array of numbers", found=str(error)) from error
    fits = picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] in (1, 3))
    if not fits or not picture.size or picture.dtype.kind not in "buif":
        raise InputError(
            f"{name} is one picture.",
            expected="an array (height, width), (height, width, 1) or (height, width, 3)",
            found=f"{picture.dtype}, shape {picture.shape}",
            fix=f"Take one of several: {name}=data.test.images[0]" if picture.ndim == 4 else None,
        )
    return picture
