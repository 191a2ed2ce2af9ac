"""Find what all cell types do alike to the state: it is no formula of one cell.

Row 0 shows the state of step 0 through W_hy, from which it is read back and compared with the right
one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from course.checks.cells.examples import CELL_TYPES, Array
from course.checks.known.features import Feature, equal
from course.checks.known.probes import probes_of
from course.checks.known.properties.transforms import OF_STATES
from course.checks.known.told import Told

#: The state that came, the right one, and the first one, which is context_vector.
_States = list[tuple[Array, Array, Array]]


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


def rows_of_the_context(
    function_name: str,
    cell: str,
    features: Mapping[str, Feature],
    right: Mapping[str, Feature],
    in_row_0: bool,
) -> bool:
    """Say whether a cell's rows are all made of context_vector as it is, or row 0 is.

    Parameters
    ----------
    function_name : str
        A decoder's.
    cell : str
        Which cell type's.
    features, right : mapping of str to Feature
        What was seen, and what is right.
    in_row_0 : bool
        Whether to look at row 0 alone.
    """
    looked = False
    for came, good, context, params in _rows(function_name, cell, features, right):
        if came is None or came.shape != good.shape:
            return False
        of_context = params["W_hy"] @ context + params["b_y"]
        rows = came[:1] if in_row_0 else came
        if not equal(rows, np.broadcast_to(of_context, rows.shape)):
            return False
        looked = True
    return looked


def rows_of_the_bias(
    function_name: str,
    cell: str,
    features: Mapping[str, Feature],
    right: Mapping[str, Feature],
) -> bool:
    """Say whether all rows of a decoder with a cell are b_y: see `rows_of_the_context`."""
    rows = list(_rows(function_name, cell, features, right))
    return bool(rows) and all(
        came is not None
        and came.shape == good.shape
        and equal(came, np.broadcast_to(params["b_y"], came.shape))
        for came, good, _, params in rows
    )


def _rows(
    function_name: str,
    cell: str,
    features: Mapping[str, Feature],
    right: Mapping[str, Feature],
) -> Iterator[tuple[Array | None, Array, Array, Mapping[str, Array]]]:
    """Yield the rows that came, the right ones, context_vector and the weights, by probe."""
    for probe in probes_of(function_name):
        if not probe.key.startswith(f"{cell}/values/") or probe.key not in features:
            continue
        seen, good = features[probe.key], right[probe.key].values
        if good is None or good.ndim != 2 or not len(good):
            continue
        arguments = probe.arguments()
        params = next(one for one in arguments if isinstance(one, dict))
        context = np.asarray(arguments[0], dtype=np.float64)
        yield seen.values if seen.kind == "array" else None, good, context, params


def _read(
    function_name: str,
    cell: str,
    features: Mapping[str, Feature],
    right: Mapping[str, Feature],
) -> _States:
    """Read the state of step 0 off row 0; nothing where no state gives such a row."""
    read = []
    for came, good, context, params in _rows(function_name, cell, features, right):
        if came is None or came.shape != good.shape:
            return []
        W, b = params["W_hy"], params["b_y"]
        if W.shape[0] < W.shape[1]:
            continue
        if not np.isfinite(came[0]).all():
            return []
        h, wanted = (np.linalg.lstsq(W, row - b, rcond=None)[0] for row in (came[0], good[0]))
        if not equal(W @ h + b, came[0]):
            return []  # it is the logits that are changed
        read.append((h, wanted, context))
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
        for function, how in OF_STATES:
            if all(equal(h, function(wanted), 20) for h, wanted, _ in states):
                return how
    return ""
