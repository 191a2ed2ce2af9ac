"""Tell what a wrong function does where no known mistake fits: from what can be measured of it.

Which argument has no influence, which rows are right, how what came is made of what is right, what
an exception means: each gives a sentence that says which line to look at.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from course.checks import features, influence
from course.checks.bank import Bank, aspect_of
from course.checks.examples import CELL_TYPES, Array
from course.checks.failures import explained, no_numbers, sizes_of
from course.checks.features import VARIES, VARIES_AT_ONCE, Feature, Function, is_raised
from course.checks.influence import Calls
from course.checks.probes import Probe, probes_of
from course.checks.relations import (
    Pair,
    Told,
    equal,
    function_of_the_right_one,
    hidden_states,
    other_shape,
)
from course.checks.spread import agrees

#: The arguments of each exercise, in their order.
ARGUMENTS = {
    "rnn_cell_step": ("x_t", "h_prev", "params"),
    "lstm_cell_step": ("x_t", "h_prev", "c_prev", "params"),
    "gru_cell_step": ("x_t", "h_prev", "params"),
    "decoder_forward_teacher_forcing": (
        "context_vector",
        "target_seq",
        "decoder_params",
        "cell_type",
    ),
    "decoder_forward_scheduled_sampling": (
        "context_vector",
        "target_seq",
        "decoder_params",
        "sampling_prob",
        "cell_type",
    ),
    "decoder_forward_free_running": ("context_vector", "seq_len", "decoder_params", "cell_type"),
    "scheduled_sampling_prob": ("step", "schedule", "k", "c", "eps_min"),
    "divergence_by_step": ("logits_true", "logits_own"),
}

#: Aspects that are told of on their own, where the numbers are right.
_ON_THEIR_OWN = ("equals", "equal", "huge", "clips", "far", "floor", "empty", "float32")


@dataclass(frozen=True)
class Case:
    """A wrong function with all that was seen of it."""

    function: Function
    function_name: str
    seen: dict[str, Feature]
    bank: Bank

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments' names."""
        return ARGUMENTS[self.function_name]

    def probes(self, group: str, aspect: str) -> list[Probe]:
        """Return the probes of an aspect that show one result, and were made."""
        return [
            probe
            for probe in probes_of(self.function_name)
            if aspect_of(probe.key) == f"{group}/{aspect}"
            and probe.key in self.seen
            and self.bank.right[probe.key].kind in ("array", "tuple")
        ]

    def is_right(self, probe: Probe) -> bool:
        """Say whether a probe shows what it should."""
        right = self.bank.right[probe.key]
        return agrees(self.seen[probe.key], right, right)

    def calls(self, probe: Probe) -> Calls:
        """Return the function with the arguments of a probe."""
        return Calls(self.function, probe, self.names)

    def pair(self, probe: Probe) -> Pair | None:
        """Return what came, what is right, and the arguments; None where there are no numbers."""
        seen, right = self.seen[probe.key], self.bank.right[probe.key]
        if seen.values is None or right.values is None or seen.kind not in ("array", "tuple"):
            return None
        given = self.calls(probe).given
        return seen.values, right.values, {**given, **given.get("decoder_params", {})}


def tell(
    function: Function,
    function_name: str,
    seen: dict[str, Feature],
    bank: Bank,
    unexplained: Iterable[str],
    wrong: Iterable[str],
) -> list[tuple[Told, tuple[str, ...]]]:
    """Tell what was measured of a function that is wrong.

    Parameters
    ----------
    function : callable
        The learner's; it is called some dozen times more.
    function_name : str
        Which exercise it answers.
    seen : dict of str to Feature
        What the probes showed.
    bank : Bank
        What is right.
    unexplained : iterable of str
        The aspects that are wrong and that no known mistake explains, ``"lstm/values"``.
    wrong : iterable of str
        All that are wrong.

    Returns
    -------
    list of (Told, tuple of str)
        What is told, and which aspects it is about.
    """
    if function_name not in ARGUMENTS:
        return []
    case = Case(function, function_name, seen, bank)
    told: dict[str, tuple[Told, list[str]]] = {}
    broken = {aspect.partition("/")[0] for aspect in wrong if aspect.endswith("/values")}
    signature = _signature(case) if broken else None
    if signature:
        return [(signature, tuple(unexplained))]
    for aspect in sorted(unexplained, key=_order):
        group, _, what = aspect.rpartition("/")
        if what == "values":
            one = _of_values(case, group, broken)
        elif what == "default" and "rnn" in broken:
            continue  # comes of the values
        elif group in broken and not _stands_alone(case, group, what):
            continue
        else:
            one = _of_the_rest(case, group, what)
        if one:
            # What is the same in several cells is said of the first, with its numbers.
            told.setdefault(one.name, (one, []))[1].append(aspect)
    return [(one, tuple(aspects)) for one, aspects in told.values()]


