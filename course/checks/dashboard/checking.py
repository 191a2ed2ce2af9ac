"""The learner's check: what passes, and of the first that fails what, why, and a picture."""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from dataclasses import replace

from course.checks.cells.deadline import Limited
from course.checks.cells.unwritten import UNFINISHED
from course.checks.cells.works import assert_works
from course.checks.dashboard.calls import failing_call
from course.checks.dashboard.claims import FIRST, Claim, axes_of, begin_with, claims, row_of
from course.checks.dashboard.comparisons import STOPPED, WAITING, named_numbers
from course.checks.dashboard.costs import price_of
from course.checks.dashboard.report import FAILS, HOLDS, WAITS, Failure, Plotted, Report, shown
from course.checks.dashboard.view import show, show_unknown
from course.checks.known.answer import Answer
from course.checks.known.bank import aspect_of, load_bank
from course.checks.known.diagnosis import explain, first_wrong_callee, spared
from course.checks.known.features import Function
from course.checks.known.fingerprint import fingerprint
from course.checks.known.probes import probes_of
from course.checks.known.properties.failures import explained, without_the_stop
from course.checks.known.schedules.tables import ScheduleTable, as_numbers, tables_of
from course.checks.known.told import Finding, go_there_first

#: One that takes longer leaves rows unlooked at: slow is not wrong.
BUDGET_S = 10.0

#: A single call that takes longer is ended: no loop over a few steps does, but one without end.
CALL_S = 20.0


def check(function: Function) -> None:
    """Show which checks your function passes, and what is wrong with the first that fails.

    The exercise is known by the function's name. Nothing is graded and nothing is kept: call it as
    often as you like. Where chance decides, a right function is called wrong less than once in ten
    million calls.

    Parameters
    ----------
    function : callable
        What you wrote.
    """
    name = getattr(function, "__name__", str(function))
    if name not in claims():  # a lambda, an object that can be called: what does the caller say?
        names = sys._getframe(1).f_globals
        name = next((known for known in claims() if names.get(known) is function), name)
    report = examine(function, name)
    if report is None:
        show_unknown(name, tuple(claims()))
    else:
        show(report)


def examine(function: Function, function_name: str) -> Report | None:
    """Return what a check of a function finds; None where it is no exercise's.

    What the function prints is not shown: it would come once a probe.
    """
    bank = load_bank(function_name)
    if bank is None or function_name not in claims():
        return None
    with contextlib.redirect_stdout(io.StringIO()):
        function = limited(function)
        return _report(Answer(function, fingerprint(function, function_name, BUDGET_S), bank))


def go_first(function: Function | None, function_name: str) -> str:
    """Say where to go before a function is mended: to one that it calls and that is wrong.

    ``""`` where it calls none, or is right.
    """
    bank = load_bank(function_name)
    if bank is None or not callable(function):
        return ""
    with contextlib.redirect_stdout(io.StringIO()):
        function = limited(function)
        found = fingerprint(function, function_name, BUDGET_S)
        another = first_wrong_callee(Answer(function, found, bank))
    return go_there_first(function_name, another.function_name) if another else ""


def limited(function: Function) -> Function:
    """Have calls that take too long ended, and none made after one that was."""
    is_new = callable(function) and not isinstance(function, Limited)
    return Limited(function, CALL_S) if is_new else function


def _report(answer: Answer) -> Report:
    function_name = answer.function_name
    claimed = claims()[function_name]
    columns = tuple(dict.fromkeys(c for claim in claimed for c in claim.columns if c))
    if answer.is_unwritten:
        table = tuple((claim.sentence, dict.fromkeys(claim.columns, WAITS)) for claim in claimed)
        picture = _picture(answer, claimed[0], claimed[0].columns[0])
        picture = picture and replace(picture, own=None)
        other = answer.waits_for
        begin = (
            f"write {other} first: checks.check({other}) says where to begin there."
            if other
            else begin_with(function_name)
        )
        return Report(function_name, columns, table, begin, picture=picture, waits_for=other)
    findings = _findings(answer, claimed)
    table = tuple(
        (claim.sentence, {column: _mark(finding) for column, finding in found_in.items()})
        for claim, found_in in findings
    )
    for claim, found_in in findings:
        failed = [column for column, finding in found_in.items() if _mark(finding) == FAILS]
        if failed:
            lead = _leading(answer, found_in, failed)
            failure = _failure(answer, claim, found_in, failed, lead)
            picture = _picture(answer, claim, lead, getattr(found_in[lead], "key", ""))
            return Report(function_name, columns, table, "", failure, picture)
    held = all(set(marks.values()) == {HOLDS} for _, marks in table)
    return Report(function_name, columns, table, cost=price_of(answer) if held else "")


def _findings(answer: Answer, claimed: tuple[Claim, ...]) -> list[tuple[Claim, dict[str, str]]]:
    """Look at each claim in each column; one that waits is not looked at below a failure."""
    findings: list[tuple[Claim, dict[str, str]]] = []
    failed: set[str] = set()
    for claim in claimed:
        found_in = {}
        for column in claim.columns:
            blocked = claim.waits and (column in failed or (not column and bool(failed)))
            found_in[column] = WAITING if blocked else claim.look(answer, column)
            if found_in[column] not in ("", WAITING) and claim.waits:
                failed.add(column)
        findings.append((claim, found_in))
    _wait_where_idle(answer, findings)
    return findings


def _wait_where_idle(answer: Answer, findings: list[tuple[Claim, dict[str, str]]]) -> None:
    """Have claims wait in whose column the function does no work: they hold for zeros too."""
    failed = {column for _, found_in in findings for column in found_in if found_in[column]}
    columns = {aspect_of(key).partition("/")[0] for key in answer.bank.right if "/values/" in key}
    idle = {column for column in columns & failed if _is_idle(answer, column)}
    if idle == columns:
        idle.add("")
    for _, found_in in findings:
        found_in.update(
            (column, WAITING) for column in idle & found_in.keys() if not found_in[column]
        )


