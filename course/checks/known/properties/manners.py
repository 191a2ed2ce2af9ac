"""Tell what is wrong beside the numbers: other inputs, refusals, defaults, manners."""

from __future__ import annotations

import numpy as np

from course.checks.cells.examples import CELL_TYPES, Array
from course.checks.known import features
from course.checks.known.answer import Answer
from course.checks.known.asking import Calls
from course.checks.known.bank import aspect_of
from course.checks.known.features import VARIES, Feature, agrees, is_raised
from course.checks.known.probes import Probe
from course.checks.known.properties.failures import (
    another_form,
    begin,
    explained,
    in_short,
    no_numbers,
)
from course.checks.known.properties.relations import function_of_the_right_one
from course.checks.known.properties.rows import first_row_that_differs, right_rows
from course.checks.known.told import Told, listed

#: Aspects that are told of on their own, where the numbers are right.
_ON_THEIR_OWN = ("equals", "equal", "huge", "clips", "far", "floor", "empty", "single",
                 "zeros", "sharp", "float32", "long", "default")  # fmt: skip


def of_the_rest(answer: Answer, group: str, what: str) -> Told | None:
    """Tell of what is asked beside the numbers."""
    if what in ("keeps", "forgets"):
        probe = f"{group}/{what}/" + ("arguments" if what == "keeps" else "calls")
        return _of_manners(answer, answer.seen[probe])
    if what.startswith("refuses"):
        return _of_refusals(answer, f"{group}/{what}")
    if what == "default" and not group:
        return _of_the_default(answer)
    probes = [probe for probe in answer.probes(group, what) if not answer.is_right(probe)]
    if not probes or what not in _ON_THEIR_OWN:
        return None
    return _of_an_input(answer, what, probes)


_INPUTS = {
    "equals": "Where several logits are largest",
    "equal": "For two equal arrays",
    "huge": "For logits of about 1000",
    "empty": "For no steps (T = 0)",
    "single": "For one step (T = 1)",
    "zeros": "Where rows of target_seq are zeros",
    "sharp": "Where some probabilities are small",
    "float32": "With arrays of float32",
    "long": "For many steps",
    "clips": "Where epsilon would be above 1",
    "far": "At step 1,000,000",
    "default": "With c and eps_min left out",
    "floor": "Where c and eps_min are given, which this schedule does not use,",
}


def _of_an_input(answer: Answer, what: str, probes: list[Probe]) -> Told | None:
    """Tell of one kind of input that alone is wrong."""
    probe = probes[-1]
    seen, right = answer.seen[probe.key], answer.bank.right[probe.key]
    name = probe.key.rpartition("/")[2]
    call = _INPUTS[what] if what != "empty" or name.startswith("no ") else f"For {name}"
    if what == "huge" and "block" in answer.names:
        call = f"For {name}" if name.startswith("scores") else f"Where {name}"
    if is_raised(seen):
        told = explained(seen, answer.calls(probe).given, call)
        return told._replace(name=f"{told.name}_{what}")
    if what == "default":
        return Told(
            "has_other_defaults",
            begin(call, "it gives other numbers than with 0 for both: ")
            + "leave the line with `def` as it was, c=0.0, eps_min=0.0.",
        )
    if seen.kind == "warns":
        return Told(
            "warns_of_an_overflow",
            begin(call, f"{seen.raw}, though the result is right. Keep the exponent small, as by ")
            + "min(step / k, 700), where epsilon is 0 already.",
        )
    shape = right.values.shape if right.values is not None else ()
    told_of = another_form(answer.function_name, seen, right, call)
    told_of = told_of or no_numbers(seen, call, shape)
    if told_of:
        return told_of._replace(name=f"{told_of.name}_{what}")
    if seen.values is None or right.values is None:
        return None
    if seen.values.shape != right.values.shape:
        return Told(
            f"gives_another_shape_{what}",
            begin(call, f"the result has shape {seen.values.shape}, where {right.values.shape} is ")
            + f"asked for: {_SHAPED[right.values.ndim]}.",
        )
    if not np.isfinite(seen.values).all():
        if what == "huge" and _loses_the_lower_row(answer, "/huge/two rows"):
            return Told(
                "takes_one_maximum_for_all_steps",
                "Where one row lies far above another, the upper one comes out right and the lower "
                "one does not: one maximum is subtracted from the whole array, and exp of what "
                "lies far below it is 0: it underflows. Each row needs its own maximum: axis=1, "
                "keepdims=True.",
            )
        return Told(
            "overflows_for_large_numbers",
            begin(call, "the result has nan or inf: exp of a large number overflows, or the ")
            + "logarithm is taken of what was rounded to 0. Subtract each row's largest number "
            "first, and make log-probabilities without the detour over probabilities.",
        )
    if what == "huge":
        cap = float(np.max(seen.values))
        if cap < 0.9 * float(np.max(right.values)) and cap > 1:
            return Told(
                "adds_a_small_number_to_the_probabilities",
                begin(call, f"no number is above {cap:.4g}, which is -log({np.exp(-cap):.1g}): a ")
                + "small number is added to the probabilities, or they are cut off at one, which "
                "caps the divergence; make log-probabilities from the logits instead.",
            )
    pairs = [pair for pair in map(answer.pair, probes) if pair]
    if what == "long":
        told = first_row_that_differs(probe.key.partition("/")[0], pairs, set())
        sentence = begin(call, f"{told.sentence[0].lower()}{told.sentence[1:]}")
        return Told(f"is_wrong_{what}", f"{sentence} The shorter sequences are right.")
    if what == "sharp":
        return Told(
            f"is_wrong_{what}",
            begin(call, f"{_first_wrong(seen.values, right.values)}. Elsewhere it is right: is a ")
            + "term left out or changed where p or q is small, by a condition, a clip, or a small "
            "number that is added? Each token has its term, p * (log p - log q).",
        )
    of_decoder = "decoder_params" in answer.names
    how = function_of_the_right_one(pairs, of_decoder) if pairs[0][1].size > 3 else None
    words = f" {how.sentence}" if how else ""
    if what == "float32":
        apart = float(np.abs(seen.values - right.values).max())
        return Told(
            "loses_float32",
            begin(call, f"the numbers are off by up to {apart:.2g}, and with float64 they are ")
            + f"right: look for a dtype in the function, float16 for instance.{words}",
        )
    return Told(
        f"is_wrong_{what}",
        begin(
            call, f"{_first_wrong(seen.values, right.values)}, and plain calls are right.{words}"
        ),
    )