def _stands_alone(case: Case, group: str, what: str) -> bool:
    """Say whether something is told of, though the numbers are wrong too."""
    if what == "keeps":
        return case.seen[f"{group}/keeps/arguments"].kind.startswith("changed")
    return what == "forgets" and case.seen[f"{group}/forgets/calls"].kind == "overwrites"


def _signature(case: Case) -> Told | None:
    """Tell of arguments that the function takes in another order than it is asked."""
    try:
        parameters = list(inspect.signature(case.function).parameters)
    except (TypeError, ValueError):
        return None
    asked = list(case.names)
    own = [name for name in parameters if name in asked]
    if own != [name for name in asked if name in own]:
        return Told(
            "takes_its_arguments_in_another_order",
            f"Your signature has the arguments in the order {', '.join(parameters)}; it is called "
            f"with {', '.join(asked)}. Leave the line with `def` as it was.",
        )
    return None


def _order(aspect: str) -> tuple[bool, str]:
    return not aspect.endswith("/values"), aspect


def _of_values(case: Case, group: str, broken: set[str]) -> Told | None:
    probes = case.probes(group, "values")
    wrong = [probe for probe in probes if not case.is_right(probe)]
    if not wrong:
        return None
    right = [probe for probe in probes if case.is_right(probe)]
    told = _no_result(case, wrong)
    if told is None:
        told = next(_of_numbers(case, group, wrong, right, broken), None)
    if told and right and (told.name in _OF_SIZES or is_raised(case.seen[wrong[-1].key])):
        told = told._replace(sentence=told.sentence + _sizes_that_work(case, right, wrong))
    return told


#: What may come of a size that is written as a number.
_OF_SIZES = ("returns_another_shape", "differs_from_row_0_on", "has_another_formula")


def _no_result(case: Case, wrong: list[Probe]) -> Told | None:
    """Tell of exceptions, of results that are no numbers, and of those that vary."""
    # The last ones have sizes that all differ, so that those in a message can be read.
    for probe in reversed(wrong):
        seen, right = case.seen[probe.key], case.bank.right[probe.key]
        sizes = sizes_of(case.calls(probe).given)
        call = _call(sizes)
        if is_raised(seen):
            return explained(seen, sizes, call)
        if right.kind == "tuple":
            if seen.kind == "array":
                return Told(
                    "returns_one_state",
                    "One array comes back where two are asked for, return h, c: the new cell state "
                    "is lost else.",
                )
            if seen.kind not in ("tuple", "array") and seen.kind.startswith("tuple"):
                return Told(
                    "returns_states_of_several_shapes",
                    "What comes back is no pair of arrays of one shape (H,): return h, c.",
                )
        shape = right.values.shape if right.values is not None else ()
        if right.kind != "tuple":
            told = no_numbers(seen, call, shape)
            if told:
                return told
        if seen.kind in (VARIES, VARIES_AT_ONCE):
            return _unsteady(seen.kind == VARIES)
    if case.names[0] != "step" and not case.calls(wrong[0]).is_steady():
        return _unsteady(False)
    return None


def _unsteady(from_row_1: bool) -> Told:
    begin = "row 0 is the same each time and later rows are not" if from_row_1 else (
        "two equal calls give different results"
    )  # fmt: skip
    return Told(
        "gives_another_result_each_time",
        f"Nothing may be left to chance here, and {begin}: look for random numbers (a token drawn "
        "by chance, dropout, noise), for np.empty, and for what is kept from call to call.",
    )


def _call(sizes: dict[str, int]) -> str:
    listed = ", ".join(f"{symbol} = {n}" for symbol, n in sizes.items() if "*" not in symbol)
    return f"Called with {listed}" if listed else "Called"


def _sizes_that_work(case: Case, right: list[Probe], wrong: list[Probe]) -> str:
    """Say which sizes a function is right for, where it is for some."""
    works, fails = (sizes_of(case.calls(some[0]).given) for some in (right, wrong))
    if works == fails or not works:
        return ""
    one, other = (", ".join(f"{k} = {n}" for k, n in s.items()) for s in (works, fails))
    return (
        f" It is right for {one}, and wrong for {other}: is a size written as a number, or taken "
        "from an array that has another one?"
    )


