"""Find which gate of a cell is wrong: feed it nothing but a bias, and read what it gives.

With all weights 0 a gate hears its bias alone, and the others can be held open or shut. What is
read is compared with sigmoid or tanh of that bias.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.examples import GATES, Array
from course.checks.known.asking import Calls, Change
from course.checks.known.properties.blocks import GATE_NAMES
from course.checks.known.told import Told

#: The biases that a gate is asked for, and those that hold one open or shut.
_ASKED, _OPEN = (-1.0, 0.5, 2.0), 40.0


def _sigmoid(x: float) -> float:
    return 0.5 * (1 + math.tanh(0.5 * x))


class _Trial(NamedTuple):
    """One gate alone: which block is asked, how the others are held, and what is read.

    `held` has a bias for each block, None for the one that is asked; `h` and `c` are the states
    before. The new state is divided by `unit`; `of` says what that must be.
    """

    block: int
    held: tuple[float | None, ...]
    h: float
    c: float
    state: int
    unit: float
    of: Callable[[float], float]
    curve: str
    bias: str = "b_xh"


_TRIALS: dict[str, tuple[_Trial, ...]] = {
    "rnn": (_Trial(0, (None,), 0.0, 0.0, 0, 1.0, math.tanh, "tanh"),
     _Trial(0, (None,), 0.0, 0.0, 0, 1.0, math.tanh, "tanh", "b_hh")),
    "lstm": (_Trial(2, (_OPEN, -_OPEN, None, _OPEN), 0.0, 0.0, 1, 1.0, math.tanh, "tanh"),
     _Trial(0, (None, -_OPEN, _OPEN, _OPEN), 0.0, 0.0, 1, 1.0, _sigmoid, "sigmoid"),
     _Trial(1, (-_OPEN, None, 0.0, _OPEN), 0.0, 1.0, 1, 1.0, _sigmoid, "sigmoid"),
     _Trial(3, (_OPEN, -_OPEN, _OPEN, None), 0.0, 0.0, 0, math.tanh(1.0), _sigmoid, "sigmoid"),
     _Trial(2, (_OPEN, -_OPEN, None, _OPEN), 0.0, 0.0, 1, 1.0, math.tanh, "tanh", "b_hh"),
     _Trial(0, (None, -_OPEN, _OPEN, _OPEN), 0.0, 0.0, 1, 1.0, _sigmoid, "sigmoid", "b_hh"),
     _Trial(3, (_OPEN, -_OPEN, _OPEN, None), 0.0, 0.0, 0, math.tanh(1.0), _sigmoid, "sigmoid",
            "b_hh")),
    "gru": (
        _Trial(2, (0.0, -_OPEN, None), 0.0, 0.0, 0, 1.0, math.tanh, "tanh"),
        _Trial(1, (0.0, None, 0.0), 1.0, 0.0, 0, 1.0, _sigmoid, "sigmoid"),
        _Trial(1, (0.0, None, 0.0), 1.0, 0.0, 0, 1.0, _sigmoid, "sigmoid", "b_hh"),
        # The candidate hears r * 1 and nothing else.
        _Trial(
            0,
            (None, -_OPEN, 1.0),
            0.0,
            0.0,
            0,
            1.0,
            lambda bias: math.tanh(_sigmoid(bias)),
            "a candidate of tanh(r * 1), r by sigmoid,",
            "b_hh",
        ),
    ),
}  # fmt: skip


def wrong_gates(calls: Calls, cell: str) -> Iterator[Told]:
    """Find the gate that is not the right function of its bias.

    A gate that does not open or shut as it should makes others look wrong by a factor: one that is
    wrong in another way comes first, and where none is, all are named.
    """
    names = GATE_NAMES.get(cell, ("new state",))
    by_a_factor: list[tuple[_Trial, list[float], list[float]]] = []
    otherwise: list[tuple[_Trial, list[float], list[float]]] = []
    for trial in _TRIALS.get(cell, ()):
        read = _read(calls, cell, trial)
        expected = [trial.of(bias) for bias in _ASKED]
        if read is None or np.allclose(read, expected, 1e-4, 1e-5):
            continue
        ratios = np.array(read) / expected
        some = by_a_factor if np.ptp(ratios) < 1e-3 * np.abs(ratios).max() else otherwise
        some.append((trial, read, expected))
    wrong = otherwise or by_a_factor
    if cell == "gru" and len(wrong) > 1:
        # The reset gate is seen through the candidate, which is among them.
        wrong = [one for one in wrong if one[0].block != 0]
    if not wrong:
        return
    gates = list(dict.fromkeys(names[trial.block] for trial, *_ in wrong))
    trial, read, expected = wrong[0]
    came, wanted = (", ".join(f"{x:.3g}" for x in some) for some in (read, expected))
    which = f"the {' or the '.join(gates)}"
    of = f" for the {gates[0]}" if len(gates) > 1 else ""
    yield Told(
        f"is_wrong_in_the_{gates[0].replace(' ', '_')}"
        if len(gates) == 1
        else "is_wrong_in_a_gate",
        f"Seen alone, {which} is wrong, or is used wrongly. With weights of 0 and a {trial.bias} "
        f"of -1, 0.5 and 2, {trial.curve} gives {wanted}{of}; yours gave {came}. "
        + (
            "As this is so of every gate, look first at what they share: the sum a + u, and a "
            "sigmoid of your own."
            if len(gates) == len(names) > 1
            else "Look at the line that makes it, at the rows that it is cut from, and at where it "
            "is used."
        ),
    )


def loses_the_old_state(calls: Calls, cell: str) -> Iterator[Told]:
    """Find a GRU whose z is right, as the candidate's share shows, and which loses h_prev."""
    if cell != "gru":
        return
    opened = _Trial(1, (0.0, None, _OPEN), 0.0, 0.0, 0, 1.0, lambda bias: 1 - _sigmoid(bias), "")
    kept = _TRIALS["gru"][1]
    written, read = (_read(calls, cell, trial) for trial in (opened, kept))
    shares = [_sigmoid(bias) for bias in _ASKED]
    if written is None or read is None or np.allclose(read, shares, 1e-4, 1e-5):
        return
    if np.allclose(written, [1 - share for share in shares], 1e-4, 1e-5):
        wanted, came = (", ".join(f"{x:.3g}" for x in some) for some in (shares, read))
        yield Told(
            "is_wrong_in_what_z_keeps",
            "The update gate z is right, and (1 - z) of n is written, but h_prev does not reach "
            "the result through z. With weights of 0 and biases that make z "
            f"{wanted}, as much of an h_prev of 1 should be kept; yours kept {came}. Look at "
            "z * h_prev in the last line.",
        )


