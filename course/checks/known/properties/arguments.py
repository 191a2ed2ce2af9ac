"""Find what a result depends on: change one thing at a time, and see which rows change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from course.checks.cells.examples import GATES, Array
from course.checks.cells.transformers import ATTENTION
from course.checks.known.asking import Calls, Change, shift, shift_row, shift_weights
from course.checks.known.features import equal
from course.checks.known.properties.blocks import GATE_NAMES, STACKED, blocks_without_influence
from course.checks.known.properties.keys import DOES, DOES_IN_TRANSFORMERS
from course.checks.known.told import Told, listed

#: Those that a part of a decoder depends on, whichever part: of a cell, of an attention.
_OF_PARTS = (*STACKED, *ATTENTION)


def without_influence(calls: Calls, cell: str) -> Iterator[Told]:
    """Find arguments and weights that nothing depends on."""
    where = calls.weights
    arrays = [n for n, value in calls.given.items() if isinstance(value, np.ndarray)]
    if calls.runs_free:
        arrays.remove("target_seq")
    weights = calls.given[where] if where else {}
    keys = [key for key, one in weights.items() if isinstance(one, np.ndarray)]
    if "target_seq" not in calls.names and "seq_len" not in calls.names:
        keys = [key for key in keys if key in _OF_PARTS]
    said = DOES | DOES_IN_TRANSFORMERS if "W_in" in weights else DOES
    names = [*arrays, *keys]
    # What a small change does not show, a large one does: arguments are rounded, cut, one-hot.
    unheard, stiff = names, []
    for by in (0.02, 1.7, 23.0, -23.0):
        changes = [
            shift(name, by) if name in arrays else shift_weights(where, name, by=by)
            for name in unheard
        ]
        felt = calls.changed_rows(changes)
        if by == 0.02 and any(rows is None for rows in felt):
            return
        heard = [
            n for n, rows in zip(unheard, felt, strict=True) if rows is not None and rows.any()
        ]
        stiff += [name for name in heard if name in arrays and by != 0.02]
        unheard = [name for name in unheard if name not in heard]
        if not unheard:
            break
    dead = unheard
    if stiff and _cut_to_whole_numbers(calls, stiff[0]):
        yield Told(
            "gives_whole_numbers",
            "All numbers that come are whole numbers, whatever the arguments are: is the array "
            "made with dtype=int, or the result cut by astype(int), int() or round()? Its "
            "fractions are lost.",
        )
    elif stiff and stiff != ["target_seq"]:
        yield Told(
            "does_not_take_arguments_as_they_are",
            f"A small change of {stiff[0]} changes nothing, and a large one does: it is rounded, "
            "cut to whole numbers, made one-hot, or only its largest number is looked at; "
            f"{said.get(stiff[0], 'take it as it is')}.",
        )
    if len(dead) == len(names):
        yield Told("gives_the_same_whatever_it_is_given", _the_same(calls))
    elif dead:
        verb, used = ("have", "are they") if len(dead) > 1 else ("has", "is it")
        does = "; ".join(f"{name}: {said[name]}" for name in dead[:2] if name in said)
        does = f" ({does}.)" if does else ""
        yield Told(
            f"ignores_{dead[0]}",
            f"{listed(dead)} {verb} no influence on what comes back: where {used} used?{does}",
        )
    elif cell in GATE_NAMES:
        yield from blocks_without_influence(calls, cell)


def _cut_to_whole_numbers(calls: Calls, name: str) -> bool:
    """Say whether results are whole numbers, also where an argument is another one."""
    changes = [lambda given: None, *(shift(name, by) for by in (1.7, 23.0, -23.0))]
    came = [one for one in calls.results(changes) if one is not None]
    return all(np.isfinite(one).all() and (one == one.round()).all() for one in came)


def _the_same(calls: Calls) -> str:
    (base,) = calls.results([lambda given: None])
    if "logits_own" in calls.names and base is not None and equal(base, 0 * base):
        return (
            "All numbers are 0 whatever the two arrays are. log p - log q is 0 where both are made "
            "of one array: is logits_own read where it should be? Or nothing is written into zeros."
        )
    return (
        "The same numbers come whatever the arguments are: a constant, zeros that are never "
        "filled, or a result that is kept; compute each from the arguments."
    )


def runs_another_cell(calls: Calls, cell: str) -> Iterator[Told]:
    """Find a decoder that gives what its own RNN gives with some block of the weights."""
    if GATES[cell] == 1 or "cell_type" not in calls.names:
        return

    def as_rnn(block: int) -> Change:
        def change(given: dict[str, Any]) -> None:
            weights = dict(given[calls.weights])
            for key in STACKED:
                weights[key] = np.split(weights[key], GATES[cell])[block]
            given.update({calls.weights: weights, "cell_type": "rnn"})

        return change

    def as_gru(given: dict[str, Any]) -> None:
        weights = dict(given[calls.weights])
        for key in STACKED:
            weights[key] = np.concatenate(np.split(weights[key], GATES[cell])[: GATES["gru"]])
        given.update({calls.weights: weights, "cell_type": "gru"})

    changes = [lambda given: None, *map(as_rnn, range(GATES[cell]))]
    changes += [as_gru] * (GATES[cell] > GATES["gru"])
    base, *others = calls.results(changes)
    (heard,) = calls.changed_rows([shift_weights(calls.weights, "W_xh", by=1.7)])
    if base is None or heard is None or not heard.any():
        return
    for block, other in enumerate(others):
        if other is None or other.shape != base.shape or not equal(other, base):
            continue
        if block == GATES[cell]:
            yield Told(
                "runs_the_gru_in_place_of_its_cell",
                f"For '{cell}' it gives the numbers of the GRU, made of the first three of "
                f"{GATES[cell]} blocks of the weights: call {cell}_cell_step there.",
            )
        else:
            yield Told(
                "runs_the_rnn_in_place_of_its_cell",
                f"For '{cell}' it gives the numbers of the RNN, made of block {block + 1} of "
                f"{GATES[cell]} of the weights: does cell_type '{cell}' run into the branch of "
                f"the RNN? Call {cell}_cell_step there.",
            )
        return


def takes_an_rnn_whatever_is_named(calls: Calls, cell: str) -> Told | None:
    """Find a decoder that stops for a cell's weights, and of an RNN's makes what its RNN makes."""
    if GATES.get(cell, 1) == 1 or "cell_type" not in calls.names:
        return None

    def weights_of_an_rnn(name: str) -> Change:
        def change(given: dict[str, Any]) -> None:
            weights = given[calls.weights]
            blocks = {key: np.split(weights[key], GATES[cell])[0] for key in STACKED}
            given.update({calls.weights: {**weights, **blocks}, "cell_type": name})

        return change

    named, plain = calls.results([weights_of_an_rnn(cell), weights_of_an_rnn("rnn")])
    if named is None or plain is None or not equal(named, plain):
        return None
    return Told(
        "runs_the_rnn_whatever_cell_type_says",
        f"With cell_type={cell!r} and the weights of an RNN it gives the numbers of an RNN, so the "
        "name does not reach the cell: is cell_type used, and passed on in each call that takes "
        "it? Left out, it is 'rnn'.",
    )


def unlike_biases(calls: Calls, cell: str) -> Iterator[Told]:
    """Find whether b_xh counts otherwise than b_hh, where the two are simply added."""
    if cell == "gru":
        return
    where = calls.weights
    one, other = calls.results(
        [shift_weights(where, "b_xh", by=0.2), shift_weights(where, "b_hh", by=0.2)]
    )
    if one is None or other is None or equal(one, other):
        return
    for times in (2.0, -1.0, 0.5, 3.0):
        (scaled,) = calls.results([shift_weights(where, "b_hh", by=0.2 * times)])
        if scaled is not None and equal(one, scaled):
            yield Told(
                "counts_the_biases_unlike",
                f"b_xh counts {times:g} times as much as b_hh: each is added once.",
            )
            return


def fed_from_the_target(calls: Calls) -> Iterator[Told]:
    """Find which rows of target_seq each row of the result depends on."""
    if calls.runs_free:
        return
    T = len(calls.given["target_seq"])
    # Small and large changes, so that one is felt where rows are rounded or made one-hot.
    sizes = (0.37, 3.1, -3.1, 7.3)
    found = calls.changed_rows([shift_row("target_seq", s, by) for by in sizes for s in range(T)])
    if any(rows is None or len(rows) != T for rows in found):
        return
    each = np.array(found).reshape(len(sizes), T, T)
    if not each[0].any() and each.any():
        yield Told(
            "does_not_feed_rows_as_they_are",
            "A small change of target_seq changes nothing, and a large one does: its rows are "
            "rounded, cut, or made one-hot before they are fed; feed them as they are, any real "
            "vectors.",
        )
        return
    felt: Array = np.array(each.any(axis=0)).T  # (row of the result, row of the target)
    t, s = np.indices(felt.shape)
    if not felt.any():
        return  # told by `without_influence`
    if felt[t == s].all() and not felt[t < s].any():
        yield Told(
            "sees_the_token_it_has_to_predict",
            "Each row t changes with target_seq[t], the very row that it has to predict: step t is "
            "fed target_seq[t-1], and step 0 x_start.",
        )
    elif felt[t <= s].any():
        row, target = (int(i[0]) for i in np.nonzero(felt & (t <= s)))
        which = "the very row that it has to predict" if row == target else "which comes later"
        if target == T - 1:
            which += "; by target_seq[-1], or by np.roll, the last row comes first"
        yield Told(
            "sees_the_future",
            f"Row {row} changes with target_seq[{target}], {which}: step t is fed target_seq[t-1], "
            "step 0 x_start, and no row is mixed with those of later steps.",
        )
    elif not felt[t == s + 1].any() and felt[t == s + 2].all():
        yield Told(
            "feeds_one_step_late",
            "Row t changes with target_seq[t-2] and not with target_seq[t-1]: what is fed comes "
            "one step late.",
        )
    elif not felt[t == s + 1].all():
        row = int(np.nonzero(felt[np.arange(1, T), np.arange(T - 1)] == 0)[0][0]) + 1
        if not felt[row].any() and felt[1:row].any():
            yield Told(
                "leaves_a_row_unwritten",
                f"Row {row} changes with no row of target_seq, and rows before it do: is it never "
                "written, as by a loop that ends one step early? np.empty leaves what was in "
                "memory; a row that is computed hears every row before it.",
            )
            return
        only = sorted({int(i) for i in np.nonzero(felt.any(axis=0))[0]})
        verb = "has" if len(only) == 1 else "have"
        hint = (
            f"; of target_seq only {_listed(only)} {verb} any influence"
            if len(only) < T - 1
            else ""
        )
        yield Told(
            "does_not_feed_the_row_before",
            f"Row {row} does not change with target_seq[{row - 1}], which is the input of step "
            f"{row}{hint}.",
        )
    elif not felt[t > s + 1].any():
        yield Told(
            "does_not_carry_its_state",
            "Row t changes with target_seq[t-1] and with no row before it: the state of step t-1 "
            "is not carried to step t.",
        )
    elif not felt[t > s].all():
        row, target = (int(i[0]) for i in np.nonzero(~felt & (t > s)))
        yield Told(
            "loses_its_state_on_the_way",
            f"Row {row} does not change with target_seq[{target}], though the state should carry "
            "it there: is the state set anew at some step?",
        )


def _listed(rows: list[int]) -> str:
    return "rows " + ", ".join(map(str, rows)) if len(rows) > 1 else f"row {rows[0]}"


def first_state(calls: Calls) -> Iterator[Told]:
    """Find whether row 0 hears the context and x_start."""
    where = calls.weights
    context, start = calls.changed_rows([shift("context_vector"), shift_weights(where, "x_start")])
    if context is not None and context.any() and not context[0]:
        yield Told(
            "row_0_ignores_the_context",
            "Row 0 does not change with context_vector: it is the hidden state before step 0.",
        )
    if start is not None and start.any() and not start[0]:
        yield Told(
            "row_0_ignores_x_start",
            "Row 0 does not change with x_start, and later rows do: it is the input of step 0.",
        )
    elif start is not None and not start.any():
        yield Told(
            "ignores_x_start",
            "Nothing changes with x_start: it is the input of step 0, decoder_params['x_start'].",
        )


def fed_from_itself(calls: Calls) -> Iterator[Told]:
    """Find what a decoder that runs free feeds to step 1: which places of it are not zero.

    With x_start all zeros, a column of W_xh is felt in row 1 only through its place of that input.
    """
    where = calls.weights

    def column(j: int | None) -> Change:
        def change(given: dict[str, Any]) -> None:
            W = given[where]["W_xh"].copy()
            if j is not None:
                W[:, j] += 0.5
            given["seq_len"] = 2
            given[where] = {**given[where], "W_xh": W, "x_start": 0 * given[where]["x_start"]}

        return change

    width = calls.given[where]["W_xh"].shape[1]
    base, *after = calls.results([column(None), *map(column, range(width))])
    if base is None or base.ndim != 2 or len(base) != 2:
        return
    if any(one is None or one.shape != base.shape for one in after):
        return
    if any((np.abs(one[0] - base[0]) > 1e-9).any() for one in after if one is not None):
        return  # step 0 is not fed x_start
    places = [
        j
        for j, one in enumerate(after)
        if one is not None and (np.abs(one[1] - base[1]) > 1e-9).any()
    ]
    order = np.argsort(-base[0], kind="stable")
    best = int(order[0])
    begin = "After a first row whose largest number is"
    if places == [best]:
        return
    if not places:
        yield Told(
            "feeds_no_token",
            f"{begin} number {best}, step 1 is fed zeros (or x_start again): feed the one-hot "
            "vector of argmax(logits[t-1]).",
        )
    elif len(places) == 1:
        rank = int(np.flatnonzero(order == places[0])[0]) + 1
        yield Told(
            "feeds_another_token",
            f"{begin} number {best}, step 1 is fed token {places[0]}, number {rank} of {width} by "
            "size; feed the one-hot vector of argmax(logits[t-1]).",
        )
    elif len(places) == width:
        yield Told(
            "feeds_no_one_hot_vector",
            f"{begin} number {best}, step 1 is fed a vector without zeros, as logits, "
            "probabilities or an index are; feed the one-hot vector of argmax(logits[t-1]).",
        )
    else:
        yield Told(
            "feeds_several_tokens",
            f"{begin} number {best}, step 1 is fed a vector that is not zero at {places}; a "
            "one-hot vector has a single 1, at the argmax of logits[t-1].",
        )
