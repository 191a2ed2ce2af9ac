"""Find what all cell types do alike to the state: it is no formula of one cell.

Row 0 shows the state of step 0 through W_hy, from which it is read back and compared with the right
one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from course.checks.cells.examples import CELL_TYPES, Array
from course.checks.known.features import Feature, equal
from course.checks.known.probes import probes_of
from course.checks.known.told import Told

#: The state that came, the right one, and the first one, which is context_vector.
_States = list[tuple[Array, Array, Array]]


def _standardised(h: Array) -> Array:
    return np.array((h - h.mean()) / (h.std() + 1e-9))


#: What is done to a state: a function of the right one, and how it is called.
DONE_TO_A_STATE: tuple[tuple[Callable[[Array], Array], str], ...] = (
    (np.tanh, "the tanh of the right one"),
    (lambda h: 1 / (1 + np.exp(-h)), "the sigmoid of the right one"),
    (lambda h: np.maximum(h, 0), "the right one with what is below 0 cut off, as by a ReLU"),
    (np.abs, "the right one without its signs"),
    (np.square, "the square of the right one"),
    (np.sign, "the signs of the right one alone"),
    (np.round, "the right one rounded"),
    (lambda h: h[::-1], "the right one turned round"),
    (np.sort, "the right one sorted"),
    (lambda h: h - h.mean(), "the right one less its mean"),
    (_standardised, "the right one less its mean and divided by its standard deviation, as a "
     "layer norm does"),
    (lambda h: h / np.linalg.norm(h), "the right one scaled to length 1, divided by its norm"),
    (lambda h: h / np.abs(h).max(), "the right one divided by its largest number"),
    (lambda h: h / np.abs(h).sum(), "the right one divided by the sum of its sizes"),
    (lambda h: np.exp(h) / np.exp(h).sum(), "the softmax of the right one"),
)  # fmt: skip


def done_to_the_state(
    function_name: str, features: Mapping[str, Feature], right: Mapping[str, Feature]
) -> Told | None:
    """Tell what every cell type's first state is, where one and the same thing is done to all.

    Parameters
    ----------
    function_name : str
        A decoder's.
    features, right : mapping of str to Feature
        What was seen, and what is right.
    """
    states: _States = []
    for cell in CELL_TYPES:
        found = _read(function_name, cell, features, right)
        if not found:
            return None
        states += found
    how = _linear(states) or _function(states)
    if not how:
        return None
    return Told(
        "changes_the_state_after_the_cell",
        f"With every cell type the state that row 0 shows is {how}. It is no slip in the formula "
        "of one cell: look at what is done to h between the cell and W_hy @ h + b_y, where "
        "nothing is done to it.",
    )


def _read(
    function_name: str,
    cell: str,
    features: Mapping[str, Feature],
    right: Mapping[str, Feature],
) -> _States:
    """Read the state of step 0 off row 0; nothing where no state gives such a row."""
    read = []
    for probe in probes_of(function_name):
        if not probe.key.startswith(f"{cell}/values/") or probe.key not in features:
            continue
        came, good = features[probe.key].values, right[probe.key].values
        if good is None or good.ndim != 2 or not len(good):
            continue
        if came is None or features[probe.key].kind != "array" or came.shape != good.shape:
            return []
        arguments = probe.arguments()
        params = next(one for one in arguments if isinstance(one, dict))
        W, b = params["W_hy"], params["b_y"]
        if W.shape[0] < W.shape[1]:
            continue
        if not np.isfinite(came[0]).all():
            return []
        h, wanted = (np.linalg.lstsq(W, row - b, rcond=None)[0] for row in (came[0], good[0]))
        if not equal(W @ h + b, came[0]):
            return []  # it is the logits that are changed
        read.append((h, wanted, np.asarray(arguments[0], dtype=np.float64)))
    if any(equal(h, wanted) for h, wanted, _ in read):
        return []
    return read


def _linear(states: _States) -> str:
    """Find a sum of the right state, the first one and a number, the same everywhere."""
    came, wanted, before = (np.concatenate(some) for some in zip(*states, strict=True))
    design = np.stack([wanted, before, np.ones_like(wanted)], axis=1)
    if len(came) < 6 or np.linalg.matrix_rank(design) < 3:
        return ""
    (a, b, d), *_ = np.linalg.lstsq(design, came, rcond=None)
    if not equal(design @ np.array([a, b, d]), came):
        return ""
    terms = []
    if abs(a) > 1e-4:
        terms.append("the right one" if abs(a - 1) < 1e-4 else f"{a:.3g} times the right one")
    if abs(b) > 1e-4:
        times = "" if abs(b - 1) < 1e-4 else f"{b:.3g} times "
        terms.append(f"{times}the state before, which in step 0 is context_vector")
    if abs(d) > 1e-4:
        terms.append(f"{d:.3g}")
    return " plus ".join(terms)


def _function(states: _States) -> str:
    with np.errstate(all="ignore"):
        for function, how in DONE_TO_A_STATE:
            if all(equal(h, function(wanted), 20) for h, wanted, _ in states):
                return how
    return ""
