"""Say in words what an exception means, and what a result is that is no array of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from course.checks.cells.unwritten import unfinished
from course.checks.known.features import (
    ON_PURPOSE,
    VARIES,
    VARIES_AT_ONCE,
    Feature,
    is_raised,
)
from course.checks.known.probes import parts_named
from course.checks.known.properties.meanings import MEANINGS, in_place_of_it
from course.checks.known.told import Told, listed
from course.checks.known.undefined import run_it_first


def explained(seen: Feature, given: Mapping[str, Any], call: str) -> Told:
    """Say what an exception means: the call, the learner's line, and the cause.

    Parameters
    ----------
    seen : Feature
        An exception.
    given : mapping
        The arguments by name; empty where they are of no size.
    call : str
        In words, ``"For no steps (T = 0)"``.
    """
    kind, message, sizes = seen.kind.removeprefix("raised "), _message(seen), sizes_of(given)
    if seen.unwritten:
        return Told("is_not_written_yet", begin(call, f"{unfinished(seen.unwritten)}."))
    head = begin(call, _stopped(seen)).rstrip(": ")
    if seen.message == ON_PURPOSE:
        return Told(
            "refuses_what_is_allowed",
            f"{head}. That line of yours refuses arguments that are allowed.",
        )
    elsewhere = run_it_first(message) if kind == "NameError" else None
    if elsewhere:
        return elsewhere
    what = message + _no_token(message, sizes)
    for cls, pattern, name, words in MEANINGS:
        if cls == kind and re.search(pattern, what):
            words = in_place_of_it(given, sizes).get(name, words)
            end = "" if words[-1] == "?" else "."
            return Told(name, f"{head}. That means: {words}{end}{_read(message, sizes, call)}")
    return Told(f"stops_with_{kind}", f"{head}.{_read(message, sizes, call)}")


def _message(seen: Feature) -> str:
    return in_short(str(seen.raw).split(", at `")[0])


def _stopped(seen: Feature) -> str:
    """Say where and how a call stopped."""
    at = f" at your line `{in_short(seen.line)}`" if seen.line else ""
    return f"it stopped{at} with {seen.kind.removeprefix('raised ')}: {_message(seen)}"


def without_the_stop(sentence: str, seen: Feature) -> str:
    """Leave out of a sentence what it says of a stop beside what that means."""
    call, stop, meaning = sentence.partition(f", {_stopped(seen).rstrip(': ')}.")
    if not stop:
        return sentence.replace(f", at `{in_short(seen.line)}`", "")
    meaning = meaning.strip().removeprefix("That means: ")
    return f"{call}: {meaning[0].lower()}{meaning[1:]}" if meaning else ""


def begin(call: str, what: str) -> str:
    """Begin a sentence with a call in words."""
    return f"{call.rstrip(',')}, {what}"


def in_short(text: str, most: int = 200) -> str:
    """Return what a learner's code says in one line, however long it is."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]} ..."


def _no_token(message: str, sizes: Mapping[str, int]) -> str:
    """Say that an index goes beyond the tokens, where it does."""
    found = re.search(r"index (\d+) is out of bounds for axis \d+ with size (\d+)", message)
    beyond = found and int(found[2]) == sizes.get("O") not in (sizes.get("T"), sizes.get("n"))
    return " (is no token)" if beyond else ""


def _read(message: str, sizes: Mapping[str, int], call: str) -> str:
    """Say which sizes the numbers in a message are, and of a product whose they are.

    Where the call is told with its sizes nothing is added: the same number may be one by accident.
    """
    product = re.search(r"core dimension 0.*\(size (\d+) is different from (\d+)\)", message)
    if product and sizes:
        left, right = (
            " or ".join(symbol for symbol, n in sizes.items() if n == int(size) and n > 0)
            for size in (product[2], product[1])
        )
        asked, came = (
            f"{n} ({symbols})" if symbols else n
            for n, symbols in ((product[2], left), (product[1], right))
        )
        return (
            f" In this call the left side asks for {asked} numbers and the right side has {came}."
        )
    if " = " in call:
        return ""
    numbers = {int(n) for n in re.findall(r"(?<![\w.])\d+(?![\w.?])", message)}
    known = [f"{symbol} = {n}" for symbol, n in sizes.items() if n in numbers and n > 0]
    return f" In this call {listed(known)}." if known and len(numbers) < 9 else ""


