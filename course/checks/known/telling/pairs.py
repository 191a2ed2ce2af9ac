"""Tell of a function that returns a pair, h and c: which of the two is wrong, or stands first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from course.checks.cells.examples import GATES
from course.checks.known.answer import Answer
from course.checks.known.asking import Calls, shift_weights
from course.checks.known.features import Feature, equal
from course.checks.known.fingerprint import Fingerprint
from course.checks.known.probes import Probe
from course.checks.known.properties.relations import function_of_the_right_one, nearly
from course.checks.known.telling.cells import of_cells
from course.checks.known.telling.mistakes import of_known_mistakes
from course.checks.known.told import Pair, Told


def exchanged(answer: Answer, wrong: Probe) -> Iterator[Told]:
    """Tell of two states in the wrong order, and of what else is wrong with them.

    The hidden state hears every gate that the cell state hears, and the output gate besides: so
    the order shows whatever else is wrong.
    """
    if not _hears_more(answer.calls(wrong)):
        return
    turned = _turned(answer)
    others = of_known_mistakes(turned, [])
    others += of_cells(turned, others)
    more = (
        f"There is another slip: {others[0].sentence}"
        if others
        else "That is not all: with the two exchanged some numbers differ still. Mend the order "
        "first, and check again."
        if turned.wrong
        else ""
    )
    yield Told(
        "returns_its_states_in_the_wrong_order",
        "Your two results are in the wrong order: the first hears three gates, as a cell state c "
        "does, and the second hears one gate more, as h does by its output gate. The hidden state "
        f"comes first, return h, c. {more}".rstrip(),
    )


def _hears_more(calls: Calls) -> bool:
    """Say whether the second state hears all gates that the first hears, and another one."""
    n = GATES["lstm"]
    changes = [shift_weights(calls.weights, "b_xh", block, n, by=1.7) for block in range(n)]
    heard = calls.changed_rows(changes)
    first, second = (
        {block for block, rows in enumerate(heard) if rows is not None and rows[place]}
        for place in (0, 1)
    )
    return len(first) > 1 and first < second


def _turned(answer: Answer) -> Answer:
    """Return the answer as it were with its two results exchanged."""

    def turn(seen: Feature) -> Feature:
        if seen.kind != "tuple" or seen.values is None or len(seen.values) != 2:
            return seen
        return replace(seen, values=seen.values[::-1], raw=seen.raw[::-1])

    def function(*given: Any) -> Any:
        one, other = answer.function(*given)
        return other, one

    features = {key: turn(seen) for key, seen in answer.seen.items()}
    return replace(answer, function=function, found=Fingerprint(answer.function_name, features))


def of_each(pairs: list[Pair]) -> Iterator[Told]:
    """Tell which of an LSTM's two states is wrong."""
    told = nearly(pairs)
    if told:
        yield told
    halves = [[(seen[i], right[i], given) for seen, right, given in pairs] for i in (0, 1)]
    fine = [all(equal(seen, right) for seen, right, _ in half) for half in halves]
    if fine[1] and not fine[0]:
        told = function_of_the_right_one(halves[0], False)
        how = f" {told.sentence}" if told else ""
        yield Told(
            "shows_the_cell_state_wrongly",
            "The cell state c is right and h is not: look at the output gate, and at the line "
            f"h = o * tanh(c).{how}",
        )
    if fine[0] and not fine[1]:
        yield Told(
            "hands_on_another_cell_state",
            "h is right, so the c that it is made of is too, and what is returned as c is another "
            "array: return h, c, with c as it was before its tanh.",
        )
