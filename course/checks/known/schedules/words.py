"""Say in which way a schedule's numbers are not the right ones.

What is wrong is looked for in order: results that are no numbers, calls that stop, a call that
knows of others; then formulas with a slip in them (`slips`, beside this); then what can be said of
any curve: where it begins to be wrong, what has no influence, by which factor it is off.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.checks.cells.asserts import ATOL, RTOL
from course.checks.cells.examples import Array
from course.checks.known.schedules.formulas import RIGHT, RIGHT_WORDS, finished
from course.checks.known.schedules.slips import slip_in_all, slip_in_it
from course.checks.known.schedules.tables import ScheduleTable, as_numbers, differ, differing, same


def finding(seen: ScheduleTable, tables: Sequence[ScheduleTable] = ()) -> str:
    """Say in which way a table is not as due; `tables` are those of all schedules."""
    words = words_of(seen, tables)
    return words if not words or words.startswith("At step") else f"For {seen.schedule!r} {words}"


def words_of(seen: ScheduleTable, tables: Sequence[ScheduleTable] = ()) -> str:
    """Say the same, but for the name of the schedule.

    What explains all schedules that are wrong comes before what explains one: a line that all pass
    through is likelier than a slip in each.
    """
    for say in (_by_chance, _no_numbers, _stopped, _remembered, _not_finite):
        found = say(seen)
        if found:
            return found
    came = as_numbers(seen.came)
    if came is None:
        return ""
    shared = slip_in_all(tables) if any(one is seen for one in tables) else ""
    if shared:
        return shared
    for tell in (_constant, _rounded, slip_in_it, _nearly, _shape, _example):
        found = tell(seen, came)
        if found:
            return found
    return ""


def where(seen: ScheduleTable, n: int) -> str:
    """Name a call by its arguments, those that the schedule looks at."""
    step, k, c, e = seen.asked[n]
    more = f", c = {c:g} and eps_min = {e:g}" if c or e or seen.schedule == "linear" else ""
    return f"at step {step:g} with k = {k:g}{more}"


def _no_numbers(seen: ScheduleTable) -> str:
    kinds = {type(one) for one in seen.came if not isinstance(one, Exception)}
    if any(one is None for one in seen.came):
        n = next(n for n, one in enumerate(seen.came) if one is None)
        return f"it returned nothing (None) {where(seen, n)}: is `return` missing in a branch?"
    for kind in (bool, np.bool_, str, list, tuple, dict, complex):
        if kind in kinds:
            what = {bool: "True or False", np.bool_: "True or False", str: "text"}.get(
                kind, f"a {kind.__name__}"
            )
            return f"the result is {what}, not a number: return the probability itself, a float"
    shaped = [one for one in seen.came if isinstance(one, np.ndarray) and one.ndim]
    if shaped:
        return f"the result is an array of shape {shaped[0].shape}, not a number: return a float"
    if any(isinstance(one, complex | np.complexfloating) for one in seen.came):
        return "the result is a complex number: return a float"
    return ""


def _stopped(seen: ScheduleTable) -> str:
    stops = [n for n, one in enumerate(seen.came) if isinstance(one, Exception)]
    if not stops:
        return ""
    errors = {type(seen.came[n]).__name__ for n in stops}
    n = stops[0]
    how = f"{' or '.join(sorted(errors))}: {seen.came[n]}".rstrip(": ")
    if len(stops) == len(seen.came):
        advice = (
            f"does a branch for {seen.schedule!r} set every name that is used after it?"
            if errors <= {"UnboundLocalError"}
            else f"does your `if` test for the name {seen.schedule!r}, letter for letter, and is "
            "it in one chain with the `else` that raises, if, elif, elif, else?"
            if errors <= {"ValueError", "KeyError", "NotImplementedError"}
            else f"the formula is {RIGHT_WORDS[seen.schedule]}"
        )
        return f"every call stopped with {how}; {advice}"
    cause = " The number leaves the range of a float" if "OverflowError" in errors else ""
    return f"the call {where(seen, n)} stopped with {how}.{cause}"


def _by_chance(seen: ScheduleTable) -> str:
    one, other = as_numbers(seen.came), as_numbers(seen.again)
    if one is None or other is None or not set(one) | set(other) <= {0.0, 1.0}:
        return ""
    return BY_CHANCE if differ(seen.came, seen.again) else ""


#: Said of results that are tossed.
BY_CHANCE = (
    "the result is 0 or 1 by chance, as of a coin: equal calls give different results. Return the "
    "probability itself; the decoder tosses the coin"
)


def _remembered(seen: ScheduleTable) -> str:
    one, other = as_numbers(seen.came), as_numbers(seen.again)
    if one is None or other is None or not differ(seen.came, seen.again):
        return ""
    n = int(np.flatnonzero(~np.isclose(one, other, RTOL, ATOL))[0])
    return differing(seen, one[n], other[n], int(seen.asked[n, 0]), tuple(seen.asked[n, 1:]))


def _not_finite(seen: ScheduleTable) -> str:
    came = as_numbers(seen.came)
    if came is None or np.isfinite(came).all():
        return ""
    n = int(np.flatnonzero(~np.isfinite(came))[0])
    return f"the result is {came[n]} {where(seen, n)}, not a finite number: did something overflow?"


def _constant(seen: ScheduleTable, came: Array) -> str:
    """Say that nothing has an influence; many formulas, clipped, come to that."""
    if np.ptp(came) > ATOL:
        return ""
    name = seen.schedule
    i, k, c, e = seen.asked.T
    with np.errstate(all="ignore"):
        others = [
            repr(other)
            for other, formula in RIGHT.items()
            if other != name and same(came, finished(formula(i, k, c, e)))
        ]
    as_of = f", as the formula of {' or '.join(others)} would give" if others else ""
    clipped = ": your epsilon is 1 or more at every step" if abs(came[0]) < ATOL else ""
    return (
        f"the result is {came[0]:.4g} whatever the step and the numbers are{as_of}"
        f"{clipped}; {_due(name)}"
    )


def _rounded(seen: ScheduleTable, came: Array) -> str:
    """Say that results, or epsilon, were rounded or cut."""
    off = np.abs(came - seen.wanted).max()
    for n in (0, 1, 2, 3):
        if np.abs(came * 10**n - np.round(came * 10**n)).max() < 1e-6 and off < 10**-n:
            if off < 0.5 * 10**-n + 1e-6:
                how = f"rounded to {n} decimal{'s' * (n > 1)}" if n else "rounded to whole numbers"
            else:
                how = f"cut off after {n} decimal{'s' * (n > 1)}" if n else "cut to whole numbers"
            return f"the result is {how}: return the probability as it is, a float"
    return ""


def _shape(seen: ScheduleTable, came: Array) -> str:
    """Say what can be said of any curve."""
    name, wanted, step = seen.schedule, seen.wanted, seen.asked[:, 0]
    wrong = ~np.isclose(came, wanted, RTOL, ATOL)
    k = seen.asked[:, 1]
    whole = k == np.round(k)
    # By 1 nothing is changed that is multiplied or divided by it: that tells nothing of a cut.
    if (
        (whole & (k != 1)).any()
        and wrong.any()
        and not wrong[whole].any()
        and _each_set(seen, ~whole, wrong)
    ):
        return (
            "the result is right where k is a whole number and wrong where it is none: is k cut "
            f"or rounded, by int(), // or round()? {_example(seen, came)}"
        )
    steps = sorted(set(step[wrong]))
    if len(steps) == 1:
        n = int(np.flatnonzero(wrong)[0])
        why = "is there a case of its own for it"
        if steps[0] == step.max():
            why = "is the step, or an exponent, held by min() at a number that is too small"
        return (
            f"all is right but step {steps[0]:g}, where {came[n]:.4g} came in place "
            f"of {wanted[n]:.4g}: {why}?"
        )
    bound = _bound_of(came, wanted)
    if bound:
        return f"{bound}: only epsilon is held, at 0 and 1 and, for 'linear', eps_min"
    still = _stands_still(seen, came)
    if still:
        return f"{still}? {_example(seen, came)}"
    if steps and max(steps) < 20:
        return (
            f"steps up to {max(steps):g} are wrong and all later ones right, where epsilon may be "
            f"0 already: is there a case of its own for the first steps, or another slip that "
            f"shows there? {_example(seen, came)}"
        )
    if steps and min(steps) >= 10:
        return (
            f"all steps are right up to {max(step[step < min(steps)]):g}, and from "
            f"{min(steps):g} on some are wrong: is something cut off there? {_example(seen, came)}"
        )
    floored = seen.asked[:, 3] != 0
    if name == "linear" and wrong.any() and not wrong[~floored].any():
        return (
            "the result is right where eps_min is 0, and wrong where it is another number: eps_min "
            f"is the least that epsilon becomes, {_due(name)}. {_example(seen, came)}"
        )
    idle = [
        word
        for word, place in (("step", 0), ("k", 1), ("c", 2), ("eps_min", 3))
        if _idle(seen, came, place) and not _idle(seen, wanted, place)
    ]
    if idle:
        words = " and ".join(f"`{word}`" for word in idle)
        verb = "has" if len(idle) == 1 else "have"
        return f"{words} {verb} no influence on the result; {_due(name)}. {_example(seen, came)}"
    if name != "linear" and not _idle(seen, came, 2):
        return "`c` or `eps_min` changes the result; both belong to 'linear' alone"
    factor = _factor(came, wanted)
    if factor:
        return f"{factor}; {_due(name)}"
    groups = sorted({tuple(row[1:]) for row in seen.asked[wrong]})
    right = sorted({tuple(row[1:]) for row in seen.asked} - set(groups))
    if right:
        if {row[0] for row in right} == {1.0} and 1.0 not in {row[0] for row in groups}:
            return (
                f"the result is right with k = 1 alone, where it does not matter by "
                f"what k is multiplied or divided: k stands at a wrong place; {_due(name)}. "
                f"{_example(seen, came)}"
            )
        of_k, c, e = groups[0]
        return (
            f"the result is right with some numbers and wrong with k = {of_k:g}, c = "
            f"{c:g} and eps_min = {e:g}. {_example(seen, came)}"
        )
    return ""


def _due(name: str) -> str:
    return f"it is 1 - epsilon with {RIGHT_WORDS[name]}"


def _idle(seen: ScheduleTable, results: Array, place: int) -> bool:
    """Say whether results never differ where one argument does and the others do not."""
    rest = np.delete(seen.asked, place, axis=1)
    for row in np.unique(rest, axis=0):
        group = results[(rest == row).all(axis=1)]
        if len(group) > 1 and np.ptp(group) > ATOL:
            return False
    return True


def _stands_still(seen: ScheduleTable, came: Array) -> str:
    """Say where a curve stays at one number and the right one goes on."""
    stays, stairs, others = [], [], 0
    for numbers in np.unique(seen.asked[:, 1:], axis=0):
        which = (seen.asked[:, 1:] == numbers).all(axis=1)
        step, one, due = seen.asked[which, 0], came[which], seen.wanted[which]
        if same(one, due):
            continue
        flat = (np.abs(np.diff(one)) <= ATOL) & (np.abs(np.diff(due)) > 1e-3)
        known = " and ".join(
            f"{name} = {value:g}"
            for name, value in zip(("k", "c", "eps_min"), numbers, strict=True)
            if seen.schedule == "linear" or name == "k"
        )
        wrong = ~np.isclose(one, due, RTOL, ATOL)
        first = int(np.flatnonzero(wrong)[0])
        if first and wrong[first:].any() and np.ptp(one[first:]) <= ATOL and first < len(one) - 2:
            stays.append(
                f"with {known} it is right up to step {step[first - 1]:g}, and stays at "
                f"{one[-1]:.4g} from step {step[first]:g} on"
            )
        elif _goes_on_after(flat) and np.ptp(one) > ATOL:
            pairs = [f"{step[n]:g} and {step[n + 1]:g}" for n in np.flatnonzero(flat)[:3]]
            stairs.append(f"with {known} it is the same at steps {', at '.join(pairs)}")
        else:
            others += 1
    if stays and not stairs and not others:
        return (
            f"the result stops changing too early: {stays[0]}: is the step or an exponent held by "
            f"min() at a number that is too small, or is there an if for large steps"
        )
    if stairs and not stays and not others:
        return (
            f"the result goes in stairs: {stairs[0]}, where it has to change at every step: is "
            f"something cut to whole numbers, by //, int() or round()"
        )
    return ""


def _each_set(seen: ScheduleTable, among: Array, wrong: Array) -> bool:
    """Say whether something is wrong with each set of numbers, among some of the calls."""
    sets = np.unique(seen.asked[among, 1:], axis=0)
    return all(wrong[(seen.asked[:, 1:] == one).all(axis=1)].any() for one in sets)


def _goes_on_after(flat: Array) -> bool:
    """Say whether a curve stays the same twice and changes later: else it has come to its end."""
    return bool(flat.sum() >= 2 and not flat[np.flatnonzero(flat)[1] :].all())


def _bound_of(came: Array, wanted: Array) -> str:
    """Say at which number results are held that are right otherwise."""
    for edge, at, hold in ((came.max(), "most", np.minimum), (came.min(), "least", np.maximum)):
        if same(came, hold(wanted, edge)):
            return f"the result is right, but at {at} {edge:.4g}"
    if same(came, np.clip(wanted, came.min(), came.max())):
        return f"the result is right, but never below {came.min():.4g} or above {came.max():.4g}"
    return ""


def _nearly(seen: ScheduleTable, came: Array) -> str:
    """Say that results are right to three digits and no further."""
    off = np.abs(came - seen.wanted).max()
    if not ATOL < off < 2e-3 or np.isclose(came, seen.wanted, RTOL, ATOL).mean() > 0.9:
        return ""
    return (
        f"the result is right to three digits, off by up to {off:.1g}, and no further: look for "
        "float16, round() or a number that is added; return a float as it is"
    )


def _factor(came: Array, wanted: Array) -> str:
    some = np.abs(wanted) > 0.01
    if not some.any():
        return ""
    ratio, apart = came[some] / wanted[some], came - wanted
    if np.ptp(ratio) < 1e-3 and same(came, ratio.mean() * wanted):
        return f"the result is {ratio.mean():.4g} times what it has to be, a constant factor"
    if np.ptp(apart) < 1e-4:
        return f"the result is {apart.mean():+.4g} off at every step"
    return ""


def _example(seen: ScheduleTable, came: Array) -> str:
    wanted = seen.wanted
    wrong = np.flatnonzero(~np.isclose(came, wanted, RTOL, ATOL))
    if not len(wrong):
        return ""
    n = int(wrong[min(len(wrong) - 1, 1)])
    return (
        f"{where(seen, n)[0].upper()}{where(seen, n)[1:]} it gave {came[n]:.4g}; "
        f"{RIGHT_WORDS[seen.schedule]} is {1 - wanted[n]:.4g} there, so the result should "
        f"be {wanted[n]:.4g}"
    )