def sizes_of(given: Mapping[str, Any], outputs: bool = False) -> dict[str, int]:
    """Return the sizes of a call by the lessons' letters; of a cell `outputs` only if asked for."""
    params = given.get("decoder_params", given.get("params"))
    sizes: dict[str, int] = {}
    if isinstance(params, Mapping) and "W_in" in params:
        sizes["d"], sizes["I"] = params["W_in"].shape
        sizes |= {"O": len(params["b_out"]), "T_max": len(params["positions"])}
    elif isinstance(params, Mapping) and "W_xh" in params:
        sizes["I"], sizes["H"] = params["W_xh"].shape[1], params["W_hh"].shape[1]
        sizes["O"] = len(params["b_y"])
        G = len(params["W_hh"]) // sizes["H"]
        if G > 1:
            sizes[f"{G}*H"] = G * sizes["H"]
        if "params" in given and not outputs:
            del sizes["O"]
    # Another lesson may call other things by these names: those of steps are matrices, or tokens.
    axes = {"target_seq": 2, "logits_true": 2, "fed": 2, "logits": 2, "tokens": 1, "x": 2}
    for key in (key for key in axes if key in given and np.ndim(given[key]) == axes[key]):
        sizes["T"] = len(given[key])
        if key.startswith("logits"):
            sizes["O"] = given[key].shape[1]
    if "block" in given:
        sizes["d"] = len(given["block"]["W_o"])
    if "draft" in given:
        sizes["n"] = len(given["draft"])
    if "seq_len" in given:
        sizes["T"] = given["seq_len"]
    return sizes


def no_numbers(seen: Feature, call: str, shape: tuple[int, ...], wanted: str = "") -> Told | None:
    """Say what a result is that is no array of numbers; None where it is one."""
    wanted = wanted or (f"one array of shape {shape}" if shape else "one number")
    if is_raised(seen):
        return None
    if seen.values is not None and getattr(seen.raw, "dtype", np.dtype(float)).kind == "O":
        return Told(
            "returns_an_array_of_objects",
            begin(call, "it returns an array of objects, not of floats: ")
            + "have all rows the same length?",
        )
    if getattr(seen.raw, "dtype", np.dtype(float)).kind == "b":
        return Told(
            "returns_true_or_false",
            begin(call, "it returns True and False: ")
            + "is the array made with dtype=bool, or is it the result of a comparison?",
        )
    if seen.kind == "nothing":
        return Told(
            "returns_nothing",
            "It returned nothing (None): is `return` missing, at the end or in a branch? print "
            "shows a result and does not return it.",
        )
    if seen.kind == "list":
        return Told("returns_a_list", begin(call, _of_a_list(seen, shape, wanted)))
    if seen.kind.startswith("tuple"):
        n = len(seen.raw) if isinstance(seen.raw, tuple) else 2
        how = "1 value, as a comma after it makes one" if n == 1 else f"{n} values"
        return Told(
            "returns_a_tuple", begin(call, f"it returns a tuple of {how}; return {wanted} alone.")
        )
    if seen.kind.startswith("dict"):
        return Told("returns_a_dict", begin(call, f"it returns a dict; return {wanted} alone."))
    if seen.kind == "generator":
        return Told(
            "returns_a_generator",
            begin(call, "it returns a generator, as `yield` or (... for ...) in round brackets ")
            + f"makes one, which holds no numbers yet; return {wanted}.",
        )
    if seen.kind.endswith(" of no numbers"):
        what = "a list" if seen.kind.startswith("list") else "an array"
        return Told(
            "returns_no_numbers",
            begin(call, f"it returns {what} that is not made of numbers, or of rows of different ")
            + f"lengths; return {wanted}.",
        )
    if seen.values is None and seen.kind not in ("varies", "varies from row 0"):
        article = "an" if seen.kind[0] in "aeio" else "a"
        return Told(
            f"returns_{article}_{seen.kind}".replace(" ", "_"),
            begin(call, f"it returns {article} {seen.kind}; return {wanted}."),
        )
    if seen.values is not None and seen.values.size and np.isnan(seen.values).all():
        return Told(
            "gives_no_numbers",
            begin(call, "all numbers are nan (not a number): look for 0 / 0, inf - inf, the ")
            + "logarithm or root of a negative number, or np.empty that is never filled.",
        )
    return None


def another_form(function_name: str, seen: Feature, right: Feature, call: str) -> Told | None:
    """Say that parts are not put together as asked for, where an exercise names its parts."""
    parts = parts_named(function_name)
    steady = (right.kind, "nothing", VARIES, VARIES_AT_ONCE)
    if not parts or right.kind != "array" or seen.kind in steady or is_raised(seen):
        return None
    what = f"what comes back is not put together as asked for: return {listed(parts)}."
    return Told("returns_another_form", begin(call, what))


def _of_a_list(seen: Feature, shape: tuple[int, ...], wanted: str) -> str:
    """Say what a list holds, and what to make of it."""
    values = np.zeros(0) if seen.values is None else seen.values
    if values.shape == shape:
        return f"it returns a list; return {wanted}: np.array(...) makes one of it."
    what = f"it returns a list that holds numbers of shape {values.shape}; return {wanted}."
    if len(shape) == 2 and values.ndim == 1 and (values == values.round()).all():
        what += " They are whole numbers, as indices of tokens are: return the rows of logits."
    return what
