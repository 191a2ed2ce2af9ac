"""Known ways to get the RNN and the LSTM wrong, each with what a learner should read."""

from course.lessons.misconceptions import Misconception

# Lines of the instructor's solutions that more than one mistake changes.
_X_PART = 'a = params["W_xh"] @ x_t + params["b_xh"]'
_H_PART = 'u = params["W_hh"] @ h_prev + params["b_hh"]'
_GATES = "i, f, g, o = np.split(a + u, 4)"
_CELL_STATE = "c = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)"
_SHOWN = "h = sigmoid(o) * np.tanh(c)"

_RIGHT_NUMBERS = {
    "rnn_cell_step": ("rnn_steps_to_the_right_state",),
    "lstm_cell_step": ("lstm_updates_its_cell_state", "lstm_shows_its_hidden_state"),
}


def _without_b_xh(function: str) -> Misconception:
    return Misconception(
        name=f"{function[:-10]}_forgets_b_xh",
        function=function,
        sentence="You did not add b_xh, the bias of the input's part; "
        'write params["W_xh"] @ x_t + params["b_xh"].',
        changes={_X_PART: 'a = params["W_xh"] @ x_t'},
        breaks=("both_biases_are_added", *_RIGHT_NUMBERS[function]),
    )


def _without_b_hh(function: str) -> Misconception:
    return Misconception(
        name=f"{function[:-10]}_forgets_b_hh",
        function=function,
        sentence="You did not add b_hh, the bias of the memory's part; "
        'write params["W_hh"] @ h_prev + params["b_hh"].',
        changes={_H_PART: 'u = params["W_hh"] @ h_prev'},
        breaks=("both_biases_are_added", *_RIGHT_NUMBERS[function]),
    )


def _deaf_to_h(function: str) -> Misconception:
    return Misconception(
        name=f"{function[:-10]}_ignores_h_prev",
        function=function,
        sentence="Your new state does not hear h_prev through W_hh, so nothing is remembered; "
        'add params["W_hh"] @ h_prev to the sum.',
        changes={_H_PART: 'u = params["b_hh"]'},
        breaks=_RIGHT_NUMBERS[function],
    )


def _reshaped(function: str) -> Misconception:
    return Misconception(
        name=f"{function[:-10]}_reshapes_w_xh",
        function=function,
        sentence="You put x_t in front and reshaped W_xh until it fitted, which mixes its rows up; "
        "leave it as it is and put it first, W_xh @ x_t.",
        changes={_X_PART: 'a = x_t @ params["W_xh"].reshape(len(x_t), -1) + params["b_xh"]'},
        breaks=_RIGHT_NUMBERS[function],
    )


