"""What an exception means, in the words of what was called: a cell, a decoder, a transformer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Keys of the weights, beside which an unknown one is shown.
_KEYS = "W_xh, W_hh, b_xh, b_hh, W_hy, b_y, x_start"

#: The name of an index beyond the last token.
IS_NO_TOKEN = "takes_an_index_that_is_no_token"

#: What is said of an exception: its class, a pattern of its message, a name, and words.
MEANINGS: tuple[tuple[str, str, str, str], ...] = (
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
     "two sides of a matrix product do not fit: a weight matrix stands first, W @ x, and it "
     "has as many columns as x has numbers (W_xh: I, W_hh and W_hy: H)"),
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
    ("ValueError", r"high <= 0|low >= high", "draws_from_no_numbers", "there is no number to draw: "
     "integers(n) gives one of 0 to n - 1, and needs n of 1 or more"),
    ("ValueError", r"larger sample than population", "draws_more_than_there_are", "more different "
     "ones are drawn than there are"),
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
     "too large, the array is too short for T steps, or there is no row yet: rows are 0 to T - 1, "
     "and where T = 0 there is none"),
    ("IndexError", r"too many indices", "takes_too_many_indices", "more indices than the array has "
     "axes: target_seq is (T, I), a row of it and a state have one axis, and there is no batch"),
    ("IndexError", r"valid indices|only integers", "takes_an_index_that_is_no_integer", "an index "
     "must be an integer, and here it is a float or an array"),
    ("KeyError", "", "asks_for_a_key_that_is_not_there", "the dict has no such key; the "
     f"weights are {_KEYS}"),
    ("UnboundLocalError", "", "uses_a_name_before_it_has_a_value", "a name is used before it has a "
     "value: is it set in a line below, in a loop that takes no step here, though it should, or in "
     "one branch alone? Let the loop take every step, or set it before"),
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
OF_ARRAYS = {
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
OF_TRAINING = OF_ARRAYS | {
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
OF_LOGITS = OF_ARRAYS | {
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

#: What is said in place of it in a transformer, where rows are positions, and nothing is a state.
_OF_TRANSFORMERS = {
    **OF_LOGITS,
    "takes_the_largest_of_nothing": "the largest of no numbers is asked for: where T = 0 a row of "
    "scores is empty too; say what to begin with, max(..., initial=-np.inf), or return early",
    "unpacks_another_number_of_values": "the names on the left are more or fewer than the values "
    "on the right: a cache is a pair (keys, values), and a block's step gives a row and a cache",
    "multiplies_what_does_not_fit": "the two sides of a matrix product do not fit: weights are "
    "stored output x input, so it is x @ W.T for rows, and W @ x_t for one",
    "combines_what_does_not_fit": "two arrays of different shapes are combined: rows inside are "
    "(T, d), of positions the first T are added, the context comes through W_context, and the "
    "maximum or sum of each row, or one coin a row, keeps its axis, (T, 1)",
    "joins_what_has_other_axes": "arrays with different numbers of axes are joined: np.vstack puts "
    "a vector below rows",
    "takes_a_number_for_a_vector": "one number stands where a vector is meant: is an index fed, as "
    "np.argmax gives it, in place of its one-hot vector, np.eye(O)[k]?",
    "takes_too_many_indices": "more indices than the array has axes: there is no batch",
    "asks_for_a_key_that_is_not_there": "the dict has no such key; there are W_in, W_context, "
    "positions, blocks, W_out, b_out and x_start, and in a block W_q, W_k, W_v and W_o",
    "has_other_arguments": "a function is called with other arguments than it takes: keep the "
    "signature as it was; a step takes x_t, cache and block",
    "calls_what_is_no_function": "what is called is no function: a dict is read by its key in "
    "square brackets",
    "asks_for_what_an_object_does_not_have": "the object is of another kind than the line takes it "
    "for: a list, a tuple or a dict in place of an array, or a name misspelt",
}


#: What is said in place of it of stars of paths, which have nodes and arms, and no steps.
_OF_STARS = OF_ARRAYS | {
    "reshapes_into_another_size": "a reshape asks for another number of elements than there are: "
    "beside the centre each arm has length - 1 nodes",
    "takes_a_row_that_is_not_there": "an index goes beyond the end: arms are 0 to arms - 1, and "
    "names 0 to arms * (length - 1), the centre's among them",
    "mixes_shapes": "arrays of several shapes are put into one: each edge is two numbers",
    "draws_from_no_numbers": "there is no number to draw: rng.integers(n) gives one of 0 to n - 1, "
    "and a star may have a single arm",
    "draws_more_than_there_are": "more names are drawn than there are: a star has 1 + arms * "
    "(length - 1) nodes, since the centre is shared",
    "asks_for_what_an_object_does_not_have": "the object is of another kind than the line takes it "
    "for, or a name misspelt: a generator has integers, permutation, choice and shuffle",
}

#: What is said in place of it where tokens were sampled from logits, and a reward is given.
_OF_REWARDS = OF_LOGITS | {
    "combines_what_does_not_fit": "two arrays of different shapes are combined: tokens are (T,), "
    "and a one-hot row for each is np.eye(O)[tokens], (T, O) as logits are; a maximum or sum of "
    "each row keeps its axis with keepdims=True",
    "takes_a_matrix_for_a_vector": "an array with a row for each step stands beside one with a "
    "number for each: np.eye(O)[tokens] makes one-hot rows of tokens",
}


def in_place_of_it(given: Mapping[str, Any], sizes: Mapping[str, int]) -> Mapping[str, str]:
    """Return what is said in other words, by what a function is called with."""
    if not given or "cell_type" in given:
        return {}
    if "d" in sizes:
        return _OF_TRANSFORMERS
    if "h_prev" in given:
        return _OF_CELLS
    if "decoder_params" in given:
        return OF_TRAINING
    if "arms" in given or "reward" in given:
        return _OF_STARS if "arms" in given else _OF_REWARDS
    return OF_LOGITS if any("logits" in name for name in given) else OF_ARRAYS