def _of_numbers(
    case: Case, group: str, wrong: list[Probe], right: list[Probe], broken: set[str]
) -> Iterator[Told]:
    """Tell of arrays of numbers, what says most first."""
    pairs = [pair for pair in map(case.pair, wrong) if pair]
    if not pairs:
        return
    of_decoder = "decoder_params" in case.names
    if any(seen.shape != good.shape for seen, good, _ in pairs):
        told = other_shape(pairs) or hidden_states(pairs)
        # Where there are most steps, what a number in a shape stands for is plainest.
        yield told or _shapes(max(pairs, key=lambda pair: pair[1].size))
        return
    if pairs[0][1].ndim == 2 and case.bank.right[wrong[0].key].kind == "tuple":
        yield from _of_a_pair(case, wrong, pairs)
        return
    if len(pairs) > 1 or pairs[0][1].size > 3:
        told = function_of_the_right_one(pairs, of_decoder)
        if told:
            yield told
    if case.function_name == "scheduled_sampling_prob":
        return
    calls = case.calls(wrong[-1])
    if of_decoder:
        calls = case.calls(max(wrong, key=lambda probe: len(_right_values(case, probe))))
        yield from influence.growing(calls)
        yield from influence.without_influence(calls, group)
        if "target_seq" in case.names:
            yield from influence.fed_from_the_target(calls)
        yield from influence.first_state(calls)
        if "seq_len" in case.names:
            yield from influence.fed_from_itself(calls)
        yield from influence.unlike_biases(calls, group)
        yield _rows(case, group, pairs, broken)
    elif case.function_name == "divergence_by_step":
        calls = case.calls(wrong[0])
        yield from influence.without_influence(calls, "")
        yield from _zeros_after_a_step(pairs)
        yield from influence.of_two_logits(calls, pairs[0][1])
    else:
        yield from _of_a_cell(case, calls)


def _right_values(case: Case, probe: Probe) -> Array:
    values = case.bank.right[probe.key].values
    return np.zeros(0) if values is None else values


def _shapes(pair: Pair) -> Told:
    seen, right, given = pair
    sizes = sizes_of(given)
    said = [
        f"{n} is {' or '.join(k for k, size in sizes.items() if size == n)}"
        for n in dict.fromkeys(seen.shape)
        if n in sizes.values()
    ]
    meaning = f" ({', '.join(said)})" if said else ""
    wanted = "(T, O)" if right.ndim == 2 else "(T,)" if "logits_true" in given else "(H,)"
    return Told(
        "returns_another_shape",
        f"What came has shape {seen.shape}{meaning}, where {wanted} = {right.shape} is asked for.",
    )


def _of_a_pair(case: Case, wrong: list[Probe], pairs: list[Pair]) -> Iterator[Told]:
    """Tell which of an LSTM's two states is wrong."""
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
            "h is right and the cell state that is returned is not: return the new c as it was "
            "before its tanh, return h, c.",
        )
    yield from _of_a_cell(case, case.calls(wrong[-1]))


def _of_a_cell(case: Case, calls: Calls) -> Iterator[Told]:
    cell = case.function_name.partition("_")[0]
    yield from influence.growing(calls)
    yield from influence.without_influence(calls, cell)
    yield from influence.unlike_biases(calls, cell)
    formulas = {
        "rnn": "np.tanh(W_xh @ x_t + b_xh + W_hh @ h_prev + b_hh)",
        "lstm": "the gates i, f, o by sigmoid, g by tanh, c = f * c_prev + i * g, "
        "h = o * tanh(c)",
        "gru": "r and z by sigmoid, n = tanh(a_n + r * u_n), h = (1 - z) * n + z * h_prev",
    }
    yield Told(
        "has_another_formula",
        "All arguments are used, and the numbers are none of a known slip's: compare each line "
        f"with the formula, {formulas[cell]}; print a gate, and see that it is between 0 and 1.",
    )


