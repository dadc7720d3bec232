"""Public names whose modules are imported at their first use (PEP 562)."""

import importlib
import sys


def lazy_names(package, home, called):
    """Return a package's ``__getattr__`` and ``__dir__``.

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    home : dict of str to str
        Public name → the module that defines it, seen from the package; ``""`` if the name is itself a module.
    called : str
        What notebooks call the package, for example ``"cu"``.

    Returns
    -------
    tuple of callable
    """
    names = vars(sys.modules[package])

    def __getattr__(name):
        if name not in home:
            from .errors import closest_first

            message = f"module {package!r} has no attribute {name!r}"
            if not name.startswith("_"):
                message += f"; did you mean '{called}.{closest_first(name, home)[0]}'?"
            raise AttributeError(message)
        module = importlib.import_module(f".{home[name] or name}", package)
        names[name] = getattr(module, name) if home[name] else module  # the next look-up finds it at once
        return names[name]

    def __dir__():
        return sorted({*names, *home})

    return __getattr__, __dir__
