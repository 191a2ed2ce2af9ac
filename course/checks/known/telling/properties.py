"""Tell what a wrong function does where no known mistake fits: from what can be measured of it.

Which argument has no influence, which rows are right, how what came is made of what is right, what
an exception means: each gives a sentence that says which line to look at.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from course.checks.cells.examples import CELL_TYPES
from course.checks.known.answer import OF_OWN_TOKENS, OWN, Answer
from course.checks.known.asking import Calls
from course.checks.known.clock import Clock
from course.checks.known.features import is_raised
from course.checks.known.probes import Probe, probes_of
from course.checks.known.properties import arguments, targets
from course.checks.known.properties.attentions import of_attentions
from course.checks.known.properties.blocks import blocks_without_influence
from course.checks.known.properties.divergences import of_two_logits
from course.checks.known.properties.finite import growing
from course.checks.known.properties.gates import (
    joins_wrongly,
    loses_the_old_state,
    rows_from_the_cell_state,
    units_that_mix,
    wrong_gates,
)
from course.checks.known.properties.manners import of_the_rest
from course.checks.known.properties.meanings import IS_NO_TOKEN
from course.checks.known.properties.passes import of_passes
from course.checks.known.properties.products import wrong_products
from course.checks.known.properties.relations import (
    function_of_the_right_one,
    nearly,
    of_a_squashed_sum,
)
from course.checks.known.properties.rewards import of_another_factor, of_rewards
from course.checks.known.properties.rows import (
    ends_early,
    first_row_that_differs,
    right_rows,
    rows_of_zeros,
    zeros_after_a_step,
)
from course.checks.known.properties.scales import relation, rows_unlike_each_other
from course.checks.known.properties.shapes import (
    hidden_states,
    logits_of_a_state,
    loses_an_axis,
    other_shape,
)
from course.checks.known.properties.shown import shows_other_states
from course.checks.known.properties.sight import rows_heard, rows_weighed
from course.checks.known.properties.starts import fed_at_step_0, goes_on_from
from course.checks.known.properties.units import first_element_alone, units_that_hear_new_ones
from course.checks.known.telling.pairs import exchanged, of_each
from course.checks.known.telling.parts import has_parts, of_parts, steps_in
from course.checks.known.telling.results import KEPT, no_result, where_it_runs
from course.checks.known.telling.sizes import (
    another_shape,
    right_values,
    sizes_that_work,
)
from course.checks.known.telling.twice import two_slips
from course.checks.known.told import Finding, Pair, Told

#: How much a function is asked further, at most: what is not measured then is not told.
BUDGET_S = 3.0


def of_properties(answer: Answer, told: list[Finding]) -> Iterator[Finding]:
    """Tell what can be measured of a function, called some dozen times more, where it is wrong.

    What the same is said of in several cells is said of the first, with its numbers: it is the one
    that a check shows.
    """
    if not answer.names:
        return
    answer = replace(answer, clock=Clock(BUDGET_S))
    left = answer.left(told)
    if answer.gives_nothing:
        left = {aspect for aspect in left if aspect.endswith("/values")}
    broken = {aspect.partition("/")[0] for aspect in answer.wrong if aspect.endswith("/values")}
    if any(key not in answer.seen for key in answer.bank.right):
        broken.add("not asked")  # so of no cell can be said that it alone is wrong
    signature = _signature(answer) if broken else None
    if signature:
        yield answer.finding(signature, left)
        return
    of_several = has_parts(answer)
    by_name: dict[str, tuple[Told, list[str]]] = {}
    groups = [probe.key.partition("/")[0] for probe in probes_of(answer.function_name)]

    def first(aspect: str) -> tuple[bool, int, str]:
        group, _, what = aspect.rpartition("/")
        return what != "values", groups.index(group), what

    for aspect in sorted(left, key=first):
        group, _, what = aspect.rpartition("/")
        if of_several and not what.startswith(("keeps", "forgets", "refuses")):
            one = None if broken and what != "values" else of_parts(answer, group, what)
        elif what == "values":
            one = _of_values(answer, group, broken)
        elif what == "default" and "rnn" in broken:
            continue  # comes of the values
        elif group in broken and not _stands_alone(answer, group, what):
            continue
        elif what in OF_OWN_TOKENS and f"{group}/{OWN}" in answer.wrong:
            continue  # comes of the own tokens, of which a claim says more
        else:
            one = of_the_rest(answer, group, what)
        if one:
            by_name.setdefault(one.name, (one, []))[1].append(aspect)
    for one, aspects in by_name.values():
        yield answer.finding(one, aspects)


def _stands_alone(answer: Answer, group: str, what: str) -> bool:
    """Say whether something is told of, though the numbers are wrong too."""
    if what == "keeps":
        return answer.seen[f"{group}/keeps/arguments"].kind.startswith("changed")
    return what == "forgets" and answer.seen[f"{group}/forgets/calls"].kind == "overwrites"


def _signature(answer: Answer) -> Told | None:
    """Tell of arguments that the function takes in another order than it is asked."""
    try:
        parameters = list(inspect.signature(answer.function).parameters)
    except (TypeError, ValueError):
        return None
    asked = list(answer.names)
    own = [name for name in parameters if name in asked]
    if own != [name for name in asked if name in own]:
        return Told(
            "takes_its_arguments_in_another_order",
            f"Your signature has the arguments in the order {', '.join(parameters)}; it is called "
            f"with {', '.join(asked)}. Leave the line with `def` as it was.",
        )
    return None


def _of_values(answer: Answer, group: str, broken: set[str]) -> Told | None:
    probes = answer.probes(group, "values")
    wrong = [probe for probe in probes if not answer.is_right(probe)]
    if not wrong:
        return None
    right = [probe for probe in probes if answer.is_right(probe)]
    stops = [probe for probe in wrong if is_raised(answer.seen[probe.key])]
    runs = [probe for probe in wrong if probe not in stops]
    if wrong[0] in runs:
        told = where_it_runs(answer, runs, stops, group, broken)
        # What is told belongs to what a learner mends first.
        wrong = wrong if told else runs
    else:
        told = no_result(answer, wrong, group, broken)
    if told is None:
        shared = {one for one in broken if not _is_right_where_wrong(answer, one, wrong[0])}
        told = next(_of_numbers(answer, group, wrong, right, shared), None)
    of_sizes = told and (told.name in _OF_SIZES or (stops and told.name not in _NOT_OF_SIZES))
    if told and right and of_sizes:
        told = told._replace(sentence=told.sentence + sizes_that_work(answer, right, wrong))
    return told


def _is_right_where_wrong(answer: Answer, group: str, wrong: Probe) -> bool:
    """Say whether another group has the right numbers in the call that is wrong in one."""
    call = wrong.key.partition("/")[2]
    return any(
        probe.key == f"{group}/{call}" and answer.is_right(probe)
        for probe in answer.probes(group, "values")
    )


#: Said beside what is wrong with later steps, where row 0 is wrong too.
_OF_ROW_0 = (
    " Row 0 is wrong for another reason: it is made of x_start and context_vector as they are, "
    "W_hy @ h + b_y of the state after one step."
)

#: What stops for another reason than a size.
_NOT_OF_SIZES = (KEPT, IS_NO_TOKEN, "refuses_what_is_allowed", "is_not_written_yet")

#: What may come of a size that is written as a number.
_OF_SIZES = ("returns_another_shape", "differs_from_row_0_on", "joins_its_parts_wrongly")


#: Arguments of decoders, cells and divergences, whose results can be spoken of by their axes.
_WORDS_FOR = {"decoder_params", "h_prev", "logits_true"}


def _of_numbers(
    answer: Answer, group: str, wrong: list[Probe], right: list[Probe], broken: set[str]
) -> Iterator[Told]:
    """Tell of arrays of numbers, what says most first."""
    pairs = [pair for pair in map(answer.pair, wrong) if pair]
    if not pairs:
        return
    if answer.names[0] != "step" and not _WORDS_FOR.intersection(answer.names):
        every = [pair for pair in map(answer.pair, [*wrong, *right]) if pair]
        yield from _of_any_function(answer, wrong, pairs, every)
        return
    of_decoder, of_cell = "decoder_params" in answer.names, "h_prev" in answer.names
    if any(seen.shape != good.shape for seen, good, _ in pairs):
        if answer.bank.right[wrong[0].key].kind == "tuple":
            pairs = [(np.asarray(seen[0]), right[0], given) for seen, right, given in pairs]
        of_steps = of_decoder or "logits_true" in answer.names
        told = (other_shape(pairs) or hidden_states(pairs)) if of_steps else None
        told = logits_of_a_state(pairs) if of_cell else told
        yield told or loses_an_axis(pairs) or another_shape(pairs)
        return
    if pairs[0][1].ndim == 2 and answer.bank.right[wrong[0].key].kind == "tuple":
        yield from exchanged(answer, max(wrong, key=lambda one: right_values(answer, one).size))
        yield from blocks_without_influence(_clearest(answer, wrong), _cell_of(answer))
        yield from of_each(pairs)
        yield from _of_a_cell(answer, wrong)
        return
    if "logits_true" in answer.names:
        yield from zeros_after_a_step(pairs)
    else:
        yield from ends_early(pairs, "step" if answer.names[0] == "context_vector" else "unit")
    yield from two_slips(answer, group)
    if of_cell:
        yield from units_that_hear_new_ones(pairs, _cell_of(answer))
        yield from first_element_alone(pairs)
    if len(pairs) > 1 or pairs[0][1].size > 3:
        told = function_of_the_right_one(pairs, of_decoder)
        if told and of_cell:
            told = of_a_squashed_sum(told) if _cell_of(answer) == "rnn" else told
            # Of a state there are units, and no steps.
            words = told.sentence.replace("row t belongs to step t", "leave their order as it is")
            told = told._replace(sentence=words.replace("step", "unit"))
        if told:
            yield told
    if answer.names[0] == "step":
        return
    if of_decoder:
        yield from rows_of_zeros([pair for pair in pairs if len(pair[1]) > 1])
        calls = answer.calls(max(wrong, key=lambda probe: len(right_values(answer, probe))))
        may_feed_its_own = "target_seq" in answer.names and not calls.runs_free
        starts_right = right_rows(*pairs[-1][:2])[0]
        if not starts_right:
            yield from rows_from_the_cell_state(calls, group)
            yield from wrong_products(calls, group, right_values(answer, calls.probe))
        yield from growing(calls)
        yield from fed_at_step_0(calls, group)
        yield from goes_on_from(calls, group)
        yield from shows_other_states(calls, group)
        yield from arguments.runs_another_cell(calls, group)
        if may_feed_its_own and starts_right:
            yield from targets.feeds_its_own(calls, group)
        yield from arguments.without_influence(calls, group)
        if "target_seq" in answer.names:
            yield from arguments.fed_from_the_target(calls)
            yield from targets.fed_in_place_of_the_target(calls, group)
        yield from arguments.first_state(calls)
        if may_feed_its_own and not starts_right:
            yield from targets.feeds_its_own(calls, group)
        if "seq_len" in answer.names:
            for told in targets.chosen_tokens(calls, group):
                yield told if starts_right else told._replace(sentence=told.sentence + _OF_ROW_0)
            yield from arguments.fed_from_itself(calls)
        yield from arguments.unlike_biases(calls, group)
        if not starts_right and not broken >= set(CELL_TYPES):
            yield from units_that_mix(calls, group)
            yield from loses_the_old_state(calls, group)
            yield from wrong_gates(calls, group)
        yield first_row_that_differs(group, pairs, broken, calls.runs_free)
    elif "logits_true" in answer.names:
        calls = answer.calls(wrong[0])
        yield from arguments.without_influence(calls, "")
        yield from of_two_logits(calls, pairs[0][1])
    else:
        yield from _of_a_cell(answer, wrong)


def _of_any_function(
    answer: Answer, wrong: list[Probe], pairs: list[Pair], every: list[Pair]
) -> Iterator[Told]:
    """Tell what needs no word for what an axis of the result is: of steps, units, or tokens.

    Another formula has to give what came in every call, the right ones among them.
    """
    for seen, right, _ in pairs:
        if seen.shape != right.shape:
            yield Told(
                "returns_another_shape",
                f"The result has shape {seen.shape}, where {right.shape} is asked for.",
            )
            return
    few_digits = nearly(pairs)
    if few_digits:
        yield few_digits
    if "reward" in answer.names:
        yield from of_rewards(every)
    of_logits = {"seq_len", "target_seq"} & set(answer.names)
    if of_logits and "params" in answer.names and "sampling_prob" not in answer.names:
        yield from of_passes(every)
    of_attention = answer.names[:2] == ("x", "block")
    if of_attention:
        yield from of_attentions(
            [(seen, given["x"], (given["x"][:0],) * 2, given["block"]) for seen, _, given in every]
        )
    if pairs[0][1].ndim == 2:
        yield from ends_early(pairs, "step")
    scaled = relation([(seen, right, steps_in(given)) for seen, right, given in pairs])
    if scaled:
        yield Told("gives_parts_that_are_scaled", f"What came is {scaled}.")
    if "reward" in answer.names:
        yield from of_another_factor(pairs)
    of_rows = rows_unlike_each_other(pairs)
    if of_rows:
        yield of_rows
    yield from arguments.without_influence(_clearest(answer, wrong), "")
    if of_attention:
        yield from rows_heard(_clearest(answer, wrong))
        yield from rows_weighed(_clearest(answer, wrong))


def _cell_of(answer: Answer) -> str:
    return answer.function_name.partition("_")[0]


def _clearest(answer: Answer, wrong: list[Probe]) -> Calls:
    """Return the calls of most numbers: of one unit, or row, much is the same, or has no say."""
    return answer.calls(max(wrong, key=lambda probe: right_values(answer, probe).size))


def _of_a_cell(answer: Answer, wrong: list[Probe]) -> Iterator[Told]:
    cell, calls = _cell_of(answer), _clearest(answer, wrong)
    yield from growing(calls)
    yield from arguments.without_influence(calls, cell)
    yield from arguments.unlike_biases(calls, cell)
    yield from units_that_mix(calls, cell)
    yield from wrong_products(calls, cell, right_values(answer, calls.probe))
    yield from loses_the_old_state(calls, cell)
    yield from wrong_gates(calls, cell)
    yield joins_wrongly(cell)