def rows_from_the_cell_state(calls: Calls, cell: str) -> Iterator[Told]:
    """Find a decoder whose rows show c: a shut output gate hides h, and does not hide them."""
    if cell != "lstm":
        return
    shut = _Trial(2, (_OPEN, -_OPEN, None, -_OPEN), 0.0, 0.0, 0, 1.0, math.tanh, "tanh")
    # With the input gate half open c is half as large, which tells it from a candidate.
    half = shut._replace(held=(0.0, *shut.held[1:]))
    reads = [_read(calls, cell, one) for one in (shut, half)]
    if all(
        read is not None
        and np.allclose(read, [share * math.tanh(bias) for bias in _ASKED], 1e-4, 1e-5)
        for read, share in zip(reads, (1.0, 0.5), strict=True)
    ):
        yield Told(
            "reads_rows_from_the_cell_state",
            "In the LSTM the rows are made of c, for they change with the candidate though the "
            "output gate is shut. c is the cell's inner memory; the row is W_hy @ h + b_y, and h "
            "is the first of the two states: state[0], not state[-1], and h, c = "
            "lstm_cell_step(...).",
        )


def units_that_mix(calls: Calls, cell: str) -> Iterator[Told]:
    """Find units that hear each other's biases, as no unit does where all weights are 0."""
    H = len(calls.given[calls.weights]["W_hh"]) // GATES[cell]
    if H < 2:
        return
    names, found = GATE_NAMES.get(cell, ("new state",)), []
    plain = _Trial(0, (0.3, 0.2, 0.5, 0.4)[: GATES[cell]], 0.6, 0.7, 0, 1.0, math.tanh, "")

    def raised(block: int) -> Change:
        def change(given: dict[str, Any]) -> None:
            _change(calls, cell, plain, 0.0)(given)
            given[calls.weights]["b_xh"][block * H + 1] += 1.0

        return change

    base, *after = calls.results(
        [_change(calls, cell, plain, 0.0), *map(raised, range(GATES[cell]))]
    )
    for name, one in zip(names, after, strict=True):
        if base is None or one is None or one.shape != base.shape:
            return
        with np.errstate(invalid="ignore"):
            if np.abs(one - base)[..., 0].max() > 1e-6:
                found.append(name)
    if found:
        yield Told(
            "mixes_the_units",
            "With weights of 0 no unit may hear another, and yet unit 0 of the result changes "
            f"with the bias of unit 1 of the {' and the '.join(found)}: each gate, and each "
            "state, is an array with a number a unit. Look for `@` between two such arrays, where "
            "* is meant, and for a mean, a sum, a norm or a softmax over the units.",
        )