RNN = (
    _without_b_xh("rnn_cell_step"),
    _without_b_hh("rnn_cell_step"),
    Misconception(
        name="rnn_forgets_both_biases",
        function="rnn_cell_step",
        sentence="You added neither b_xh nor b_hh; each of the two products has a bias of its own.",
        changes={
            _X_PART: 'a = params["W_xh"] @ x_t',
            _H_PART: 'u = params["W_hh"] @ h_prev',
        },
        breaks=("both_biases_are_added", "rnn_steps_to_the_right_state"),
    ),
    _deaf_to_h("rnn_cell_step"),
    _reshaped("rnn_cell_step"),
    Misconception(
        name="rnn_transposes_w_hh",
        function="rnn_cell_step",
        sentence="You used W_hh transposed, as h_prev @ W_hh does without any error; "
        "write W_hh @ h_prev.",
        changes={_H_PART: 'u = h_prev @ params["W_hh"] + params["b_hh"]'},
        breaks=("rnn_steps_to_the_right_state",),
    ),
    Misconception(
        name="rnn_forgets_the_tanh",
        function="rnn_cell_step",
        sentence="You returned the sum itself, which may grow from step to step; "
        "squash it, np.tanh(a + u).",
        changes={"return np.tanh(a + u)": "return a + u"},
        breaks=("rnn_steps_to_the_right_state",),
    ),
    Misconception(
        name="rnn_uses_relu",
        function="rnn_cell_step",
        sentence="You cut negative numbers off as a ReLU does; this cell squashes with np.tanh.",
        changes={"return np.tanh(a + u)": "return np.maximum(a + u, 0)"},
        breaks=("rnn_steps_to_the_right_state",),
    ),
    Misconception(
        name="rnn_uses_sigmoid",
        function="rnn_cell_step",
        sentence="You squashed the state with sigmoid, which is for gates; use np.tanh, "
        "whose range is -1 to 1.",
        changes={"return np.tanh(a + u)": "return sigmoid(a + u)"},
        breaks=("rnn_steps_to_the_right_state",),
    ),
    Misconception(
        name="rnn_squashes_each_part",
        function="rnn_cell_step",
        sentence="You took the tanh of each part and then the sum; add first, then one tanh "
        "around it all.",
        changes={"return np.tanh(a + u)": "return np.tanh(a) + np.tanh(u)"},
        breaks=("rnn_steps_to_the_right_state",),
    ),
    Misconception(
        name="rnn_squashes_the_input_only",
        function="rnn_cell_step",
        sentence="Your tanh closes before the memory's part is added; put both inside, "
        "np.tanh(a + u).",
        changes={"return np.tanh(a + u)": "return np.tanh(a) + u"},
        breaks=("rnn_steps_to_the_right_state",),
    ),
    Misconception(
        name="rnn_adds_the_old_state",
        function="rnn_cell_step",
        sentence="You added h_prev to the new state; the plain RNN replaces the state, "
        "and h_prev enters through W_hh only.",
        changes={"return np.tanh(a + u)": "return h_prev + np.tanh(a + u)"},
        breaks=("rnn_steps_to_the_right_state",),
    ),
    Misconception(
        name="rnn_multiplies_the_parts",
        function="rnn_cell_step",
        sentence="You multiplied the input's part by the memory's; add them, np.tanh(a + u).",
        changes={"return np.tanh(a + u)": "return np.tanh(a * u)"},
        breaks=("rnn_steps_to_the_right_state",),
    ),
    Misconception(
        name="rnn_returns_a_column",
        function="rnn_cell_step",
        sentence="You returned a column of shape (H, 1); a state is a vector of shape (H,), "
        "so leave out the reshape.",
        changes={"return np.tanh(a + u)": "return np.tanh(a + u).reshape(-1, 1)"},
        breaks=("rnn_takes_any_sizes", "rnn_steps_to_the_right_state"),
    ),
    Misconception(
        name="rnn_overwrites_h_prev",
        function="rnn_cell_step",
        sentence="You wrote the new state into the array h_prev, which belongs to the caller; "
        "return a new array.",
        changes={"return np.tanh(a + u)": "h_prev[...] = np.tanh(a + u)\n    return h_prev.copy()"},
        breaks=("nothing_is_changed_in_place",),
    ),
    Misconception(
        name="rnn_overwrites_its_bias",
        function="rnn_cell_step",
        sentence="You summed up with += in an array of params, so every call changes the weights; "
        "write a = a + b.",
        changes={
            _X_PART: 'a = params["b_xh"]\n    a += params["W_xh"] @ x_t',
        },
        breaks=("nothing_is_changed_in_place",),
    ),
    Misconception(
        name="rnn_reuses_one_result",
        function="rnn_cell_step",
        sentence="All your calls return one and the same array, so a new call overwrites the "
        "results before it; make a new array in each call.",
        changes={
            "def rnn_cell_step(x_t, h_prev, params):": "_results = {}\n\n\n"
            "def rnn_cell_step(x_t, h_prev, params):",
            "return np.tanh(a + u)": "result = _results.setdefault(a.shape, np.empty(a.shape))\n"
            "    result[...] = np.tanh(a + u)\n"
            "    return result",
        },
        breaks=("calls_do_not_know_of_each_other",),
    ),
)


def _lstm_order(name: str, order: str, whose: str) -> Misconception:
    return Misconception(
        name=f"lstm_gate_order_{name}",
        function="lstm_cell_step",
        sentence=f"You cut the gates in the order {order}{whose}, or take one for another in the "
        "lines that use them; here the blocks are stacked i, f, g, o.",
        changes={_GATES: f"{order} = np.split(a + u, 4)"},
        breaks=("lstm_gates_open_and_shut", *_RIGHT_NUMBERS["lstm_cell_step"]),
    )