def _is_idle(answer: Answer, column: str) -> bool:
    """Say whether the function makes nothing of what the first probe of a column passes."""
    name = answer.function_name
    probe = next(p for p in probes_of(name) if aspect_of(p.key) == f"{column}/values")
    first, *rest = probe.arguments()
    arguments = (first[3] if isinstance(first, tuple) else first, *rest)  # of a curve one step
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert_works(answer.function, *arguments)
    except Exception:
        return True
    return False


def _mark(finding: str) -> str:
    if finding == WAITING:
        return WAITS
    return FAILS if finding else HOLDS


def _leading(answer: Answer, found_in: dict[str, str], failed: list[str]) -> str:
    """Return the column whose call is shown: of schedules' tables the one that is wrong most."""
    tables = tables_of(answer.seen)
    if all(getattr(found_in[column], "key", "").endswith("/values/table") for column in failed):
        return max(failed, key=lambda column: tables[column].wrong.mean())
    return failed[0]


def _failure(
    answer: Answer, claim: Claim, found_in: dict[str, str], failed: list[str], lead: str
) -> Failure:
    finding, hint = found_in[lead], claim.hint
    key = getattr(finding, "key", "")
    told = next(
        (told for told in spared(explain, answer) if _explains(told, claim, lead, key)), None
    )
    cause, first = (told.sentence, told.calls_it) if told else ("", "")
    if finding.startswith(STOPPED) and key in answer.seen:
        cause = cause or _why_it_stopped(answer, key)
        cause = without_the_stop(cause, answer.seen[key])
    elif cause.startswith(finding.rstrip(".")):  # what came is said once
        more = cause.removeprefix(finding.rstrip(".")).lstrip(".;: ")
        cause, hint = "", more or hint
    where = ", ".join(filter(None, failed))
    if not finding.endswith(UNFINISHED):
        finding += failing_call(answer, key)
    if finding.startswith(STOPPED):
        arrays = ", with arrays of these shapes," * (" of shape " in finding)
        hint = f"make that call yourself{arrays or ','} to read the whole traceback"
    elif finding.endswith(UNFINISHED):
        hint = "write this one next; what holds already can stay as it is"
    return Failure(claim.sentence, where, finding, cause, hint, first)


def _why_it_stopped(answer: Answer, key: str) -> str:
    """Say what a stop means that nobody tells of."""
    probe = next(one for one in probes_of(answer.function_name) if one.key == key)
    return explained(answer.seen[key], answer.calls(probe).given, "In that call").sentence


def _explains(told: Finding, claim: Claim, column: str, key: str) -> bool:
    """Say whether what is told is about what a claim found wrong in a column.

    A claim may look at calls of several aspects: then that of the call counts which has shown it.
    """
    if key and aspect_of(key) != f"{column}/{claim.aspect}":
        return aspect_of(key) in told.aspects
    return any(
        aspect == f"{column}/{claim.aspect}" or (not column and aspect.endswith(f"/{claim.aspect}"))
        for aspect in told.aspects
    )


def _picture(answer: Answer, claim: Claim, column: str, key: str = "") -> Plotted | None:
    """Return what to draw for a claim: the call that failed, where its numbers are known.

    Nothing is drawn where no number is seen to differ.
    """
    keys = [
        key
        for key in answer.bank.right
        if aspect_of(key) == f"{column}/values" and (claim.probe in (FIRST, key.split("/")[2]))
    ]
    if claim.aspect != "values" or not keys or not claim.probe:
        return None
    of = f"{answer.function_name}{f', {column}' if column else ''}"
    key = key if aspect_of(key) == f"{column}/values" else keys[0]
    seen, right = answer.look(key)
    if isinstance(seen.raw, ScheduleTable):
        return _curve_of(seen.raw, of, axes_of(answer.function_name))
    target, own = right.values, seen.values
    if target is None:
        return None
    if own is not None and (own.ndim not in (1, 2) or not own.size):
        own = None
    if seen.kind.startswith("tuple") and right.kind == "array":
        own = None  # several values, and not one matrix
    if own is not None and shown(own) == shown(target):
        return None
    axes = axes_of(answer.function_name)
    if axes:
        probes = {probe.key: probe for probe in probes_of(answer.function_name)}
        asked, *rest = probes[key].arguments()  # training steps, or an array with a row a step
        at = asked if isinstance(asked, tuple) else tuple(range(len(asked)))
        given = ", ".join([of, *named_numbers(dict(zip(answer.names[1:], rest, strict=False)))])
        return Plotted(target, own, given, at=at, axes=axes)
    return Plotted(
        target, own, of, ("h", "c") if right.kind == "tuple" else row_of(answer.function_name)
    )


def _curve_of(seen: ScheduleTable, of: str, axes: tuple[str, str] | None) -> Plotted | None:
    """Return the first curve of a table that is not as due."""
    came = as_numbers(seen.came)
    if came is None or not seen.wrong.any() or axes is None:
        return None
    k, c, eps_min = numbers = seen.asked[int(seen.wrong.argmax()), 1:]
    which = (seen.asked[:, 1:] == numbers).all(axis=1)
    if shown(came[which]) == shown(seen.wanted[which]):
        return None
    given = ", ".join([of, *named_numbers({"k": k, "c": c, "eps_min": eps_min})])
    steps = tuple(int(step) for step in seen.asked[which, 0])
    return Plotted(seen.wanted[which], came[which], given, at=steps, axes=axes)