def _read(calls: Calls, cell: str, trial: _Trial) -> list[float] | None:
    """Return what a gate gives for each bias; None where it cannot be seen."""
    of_a_step = "h_prev" in calls.names
    if cell == "lstm" and not of_a_step and trial.c:
        return None  # the first c of a decoder is zeros
    trials = [trial]
    if trial.h or trial.c:
        # What an old state of 1 adds to what comes of one of 0.
        trials.append(trial._replace(h=0.0, c=0.0))
    read = [
        _numbers(
            calls.results([_change(calls, cell, one, bias) for bias in _ASKED]), calls, one, cell
        )
        for one in trials
    ]
    if None in read:
        return None
    first, *rest = (one for one in read if one is not None)
    return [x - y for x, y in zip(first, rest[0], strict=True)] if rest else first


def _numbers(
    results: list[Array | None], calls: Calls, trial: _Trial, cell: str
) -> list[float] | None:
    """Return the state of the first unit in each result."""
    of_a_step = "h_prev" in calls.names
    found = []
    for result in results:
        if result is None or not result.size or not np.isfinite(result).all():
            return None
        if of_a_step:
            state = result[trial.state] if cell == "lstm" else result
            number = float(np.ravel(state)[0])
        else:
            number = float(np.ravel(result)[0])  # W_hy shows the first hidden unit
        if cell == "lstm" and not of_a_step and trial.state == 1:
            if not abs(number) < 1:
                return None
            number = math.atanh(number)  # h = tanh(c) where the output gate is open
        found.append(number / trial.unit)
    return found


def _change(calls: Calls, cell: str, trial: _Trial, bias: float) -> Change:
    def change(given: dict[str, Any]) -> None:
        params = {key: 0.0 * array for key, array in given[calls.weights].items()}
        held = [bias if one is None else one for one in trial.held]
        H = len(params["b_xh"]) // GATES[cell]
        params[trial.bias] = np.repeat(held, H).astype(np.float64)
        if "h_prev" in calls.names:
            given["h_prev"] = np.full_like(given["h_prev"], trial.h)
            if "c_prev" in given:
                given["c_prev"] = np.full_like(given["c_prev"], trial.c)
        else:
            given["context_vector"] = np.full_like(given["context_vector"], trial.h)
            params["W_hy"] = np.eye(*params["W_hy"].shape)
        given[calls.weights] = params

    return change


def joins_wrongly(cell: str) -> Told:
    """Say what is left where each gate alone is right."""
    products = "the two products, W_xh @ x and W_hh @ h,"
    if cell == "rnn":  # which has no gates
        return Told(
            "joins_its_parts_wrongly",
            "With weights of 0 the new state is tanh of the biases, unit by unit, as it should be, "
            f"so what goes in besides is wrong: look at {products} and at what is done to the "
            "state.",
        )
    where = {
        "lstm": f"{products} at c = f * c_prev + i * g, and at h = o * tanh(c)",
        "gru": f"{products} at n = tanh(a_n + r * u_n), and at (1 - z) * n + z * h",
    }
    return Told(
        "joins_its_parts_wrongly",
        "With weights of 0 each gate that can be seen is the right function of its bias, unit by "
        "unit, so what goes in or how the gates are put together is wrong: look at "
        f"{where[cell]}.",
    )