LSTM = (
    _lstm_order("ifog", "i, f, o, g", ", as many course notes do"),
    _lstm_order("figo", "f, i, g, o", ", with the forget gate first"),
    _lstm_order("igfo", "i, g, f, o", ", with the candidate second"),
    _lstm_order("iofg", "i, o, f, g", ", as ONNX does"),
    _lstm_order("ofgi", "o, f, g, i", ", with input and output gate exchanged"),
    Misconception(
        name="lstm_gates_interleaved",
        function="lstm_cell_step",
        sentence="You took every fourth row for a gate; each gate is a block of H rows on end, "
        "as np.split(v, 4) cuts them.",
        changes={_GATES: "i, f, g, o = (a + u).reshape(-1, 4).T"},
        breaks=("lstm_gates_open_and_shut", *_RIGHT_NUMBERS["lstm_cell_step"]),
    ),
    _without_b_xh("lstm_cell_step"),
    _without_b_hh("lstm_cell_step"),
    _deaf_to_h("lstm_cell_step"),
    _reshaped("lstm_cell_step"),
    Misconception(
        name="lstm_candidate_with_sigmoid",
        function="lstm_cell_step",
        sentence="You squashed the candidate g with sigmoid, so the memory can only rise; "
        "g is np.tanh, the other three are sigmoid.",
        changes={_CELL_STATE: "c = sigmoid(f) * c_prev + sigmoid(i) * sigmoid(g)"},
        breaks=("lstm_updates_its_cell_state", "lstm_gates_open_and_shut"),
    ),
    Misconception(
        name="lstm_gates_with_tanh",
        function="lstm_cell_step",
        sentence="You squashed the gates with tanh, which can be negative; i, f and o are sigmoid, "
        "only g is tanh.",
        changes={
            _CELL_STATE: "c = np.tanh(f) * c_prev + np.tanh(i) * np.tanh(g)",
            _SHOWN: "h = np.tanh(o) * np.tanh(c)",
        },
        breaks=("lstm_gates_open_and_shut", *_RIGHT_NUMBERS["lstm_cell_step"]),
    ),
    Misconception(
        name="lstm_shows_c_without_tanh",
        function="lstm_cell_step",
        sentence="Your c is right, but h is o * c; squash what is shown, h = o * tanh(c).",
        changes={_SHOWN: "h = sigmoid(o) * c"},
        breaks=("lstm_shows_its_hidden_state", "lstm_gates_open_and_shut"),
    ),
    Misconception(
        name="lstm_keeps_the_squashed_c",
        function="lstm_cell_step",
        sentence="You kept tanh(c) as the new cell state; the tanh is for h alone, "
        "c goes on as it is.",
        changes={_SHOWN: "c = np.tanh(c)\n    h = sigmoid(o) * c"},
        breaks=("lstm_updates_its_cell_state", "lstm_gates_open_and_shut"),
    ),
    Misconception(
        name="lstm_shows_the_old_c",
        function="lstm_cell_step",
        sentence="Your h is made from c_prev; it shows the new memory, so use the c you have just "
        "computed.",
        changes={_SHOWN: "h = sigmoid(o) * np.tanh(c_prev)"},
        breaks=("lstm_shows_its_hidden_state", "lstm_gates_open_and_shut"),
    ),
    Misconception(
        name="lstm_forgets_its_output_gate",
        function="lstm_cell_step",
        sentence="Your h is tanh(c) without the output gate, so the cell can never be silent; "
        "multiply by sigmoid(o).",
        changes={_SHOWN: "h = np.tanh(c)"},
        breaks=("lstm_shows_its_hidden_state", "lstm_gates_open_and_shut"),
    ),
    Misconception(
        name="lstm_forgets_its_input_gate",
        function="lstm_cell_step",
        sentence="You wrote all of the candidate into c; multiply it by the input gate, i * g.",
        changes={_CELL_STATE: "c = sigmoid(f) * c_prev + np.tanh(g)"},
        breaks=("lstm_updates_its_cell_state", "lstm_gates_open_and_shut"),
    ),
    Misconception(
        name="lstm_forgets_its_forget_gate",
        function="lstm_cell_step",
        sentence="You kept all of c_prev at every step; multiply it by the forget gate, "
        "f * c_prev.",
        changes={_CELL_STATE: "c = c_prev + sigmoid(i) * np.tanh(g)"},
        breaks=("lstm_updates_its_cell_state", "lstm_gates_open_and_shut"),
    ),
    Misconception(
        name="lstm_ties_forget_to_input",
        function="lstm_cell_step",
        sentence="You took 1 - i for the forget gate; in an LSTM f is a gate of its own, "
        "the second block.",
        changes={_CELL_STATE: "c = (1 - sigmoid(i)) * c_prev + sigmoid(i) * np.tanh(g)"},
        breaks=("lstm_updates_its_cell_state",),
    ),
    Misconception(
        name="lstm_adds_one_to_the_forget_gate",
        function="lstm_cell_step",
        sentence="You added 1 inside the forget gate; that belongs in the bias when weights are "
        "made, the formula is sigmoid(f).",
        changes={_CELL_STATE: "c = sigmoid(f + 1) * c_prev + sigmoid(i) * np.tanh(g)"},
        breaks=("lstm_updates_its_cell_state",),
    ),
    Misconception(
        name="lstm_does_not_carry_c",
        function="lstm_cell_step",
        sentence="Your new c does not contain c_prev, so every step starts with an empty memory; "
        "add f * c_prev.",
        changes={_CELL_STATE: "c = sigmoid(i) * np.tanh(g)"},
        breaks=("the_state_is_carried", "lstm_updates_its_cell_state"),
    ),
    Misconception(
        name="lstm_hands_back_the_old_c",
        function="lstm_cell_step",
        sentence="You returned c_prev where the new c belongs; return h, c.",
        changes={"return h, c": "return h, c_prev"},
        breaks=("lstm_updates_its_cell_state", "lstm_gates_open_and_shut"),
    ),
    Misconception(
        name="lstm_returns_only_h",
        function="lstm_cell_step",
        sentence="You returned h alone, so c is lost before the next step; return both, "
        "return h, c.",
        changes={"return h, c": "return h"},
        breaks=_RIGHT_NUMBERS["lstm_cell_step"],
    ),
    Misconception(
        name="lstm_returns_c_first",
        function="lstm_cell_step",
        sentence="Your two results are right, but in the wrong order; the hidden state comes first, "
        "return h, c.",
        changes={"return h, c": "return c, h"},
        breaks=("lstm_gates_open_and_shut", *_RIGHT_NUMBERS["lstm_cell_step"]),
    ),
    Misconception(
        name="lstm_overwrites_c_prev",
        function="lstm_cell_step",
        sentence="You changed c_prev in place, as *=, += and c_prev[:] = ... do, but it belongs to "
        "the caller; "
        "compute a new c.",
        changes={
            _CELL_STATE: "c_prev *= sigmoid(f)\n"
            "    c_prev += sigmoid(i) * np.tanh(g)\n"
            "    c = c_prev.copy()"
        },
        breaks=("nothing_is_changed_in_place",),
    ),
    Misconception(
        name="lstm_makes_h_in_the_array_of_c",
        function="lstm_cell_step",
        sentence="The cell state that comes back is h once more, so c is lost: return h, c with the "
        "new c, and do not write h into the array of c.",
        changes={_SHOWN: "h = c\n    h[...] = sigmoid(o) * np.tanh(c)"},
        breaks=("lstm_updates_its_cell_state", "lstm_gates_open_and_shut"),
    ),
    Misconception(
        name="lstm_keeps_a_c_of_its_own",
        function="lstm_cell_step",
        sentence="You kept c in a variable outside of the function and ignored c_prev in later "
        "calls, so one sequence leaks into the next; use c_prev and return c.",
        changes={
            "def lstm_cell_step(x_t, h_prev, c_prev, params):": "_kept = {}\n\n\n"
            "def lstm_cell_step(x_t, h_prev, c_prev, params):",
            _CELL_STATE: "c = sigmoid(f) * _kept.get(f.shape, c_prev) + sigmoid(i) * np.tanh(g)\n"
            "    _kept[f.shape] = c.copy()",
        },
        breaks=("calls_do_not_know_of_each_other", "lstm_updates_its_cell_state"),
    ),
)