def _loses_the_lower_row(answer: Answer, key: str) -> bool:
    """Say whether of two rows far apart the upper one alone is right."""
    seen, right = answer.look(key)
    if seen.values is None or right.values is None or seen.values.shape != right.values.shape:
        return False
    upper, lower = right_rows(seen.values, right.values)
    return bool(upper and not lower)


#: What gives the shape that is asked for, by the number of its axes.
_SHAPED = {
    1: "sum along axis=1 of arrays (T, O), and return the sums as they are",
    2: "make the result with np.zeros((T, O)) before the loop, and return it as it is",
}


def _first_wrong(seen: Array, right: Array) -> str:
    """Say where the first number is wrong, what it is, and what it should be."""
    at = tuple(int(i) for i in np.argwhere(~np.isclose(seen, right, 1e-4, 1e-5))[0])
    return f"result{list(at)} is {seen[at]:.4g}, where {right[at]:.4g} is due"


def _of_manners(answer: Answer, seen: Feature) -> Told | None:
    """Tell of arguments that are changed, and of calls that know of each other."""
    if seen.kind.startswith("changed "):
        places = seen.kind.removeprefix("changed ").partition(":")[0]
        names = [answer.names[int(place)] for place in places.split(", ")]
        are = "is not what it was" if len(names) == 1 else "are not what they were"
        return Told(
            "changes_its_arguments",
            f"{listed(names)} {are} after the call: -=, +=, *= and v[...] = ... change the array "
            "that came in, also by another name for it; make a new one, as v = v - 1 does.",
        )
    said = {
        "remembers": ("remembers_the_call_before", "The same call gives another result after a "
                      "call with other numbers: something is kept, in a global name, a default "
                      "value or an attribute; start from the arguments in every call."),
        "never the same": ("gives_another_result_each_time", "Equal calls give different results, "
                           "whatever came before: there is chance in it, or something that grows "
                           "from call to call."),
        VARIES: ("changes_its_later_rows", "The same call gives other rows the second time, but "
                 "for row 0: something is kept from call to call or left to chance, or a row is "
                 "never written (np.empty leaves what was in memory)."),
        "repeats": ("repeats_its_first_result", "Other numbers of the same shape give the result "
                    "of the first call: results are kept by their shape; compute each anew."),
        "overwrites": ("overwrites_its_earlier_result", "A second call changes what the first gave "
                       "back: all results are one array; make a new one in each call."),
    }  # fmt: skip
    return Told(*said[seen.kind]) if seen.kind in said else None


def _of_refusals(answer: Answer, aspect: str) -> Told | None:
    for key, right in answer.bank.right.items():
        seen = answer.seen.get(key)
        if aspect_of(key) != aspect or seen is None or agrees(seen, right, right):
            continue
        what = key.rpartition("/")[2]
        if is_raised(seen) and any(
            is_raised(other) and seen.raw == other.raw
            for key_of, other in answer.seen.items()
            if "/values/" in key_of
        ):
            return None  # it stops so whatever it is called with
        if is_raised(seen):
            kind = seen.kind.removeprefix("raised ")
            at = f", at `{in_short(seen.line)}`" if seen.line else ""
            return Told(
                "raises_another_error",
                f"For {what} it stops with {kind}{at}; it must raise ValueError: check at the "
                "beginning, `if ... not in ...: raise ValueError(...)`.",
            )
        return Told(
            "accepts_what_is_not_allowed",
            f"It accepts {what}; raise ValueError, so that a typo is noticed. "
            "(print tells a reader, and stops nothing.)",
        )
    return None


def _of_the_default(answer: Answer) -> Told | None:
    """Tell which cell is taken where none is named."""
    key = "/default/cell_type"
    seen = answer.seen[key]
    if is_raised(seen) and "positional argument" in str(seen.raw):
        return Told(
            "has_no_default_cell",
            "cell_type has no default in your signature; leave it as it was, cell_type='rnn'.",
        )
    for cell in CELL_TYPES[1:]:
        probe = answer.probes(cell, "values")[0]
        calls = Calls(answer.function, probe, answer.names)
        given = calls.given
        del given["cell_type"]
        found = features.value(answer.function, lambda given=given: tuple(given.values()))  # type: ignore[misc]
        right = answer.bank.right[probe.key]
        if agrees(found, right, right):
            return Told(
                "has_another_default_cell",
                f"Where no cell_type is named yours is '{cell}'; leave the signature as it was, "
                "cell_type='rnn'.",
            )
    if is_raised(seen):
        return explained(seen, {}, "Called without cell_type")
    return None
