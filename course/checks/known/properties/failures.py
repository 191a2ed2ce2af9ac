"""Say in words what an exception means, and what a result is that is no array of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from course.checks.cells.unwritten import unfinished
from course.checks.known.features import ON_PURPOSE, Feature, is_raised
from course.checks.known.told import Told, listed

#: Keys of the weights, beside which an unknown one is shown.
_KEYS = "W_xh, W_hh, b_xh, b_hh, W_hy, b_y, x_start"

#: The name of an index beyond the last token.
IS_NO_TOKEN = "takes_an_index_that_is_no_token"

#: What is said of an exception: its class, a pattern of its message, a name, and words.
_MEANINGS: tuple[tuple[str, str, str, str], ...] = (
    ("TimeoutError", "", "never_returns", "a loop does not end: is there a line in it by which its "
     "condition becomes false, such as t += 1 in a while?"),
    ("RecursionError", "", "calls_itself_without_end", "the function calls itself without end"),
    ("ValueError", r"need at least one array", "stacks_rows_that_may_be_none", "rows are stacked "
     "from a list, which fails where the list is empty: make np.zeros((T, O)) before the loop, and "
     "write row t into it"),
    ("ValueError", r"zero-size array to reduction", "takes_the_largest_of_nothing", "the largest "
     "or smallest of no numbers is asked for: ask for that of each row, axis=1 with keepdims=True, "
     "which no rows pass; where one of all is meant, ask only where there are any"),
    ("ValueError", r"unpack", "unpacks_another_number_of_values", "the names on the left are "
     "more or "
     "fewer than the values on the right. lstm_cell_step gives two, h and c, the other cells give "
     "one array; target_seq.shape is (T, I), without a batch; the LSTM has 4 blocks, the GRU 3"),
    ("TypeError", r"unpack", "unpacks_what_is_one_value", "one value is taken apart as if it were "
     "several"),
    ("ValueError", r"inhomogeneous|setting an array element with a sequence", "mixes_shapes",
     "arrays of several shapes are put into one, or an array where one number is meant"),
    ("ValueError", r"could not broadcast input array", "writes_into_another_shape", "what is "
     "written does not have the shape of the place that it is written into"),
    ("ValueError", r"does not have enough dimensions", "takes_a_number_for_a_vector", "one number "
     "stands where a vector is meant: is an index fed, as np.argmax gives it, in place of its "
     "one-hot vector, np.eye(O)[k]? Or is one element of h taken for h, as by state[0] where state "
     "is an array and no tuple?"),
    ("ValueError", r"matmul|dot|not aligned|core dimension", "multiplies_what_does_not_fit", "the "
     "two sides of a matrix product do not fit: a weight matrix stands first, W @ x, and its "
     "columns are as many as x has numbers (W_xh: I, W_hh and W_hy: H)"),
    ("ValueError", r"shapes \((\d+),(?!1\))\d+\) \(\1,\)", "takes_a_matrix_for_a_vector", "a "
     "matrix stands beside a vector. W.dot(x) and W * x give one where x is a single number: is an "
     "index fed, as np.argmax gives it, in place of its one-hot vector? Or is one element of h "
     "taken for h, as by state[0] where state is an array and no tuple? A `*` between a matrix and "
     "a vector gives one as well"),
    ("ValueError", r"broadcast", "combines_what_does_not_fit", "two arrays that are added or "
     "multiplied number by number have different lengths: is each gate cut as a block of H rows, "
     "and do biases and products belong to the same gate?"),
    ("ValueError", r"same number of dimensions", "joins_what_has_other_axes", "arrays with "
     "different numbers of axes are joined: x_start is a vector (I,), target_seq is (T, I), and "
     "x_start[None] is (1, I)"),
    ("ValueError", r"concatenation axis must match", "joins_what_has_other_lengths", "arrays that "
     "are joined differ in length along another axis: are they joined along the right one?"),
    ("ValueError", r"reshape", "reshapes_into_another_size", "a reshape asks for another number of "
     "elements than there are: are there as many rows as steps, and O numbers in each?"),
    ("ValueError", r"equal division", "splits_into_unequal_parts", "an array cannot be cut into "
     "that many equal blocks: the LSTM stacks 4, the GRU 3, the RNN 1"),
    ("ValueError", r"truth value", "asks_an_array_for_yes_or_no", "an array stands where one "
     "yes or no is asked for, in an `if`, `and`, `or`, or a comparison of dicts"),
    ("TypeError", r"tuple indices must be", "asks_a_tuple_for_a_key", "several results come as a "
     "tuple, which has no keys: take them apart first, as by `gradients, d_context = ...`"),
    ("IndexError", r"tuple index out of range", "asks_for_an_axis_that_is_not_there", "a tuple has "
     "fewer elements than that: a vector's shape has one number alone, and no shape[1]"),
    ("IndexError", r"shape mismatch: indexing", "indexes_with_unequal_arrays", "arrays used "
     "together as indices differ in shape: rows and tokens are both (T,), and no one-hot rows"),
    ("ValueError", r"axes|axis", "asks_for_an_axis_that_is_not_there", "an axis is asked for that "
     "the array does not have"),
    ("AxisError", "", "asks_for_an_axis_that_is_not_there", "an axis is asked for that the array "
     "does not have"),
    ("IndexError", r"is no token", IS_NO_TOKEN, "tokens are 0 to O - 1, and this index is none of "
     "them. np.argmax of several rows at once counts through the whole array, and that of another "
     "vector, such as the hidden state, is no token either; take it of the row before alone, "
     "logits[t-1]"),
    ("IndexError", r"out of bounds|out of range", "takes_a_row_that_is_not_there", "an index is "
     "one too large, or there is no row yet: rows are 0 to T - 1, and where T = 0 there is none"),
    ("IndexError", r"too many indices", "takes_too_many_indices", "more indices than the array has "
     "axes: target_seq is (T, I), a row of it and a state have one axis, and there is no batch"),
    ("IndexError", r"valid indices|only integers", "takes_an_index_that_is_no_integer", "an index "
     "must be an integer, and here it is a float or an array"),
    ("KeyError", "", "asks_for_a_key_that_is_not_there", "the dict has no such key; the "
     f"weights are {_KEYS}"),
    ("UnboundLocalError", "", "uses_a_name_before_it_has_a_value", "a name is used before it has a "
     "value: is it set in a loop that takes no step here, though it should, or in one "
     "branch alone? Let the loop take every step, or set it before"),
    ("NameError", "", "uses_a_name_that_is_not_defined", "a name is used that nothing defines "
     "where the function is called; take what it needs from its arguments"),
    ("TypeError", r"NoneType", "works_with_nothing", "something is None here: a function without "
     "`return`, or a method that works in place and gives nothing back"),
    ("TypeError", r"required positional|positional argument|unexpected keyword", "has_other_"
     "arguments", "a function is called with other arguments than it takes: keep the signature as "
     "it was, and give cells x_t, h, (c,) and the weights in that order"),
    ("TypeError", r"'dict' object is not callable", "calls_what_is_no_function", "the weights are "
     "a dict: take one by its key in square brackets, params['W_xh']"),
    ("TypeError", r"not callable", "calls_what_is_no_function", "what is called is no function: "
     "does a variable have the name of a function?"),
    ("TypeError", r"not subscriptable|not iterable|len\(\)|unsized", "takes_apart_a_number", "a "
     "number stands where an array or a list is meant"),
    ("TypeError", r"only (length-1|integer scalar|size-1|0-dimensional)", "takes_an_array_for_a_"
     "number", "an array stands where one number is meant"),
    ("TypeError", r"indices must be|interpreted as an integer|slice", "takes_an_index_that_is_no_"
     "integer", "an index, or a number of steps, must be an integer"),
    ("TypeError", r"tuple|list|dict|str", "computes_with_a_tuple_or_list", "a tuple, list, dict or "
     "text stands where an array is meant: lstm_cell_step gives a tuple (h, c)"),
    ("AttributeError", r"NoneType.*'(random|integers|uniform|choice|binomial|permutation)'",
     "works_with_no_generator", "the generator is None, as it is where none is given: begin with "
     "`if rng is None: rng = np.random.default_rng()`"),
    ("AttributeError", r"NoneType", "works_with_nothing", "something is None here: a function "
     "without `return`?"),
    ("AttributeError", r"'dict' object", "asks_for_what_an_object_does_not_have", "the weights are "
     "a dict: take one by its key in square brackets, params['W_xh']"),
    ("AttributeError", "", "asks_for_what_an_object_does_not_have", "the object is of another kind "
     "than the line takes it for: a list or a tuple in place of an array, or a name misspelt"),
    ("ZeroDivisionError", "", "divides_by_zero", "something is divided by zero"),
    ("OverflowError", "", "overflows", "a number grows too large"),
    ("FloatingPointError", "", "overflows", "a number grows too large, or is none"),
)  # fmt: skip


#: What is said in place of it where there is no cell, and no decoder.
_OF_ARRAYS = {
    "computes_with_a_tuple_or_list": "a tuple, list, dict or text stands where an array is meant: "
    "np.array(...) makes one of a list, and of a tuple take the part that is meant",
    "combines_what_does_not_fit": "two arrays that are added or multiplied number by number have "
    "shapes that do not fit",
    "takes_a_matrix_for_a_vector": "a matrix stands beside a vector",
    "takes_a_number_for_a_vector": "one number stands where a vector is meant",
    "multiplies_what_does_not_fit": "the two sides of a matrix product do not fit",
    "unpacks_another_number_of_values": "the names on the left are more or fewer than the values "
    "on the right",
    "splits_into_unequal_parts": "an array cannot be cut into that many equal parts",
    "joins_what_has_other_axes": "arrays with different numbers of axes are joined",
    "takes_too_many_indices": "more indices than the array has axes",
    "has_other_arguments": "a function is called with other arguments than it takes",
    "asks_for_a_key_that_is_not_there": "the dict has no such key: go through those that it has",
}


#: What is said in place of it of an RNN's way back, and of its training.
_OF_TRAINING = _OF_ARRAYS | {
    "combines_what_does_not_fit": "two arrays that are added or multiplied number by number have "
    "different shapes: a gradient has the shape of its array, so a matrix collects an outer "
    "product, np.outer(d_a, fed[t]), and a bias collects d_a",
    "takes_a_matrix_for_a_vector": "a matrix stands beside a vector: a matrix collects an outer "
    "product, np.outer(d_a, fed[t]), a bias collects d_a, and what goes back through a matrix is "
    "a product by `@`",
    "takes_a_number_for_a_vector": "one number stands where a vector is meant: is a token fed in "
    "place of its one-hot vector, np.eye(O)[token], or one element of a state taken for the state?",
    "multiplies_what_does_not_fit": "the two sides of a matrix product do not fit: on the way back "
    "a matrix is transposed, W.T @ d, and a matrix collects np.outer, no product by `@`",
    "asks_for_a_key_that_is_not_there": f"the dict has no such key; its keys are {_KEYS}",
}


#: What is said in place of it of logits alone.
_OF_LOGITS = _OF_ARRAYS | {
    "combines_what_does_not_fit": "two arrays of different shapes are combined: a maximum or "
    "sum of each row keeps its axis with keepdims=True, so that it fits below the rows",
    "takes_a_matrix_for_a_vector": "an array with a row for each step stands beside one with a "
    "number for each: a maximum or sum of each row keeps its axis with keepdims=True",
    "multiplies_what_does_not_fit": "the two sides of a matrix product do not fit; here each term "
    "is a product number by number, with *",
}


#: What is said in place of it of one step of a cell, where there are no rows and no steps.
_OF_CELLS = {
    "reshapes_into_another_size": "a reshape asks for another number of elements than there are: "
    "the stacked rows are blocks of H, 4 in an LSTM, 3 in a GRU, 1 in an RNN",
    "unpacks_another_number_of_values": "the names on the left are more or fewer than the values "
    "on the right: an LSTM is cut into 4 blocks, a GRU into 3",
    "joins_what_has_other_axes": "arrays with different numbers of axes are joined: x_t is a "
    "vector (I,), and states are vectors (H,)",
    "takes_a_number_for_a_vector": "one number stands where a vector is meant: is one element "
    "taken, as by h_prev[0], or are two vectors multiplied by `@`, which gives one number?",
    "takes_a_matrix_for_a_vector": "a matrix stands beside a vector. A `*` between a matrix and a "
    "vector gives one: a weight matrix stands before `@`",
    "takes_a_row_that_is_not_there": "an index goes beyond the end of the array: states have H "
    "numbers, and the stacked rows are blocks of H, 4 in an LSTM, 3 in a GRU, 1 in an RNN",
    "takes_too_many_indices": "more indices than the array has axes: x_t, states and gates are "
    "vectors, with one axis",
}


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
    what = message + _no_token(message, sizes)
    for cls, pattern, name, words in _MEANINGS:
        if cls == kind and re.search(pattern, what):
            words = _in_place_of_it(given).get(name, words)
            end = "" if words[-1] == "?" else "."
            return Told(name, f"{head}. That means: {words}{end}{_read(message, sizes, call)}")
    return Told(f"stops_with_{kind}", f"{head}.{_read(message, sizes, call)}")


def _in_place_of_it(given: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what is said in other words, by what a function is called with."""
    if not given or "cell_type" in given:
        return {}
    if "h_prev" in given:
        return _OF_CELLS
    if "decoder_params" in given:
        return _OF_TRAINING
    return _OF_LOGITS if any("logits" in name for name in given) else _OF_ARRAYS


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
    beyond = found and int(found[2]) == sizes.get("O") != sizes.get("T")
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
    if isinstance(params, Mapping) and "W_xh" in params:
        sizes["I"], sizes["H"] = params["W_xh"].shape[1], params["W_hh"].shape[1]
        sizes["O"] = len(params["b_y"])
        G = len(params["W_hh"]) // sizes["H"]
        if G > 1:
            sizes[f"{G}*H"] = G * sizes["H"]
        if "params" in given and not outputs:
            del sizes["O"]
    for key in ("target_seq", "logits_true", "fed", "logits", "tokens"):
        if key in given:
            sizes["T"] = len(given[key])
    for key in ("logits_true", "logits"):
        if key in given:
            sizes["O"] = given[key].shape[1]
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


def _of_a_list(seen: Feature, shape: tuple[int, ...], wanted: str) -> str:
    """Say what a list holds, and what to make of it."""
    values = np.zeros(0) if seen.values is None else seen.values
    if values.shape == shape:
        return f"it returns a list; return {wanted}: np.array(...) makes one of it."
    what = f"it returns a list that holds numbers of shape {values.shape}; return {wanted}."
    if len(shape) == 2 and values.ndim == 1 and (values == values.round()).all():
        what += " They are whole numbers, as indices of tokens are: return the rows of logits."
    return what
