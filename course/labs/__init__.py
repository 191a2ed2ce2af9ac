"""Labs: the learner's own functions, and trained models, under sliders.

A lab is a file or a folder here. What its `__all__` names opens it, in a cell of its own:
``labs.divergence(decoder_forward_scheduled_sampling)``. Its ``still()`` draws it for a notebook
that is read without a kernel; where it opens several, `STILLS` has one for each. Where it opens on
a function of the learner's, its `SOLVED` has a right one. `page` and `calling` are what labs are
made with.
"""

from collections.abc import Callable as _Callable
from importlib import import_module as _import_module
from pkgutil import iter_modules as _iter_modules
from types import ModuleType as _ModuleType
from typing import Any as _Any

_found = [_import_module(f"{__name__}.{found.name}") for found in _iter_modules(__path__)]
#: Every lab's module, by its name.
LABS: dict[str, _ModuleType] = {
    module.__name__.rpartition(".")[2]: module for module in _found if hasattr(module, "__all__")
}
#: What draws the still picture of each, by the name in ``lab_NAME.svg``.
STILLS: dict[str, _Callable[[], str]] = {}
#: A right function for each that opens on one of the learner's, under the exercise's name.
SOLVED: dict[str, _Callable[..., object]] = {}
for _name, _lab in LABS.items():
    STILLS |= getattr(_lab, "STILLS", None) or {_name: _lab.still}
    SOLVED |= getattr(_lab, "SOLVED", {})

#: What notebooks of earlier releases, which lie in learners' folders, call a lab.
FORMER = {"derailing": "forced_and_free", "no_mask": "better_loss"}

__all__: list[str] = []
for _lab in LABS.values():
    for _name in _lab.__all__:
        if _name in __all__:
            raise ImportError(f"{_lab.__file__} opens as {_name}, as another lab does")
        globals()[_name] = getattr(_lab, _name)
        __all__.append(_name)


def __getattr__(name: str) -> _Any:
    """Find a lab by the name that it had."""
    if name in FORMER:
        return globals()[FORMER[name]]
    raise AttributeError(f"there is no lab called {name}; there are {', '.join(sorted(__all__))}")
