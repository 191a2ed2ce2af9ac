"""Known ways to get the GRU wrong, each with what a learner should read."""

from course.lessons.misconceptions import Misconception

# Lines of the instructor's solution that more than one mistake changes.
_X_PART = 'a = params["W_xh"] @ x_t + params["b_xh"]'
_H_PART = 'u = params["W_hh"] @ h_prev + params["b_hh"]'
_CANDIDATE = "n = np.tanh(a_n + r * u_n)"
_MIXED = "return (1 - z) * n + z * h_prev"

# Squashing by plain exponentials: right until one of them overflows.
_TANH = "(np.exp({0}) - np.exp(-({0}))) / (np.exp({0}) + np.exp(-({0})))"
_OVERFLOWS = "Your {} is made of np.exp by itself, which overflows where a + u is large: infinity "
_OVERFLOWS += "by infinity is no number. Take {}, which is right for every number."

#: Of a GRU both come to the same.
_EITHER = ("tanh or your sigmoid", "np.tanh, and the sigmoid that is given")

MISCONCEPTIONS = (
    Misconception(
        name="gru_update_gate_swapped",
        function="gru_cell_step",
        sentence="You exchanged z and 1 - z, as some papers write it, or turned the sigmoid of z "
        "round; here z is how much of the old state is kept: (1 - z) * n + z * h_prev.",
        changes={_MIXED: "return z * n + (1 - z) * h_prev"},
        breaks=("gru_keeps_its_state", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_resets_before_the_product",
        function="gru_cell_step",
        sentence="You multiplied r into h_prev before the product with W_hh; here the product and "
        "its bias come first, r * u_n.",
        changes={
            _CANDIDATE: 'W_n, b_n = np.split(params["W_hh"], 3)[2], np.split(params["b_hh"], 3)[2]'
            "\n    n = np.tanh(a_n + W_n @ (r * h_prev) + b_n)"
        },
        breaks=("gru_resets_what_the_candidate_hears", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_leaves_b_hh_outside_the_reset",
        function="gru_cell_step",
        sentence="You added the candidate's b_hh outside of r * (...); it belongs inside: "
        "r * (W @ h_prev + b_hh).",
        changes={
            _CANDIDATE: 'b_n = np.split(params["b_hh"], 3)[2]\n'
            "    n = np.tanh(a_n + r * (u_n - b_n) + b_n)"
        },
        breaks=("gru_resets_what_the_candidate_hears", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_never_resets",
        function="gru_cell_step",
        sentence="Your candidate hears the memory without the reset gate; multiply u_n by r.",
        changes={_CANDIDATE: "n = np.tanh(a_n + u_n)"},
        breaks=("gru_resets_what_the_candidate_hears", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_resets_the_input_too",
        function="gru_cell_step",
        sentence="Your reset gate multiplies the input's part as well; it is for the memory alone, "
        "a_n + r * u_n.",
        changes={_CANDIDATE: "n = np.tanh(r * (a_n + u_n))"},
        breaks=("gru_resets_what_the_candidate_hears", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_resets_the_input_only",
        function="gru_cell_step",
        sentence="Your reset gate multiplies the input's part and not the memory's; "
        "write a_n + r * u_n.",
        changes={_CANDIDATE: "n = np.tanh(r * a_n + u_n)"},
        breaks=("gru_resets_what_the_candidate_hears", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_resets_with_the_update_gate",
        function="gru_cell_step",
        sentence="You used z in the candidate; there it is r, the first block, that multiplies "
        "u_n.",
        changes={_CANDIDATE: "n = np.tanh(a_n + z * u_n)"},
        breaks=("gru_resets_what_the_candidate_hears", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_gate_order_zrn",
        function="gru_cell_step",
        sentence="You cut the gates in the order z, r, n, as Keras and ONNX do, or take one for the "
        "other in the lines that use them; here the blocks are stacked r, z, n.",
        changes={
            "r, z = sigmoid(a_r + u_r), sigmoid(a_z + u_z)": "z, r = sigmoid(a_r + u_r), "
            "sigmoid(a_z + u_z)"
        },
        breaks=("gru_keeps_its_state", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_gate_order_rnz",
        function="gru_cell_step",
        sentence="You took the second block for the candidate and the third for z; the blocks are "
        "stacked r, z, n.",
        changes={
            "a_r, a_z, a_n = np.split(a, 3)": "a_r, a_n, a_z = np.split(a, 3)",
            "u_r, u_z, u_n = np.split(u, 3)": "u_r, u_n, u_z = np.split(u, 3)",
        },
        breaks=("gru_keeps_its_state", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_gates_interleaved",
        function="gru_cell_step",
        sentence="You took every third row for a gate; each gate is a block of H rows on end, "
        "as np.split(v, 3) cuts them.",
        changes={
            "a_r, a_z, a_n = np.split(a, 3)": "a_r, a_z, a_n = a.reshape(-1, 3).T",
            "u_r, u_z, u_n = np.split(u, 3)": "u_r, u_z, u_n = u.reshape(-1, 3).T",
        },
        breaks=("gru_keeps_its_state", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_forgets_b_xh",
        function="gru_cell_step",
        sentence='You did not add b_xh, the bias of the input\'s part; write params["W_xh"] @ x_t + params["b_xh"].',
        changes={_X_PART: 'a = params["W_xh"] @ x_t'},
        breaks=("both_biases_are_added", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_forgets_b_hh",
        function="gru_cell_step",
        sentence='You did not add b_hh, the bias of the memory\'s part; write params["W_hh"] @ h_prev + params["b_hh"].',
        changes={_H_PART: 'u = params["W_hh"] @ h_prev'},
        breaks=("both_biases_are_added", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_ignores_h_prev",
        function="gru_cell_step",
        sentence='Your new state does not hear h_prev through W_hh, so nothing is remembered; add params["W_hh"] @ h_prev to the sum.',
        changes={_H_PART: 'u = params["b_hh"]'},
        breaks=("gru_steps_to_the_right_state",),
    ),
    Misconception(
        name="gru_reshapes_w_xh",
        function="gru_cell_step",
        sentence="You put x_t in front and reshaped W_xh until it fitted, which mixes its rows up; leave it as it is and put it first, W_xh @ x_t.",
        changes={_X_PART: 'a = x_t @ params["W_xh"].reshape(len(x_t), -1) + params["b_xh"]'},
        breaks=("gru_steps_to_the_right_state",),
    ),
    Misconception(
        name="gru_candidate_with_sigmoid",
        function="gru_cell_step",
        sentence="You squashed the candidate n with sigmoid; n is np.tanh, only r and z are "
        "sigmoid.",
        changes={_CANDIDATE: "n = sigmoid(a_n + r * u_n)"},
        breaks=("gru_resets_what_the_candidate_hears", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_candidate_with_relu",
        function="gru_cell_step",
        sentence="You cut the candidate's negative numbers off as a ReLU does; n is np.tanh.",
        changes={_CANDIDATE: "n = np.maximum(a_n + r * u_n, 0)"},
        breaks=("gru_keeps_its_state", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_candidate_without_tanh",
        function="gru_cell_step",
        sentence="Your candidate is the sum itself; squash it, n = np.tanh(a_n + r * u_n).",
        changes={_CANDIDATE: "n = a_n + r * u_n"},
        breaks=("gru_keeps_its_state", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_gates_with_tanh",
        function="gru_cell_step",
        sentence="You squashed r and z with tanh, which can be negative; gates are sigmoid, "
        "only n is tanh.",
        changes={
            "r, z = sigmoid(a_r + u_r), sigmoid(a_z + u_z)": "r, z = np.tanh(a_r + u_r), "
            "np.tanh(a_z + u_z)"
        },
        breaks=("gru_keeps_its_state", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_drops_the_old_state",
        function="gru_cell_step",
        sentence="You left out z * h_prev, so an update gate at 1 wipes the state and does not "
        "keep it; add it to (1 - z) * n.",
        changes={_MIXED: "return (1 - z) * n"},
        breaks=("gru_keeps_its_state", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_returns_the_candidate",
        function="gru_cell_step",
        sentence="You returned the candidate n itself; the update gate still has to mix it with "
        "the old state, (1 - z) * n + z * h_prev.",
        changes={_MIXED: "return n"},
        breaks=("gru_keeps_its_state", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_writes_all_of_the_candidate",
        function="gru_cell_step",
        sentence="You added the candidate in full; the two shares must add up to 1, "
        "so multiply n by 1 - z.",
        changes={_MIXED: "return n + z * h_prev"},
        breaks=("gru_keeps_its_state", "gru_steps_to_the_right_state"),
    ),
    Misconception(
        name="gru_returns_two_states",
        function="gru_cell_step",
        sentence="You returned two states as the LSTM does; a GRU has one, return h alone.",
        changes={_MIXED: "h = (1 - z) * n + z * h_prev\n    return h, h"},
        breaks=("gru_steps_to_the_right_state",),
    ),
    Misconception(
        name="gru_overwrites_h_prev",
        function="gru_cell_step",
        sentence="You changed h_prev in place, as *=, += and h_prev[:] = ... do, but it belongs to "
        "the caller; "
        "return a new array.",
        changes={_MIXED: "h_prev *= z\n    h_prev += (1 - z) * n\n    return h_prev.copy()"},
        breaks=("nothing_is_changed_in_place",),
    ),
    Misconception(
        name="gru_reuses_one_result",
        function="gru_cell_step",
        sentence="All your calls return one and the same array, so a new call overwrites the "
        "results before it; make a new array in each call.",
        changes={
            "def gru_cell_step(x_t, h_prev, params):": "_results = {}\n\n\n"
            "def gru_cell_step(x_t, h_prev, params):",
            _MIXED: "result = _results.setdefault(n.shape, np.empty(n.shape))\n"
            "    result[...] = (1 - z) * n + z * h_prev\n"
            "    return result",
        },
        breaks=("calls_do_not_know_of_each_other",),
    ),
    Misconception(
        name="gru_overflows_in_its_own_tanh",
        function="gru_cell_step",
        sentence=_OVERFLOWS.format(*_EITHER),
        changes={_CANDIDATE: f"n = {_TANH.format('a_n + r * u_n')}"},
        breaks=("gru_keeps_its_state",),
    ),
    Misconception(
        name="gru_overflows_in_its_own_sigmoid",
        function="gru_cell_step",
        sentence=_OVERFLOWS.format(*_EITHER),
        changes={
            _CANDIDATE: f"z = np.exp(a_z + u_z) / (1 + np.exp(a_z + u_z))\n    {_CANDIDATE}",
        },
        breaks=("gru_keeps_its_state",),
    ),
)