def _rows(case: Case, group: str, pairs: list[Pair], broken: set[str]) -> Told:
    """Say from which row on numbers differ, and what that leaves to look at."""
    first = min(int(np.argmax(~_right_rows(seen, right))) for seen, right, _ in pairs)
    alone = ""
    if len(broken) == 1 and group in CELL_TYPES:
        others = " and ".join(f"'{cell}'" for cell in CELL_TYPES if cell != group)
        alone = (
            f" It is so for '{group}' alone, {others} are right: look at its cell, and at the "
            "lines that are run for it alone."
        )
    if first == 0:
        words = (
            "Row 0 differs already, where x_start is fed and the state is the context: look at "
            "the first state, at the formula of the cell, and at the line W_hy @ h + b_y."
        )
    elif first == 1:
        fed = "target_seq[0]" if "target_seq" in case.names else "the one-hot vector of argmax"
        words = (
            "Row 0 is right, so the first state, the cell's formula and W_hy @ h + b_y are, and "
            f"row 1 is the first that differs: look at the line that chooses what step 1 is fed "
            f"({fed}), and at how the state is carried from step 0 to step 1."
        )
        if group == "lstm":
            words += " An LSTM has two, h and c; in step 0 an old c of zeros hides the forget gate."
    elif all(not seen[first:].any() for seen, *_ in pairs):
        words = (
            f"Rows from row {first} on are zeros, which nothing has been written into: a break, a "
            "return or a limit ends the loop early. There is a row for each step."
        )
    else:
        words = (
            f"Rows 0 to {first - 1} are right, and row {first} is the first that differs: look for "
            "what changes with the number of the step, an index, a counter or a limit."
        )
    return Told(f"differs_from_row_{min(first, 2)}_on", words + alone)


def _zeros_after_a_step(pairs: list[Pair]) -> Iterator[Told]:
    """Find right numbers that end at some step, with zeros after it."""
    seen, right, _ = max(pairs, key=lambda pair: pair[1].size)
    n = int(np.argmin(_right_rows(seen, right)))
    if n and not seen[n:].any():
        yield Told(
            "stops_early",
            f"The first {n} of {len(right)} numbers are right, and the rest are zeros: does "
            "`return` or `break` stand inside the loop? Every step has its number.",
        )


def _right_rows(seen: Array, right: Array) -> Array:
    with np.errstate(invalid="ignore"):
        apart = ~np.isclose(seen, right, 1e-4, 1e-5)
    rows: Array = ~apart.reshape(len(seen), -1).any(axis=1)
    return rows


def _of_the_rest(case: Case, group: str, what: str) -> Told | None:
    """Tell of what is asked beside the numbers."""
    if what in ("keeps", "forgets"):
        probe = f"{group}/{what}/" + ("arguments" if what == "keeps" else "calls")
        return _of_manners(case, case.seen[probe])
    if what.startswith("refuses"):
        return _of_refusals(case, f"{group}/{what}")
    if what == "default":
        return _of_the_default(case)
    probes = [probe for probe in case.probes(group, what) if not case.is_right(probe)]
    if not probes or what not in _ON_THEIR_OWN:
        return None
    return _of_an_input(case, what, probes)


_INPUTS = {
    "equals": "Where several logits are largest",
    "equal": "For two equal arrays",
    "huge": "For logits of about 1000",
    "empty": "For no steps (T = 0)",
    "float32": "With arrays of float32",
    "clips": "Where epsilon would be above 1",
    "far": "At step 1,000,000",
    "floor": "Where c and eps_min are given, which this schedule does not use,",
}


def _of_an_input(case: Case, what: str, probes: list[Probe]) -> Told | None:
    """Tell of one kind of input that alone is wrong."""
    probe = probes[-1]
    seen, right = case.seen[probe.key], case.bank.right[probe.key]
    call = _INPUTS[what]
    if is_raised(seen):
        told = explained(seen, sizes_of(case.calls(probe).given), call)
        return told._replace(name=f"{told.name}_{what}")
    shape = right.values.shape if right.values is not None else ()
    told_of = no_numbers(seen, call, shape)
    if told_of:
        return told_of._replace(name=f"{told_of.name}_{what}")
    if seen.values is None or right.values is None:
        return None
    if seen.values.shape != right.values.shape:
        return Told(
            f"gives_another_shape_{what}",
            f"{call} what comes has shape {seen.values.shape}, where {right.values.shape} is asked "
            "for: make the result with np.zeros((T, O)) before the loop.",
        )
    if not np.isfinite(seen.values).all():
        return Told(
            "overflows_for_large_numbers",
            f"{call} nan or inf comes: exp of a large number overflows, or the logarithm is taken "
            "of what was rounded to 0. Subtract each row's largest number first, and make "
            "log-probabilities without the detour over probabilities.",
        )
    if what == "huge":
        cap = float(np.max(seen.values))
        if cap < 0.9 * float(np.max(right.values)) and cap > 1:
            return Told(
                "adds_a_small_number_to_the_probabilities",
                f"{call} no number is above {cap:.4g}, which is -log({np.exp(-cap):.1g}): a small "
                "number is added to the probabilities, or they are cut off at one, which caps the "
                "divergence; make log-probabilities from the logits instead.",
            )
    pairs = [pair for pair in map(case.pair, probes) if pair]
    of_decoder = "decoder_params" in case.names
    how = function_of_the_right_one(pairs, of_decoder) if pairs[0][1].size > 3 else None
    words = f" {how.sentence}" if how else ""
    if what == "float32":
        apart = float(np.abs(seen.values - right.values).max())
        return Told(
            "loses_float32",
            f"{call} the numbers are off by up to {apart:.2g}, and with float64 they are right: "
            f"look for a dtype in the function, float16 for instance.{words}",
        )
    at = tuple(int(i) for i in np.argwhere(~np.isclose(seen.values, right.values, 1e-4, 1e-5))[0])
    return Told(
        f"is_wrong_{what}",
        f"{call} it is wrong, and right else: at {list(at)} {seen.values[at]:.4g} came for "
        f"{right.values[at]:.4g}.{words}",
    )