# Squashing by plain exponentials: right until one of them overflows.
_TANH = "(np.exp({0}) - np.exp(-({0}))) / (np.exp({0}) + np.exp(-({0})))"
_OVERFLOWS = "Your {} is made of np.exp by itself, which overflows where a + u is large: infinity "
_OVERFLOWS += "by infinity is no number. Take {}, which is right for every number."

_OVERFLOWING = (
    Misconception(
        name="rnn_overflows_in_its_own_tanh",
        function="rnn_cell_step",
        sentence=_OVERFLOWS.format("tanh", "np.tanh"),
        changes={"return np.tanh(a + u)": f"return {_TANH.format('a + u')}"},
        breaks=("rnn_takes_any_sizes",),
    ),
    Misconception(
        name="lstm_overflows_in_its_own_tanh",
        function="lstm_cell_step",
        sentence=_OVERFLOWS.format("tanh", "np.tanh"),
        changes={_CELL_STATE: f"c = sigmoid(f) * c_prev + sigmoid(i) * {_TANH.format('g')}"},
        breaks=("lstm_gates_open_and_shut",),
    ),
    Misconception(
        name="lstm_overflows_in_the_tanh_of_c",
        function="lstm_cell_step",
        sentence=_OVERFLOWS.format("tanh of c", "np.tanh"),
        changes={_SHOWN: f"h = sigmoid(o) * {_TANH.format('c')}"},
        breaks=("lstm_gates_open_and_shut",),
    ),
    Misconception(
        name="lstm_overflows_in_its_own_sigmoid",
        function="lstm_cell_step",
        sentence=_OVERFLOWS.format("sigmoid", "the sigmoid that is given"),
        changes={
            _SHOWN: "h = np.exp(o) / (1 + np.exp(o)) * np.tanh(c)",
        },
        breaks=("lstm_gates_open_and_shut",),
    ),
)

MISCONCEPTIONS = RNN + LSTM + _OVERFLOWING