def _of_manners(case: Case, seen: Feature) -> Told | None:
    """Tell of arguments that are changed, and of calls that know of each other."""
    if seen.kind.startswith("changed "):
        places = seen.kind.removeprefix("changed ").partition(":")[0]
        names = " and ".join(case.names[int(place)] for place in places.split(", "))
        return Told(
            "changes_its_arguments",
            f"{names} is not what it was after the call: write h = ..., never h += ... or "
            "x[...] = ..., on what came in as an argument, nor on a name for the same array.",
        )
    said = {
        "remembers": ("remembers_the_call_before", "The same call gives another result after a "
                      "call with other numbers: something is kept, in a global name, a default "
                      "value or an attribute; start from the arguments in every call."),
        "never the same": ("gives_another_result_each_time", "Equal calls give different results, "
                           "whatever came before: there is chance in it, or something that grows "
                           "from call to call."),
        "repeats": ("repeats_its_first_result", "Other numbers of the same shape give the result "
                    "of the first call: results are kept by their shape; compute each anew."),
        "overwrites": ("overwrites_its_earlier_result", "A second call changes what the first gave "
                       "back: all results are one array; make a new one in each call."),
    }  # fmt: skip
    return Told(*said[seen.kind]) if seen.kind in said else None


def _of_refusals(case: Case, aspect: str) -> Told | None:
    for key, right in case.bank.right.items():
        seen = case.seen.get(key)
        if aspect_of(key) != aspect or seen is None or agrees(seen, right, right):
            continue
        what = key.rpartition("/")[2]
        what = "an unknown cell_type" if "cell_type" in what else what
        if is_raised(seen) and any(
            seen.raw == other.raw for k, other in case.seen.items() if "/values/" in k
        ):
            return None  # it stops so whatever it is called with
        if is_raised(seen):
            kind = seen.kind.removeprefix("raised ")
            at = f", at `{seen.line}`" if seen.line else ""
            return Told(
                "raises_another_error",
                f"For {what} it stops with {kind}{at}; it must raise ValueError: ask at the "
                "beginning, `if ... not in ...: raise ValueError(...)`.",
            )
        return Told(
            "accepts_what_is_not_allowed",
            f"It goes on with {what}; raise ValueError, so that a slip of the pen is noticed. "
            "(print tells a reader, and stops nothing.)",
        )
    return None


def _of_the_default(case: Case) -> Told | None:
    """Tell which cell is taken where none is named."""
    key = "/default/cell_type"
    seen = case.seen[key]
    if is_raised(seen) and "positional argument" in str(seen.raw):
        return Told(
            "has_no_default_cell",
            "cell_type has no default in your signature; leave it as it was, cell_type='rnn'.",
        )
    for cell in CELL_TYPES[1:]:
        probe = case.probes(cell, "values")[0]
        calls = Calls(case.function, probe, case.names)
        given = calls.given
        del given["cell_type"]
        found = features.value(case.function, lambda given=given: tuple(given.values()))  # type: ignore[misc]
        right = case.bank.right[probe.key]
        if agrees(found, right, right):
            return Told(
                "has_another_default_cell",
                f"Where no cell_type is named yours is '{cell}'; leave the signature as it was, "
                "cell_type='rnn'.",
            )
    if is_raised(seen):
        return explained(seen, {}, "Called without cell_type")
    return None
