"""Wrong gradients of single weights in lesson 5: which product, from which step, summed or not."""

from course.lessons.misconceptions import Misconception

_STEPS = "for t in reversed(range(len(fed))):"
_ERROR = "d_h = d_h + W_hy.T @ d_logits[t]"
_ZEROS = "gradients = {key: np.zeros(np.shape(array)) for key, array in decoder_params.items()}"
_OUT = 'gradients["W_hy"] += np.outer(d_logits[t], h[t + 1])'
_OUT_BIAS = 'gradients["b_y"] += d_logits[t]'
_IN = 'gradients["W_xh"] += np.outer(d_a, fed[t])'
_HIDDEN = 'gradients["W_hh"] += np.outer(d_a, h[t])'
_B_XH = 'gradients["b_xh"] += d_a'
_B_HH = 'gradients["b_hh"] += d_a'
_X_START = 'gradients["x_start"] = W_xh.T @ d_a'
_RETURN = "return gradients, d_h"


def _back(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "rnn_decoder_backward", sentence, changes, breaks)


_PRODUCTS = (
    _back(
        "multiplies_by_the_new_state",
        "Your gradient of W_hh has the state that the step made; W_hh read the one before it, "
        "np.outer(d_a, h[t]).",
        {_HIDDEN: _HIDDEN.replace("h[t]", "h[t + 1]")},
        "goes_back_through_time",
    ),
    _back(
        "turns_W_hh_around",
        "Your gradient of W_hh is transposed; rows are what comes out, np.outer(d_a, h[t]).",
        {_HIDDEN: 'gradients["W_hh"] += np.outer(h[t], d_a)'},
        "goes_back_through_time",
    ),
    _back(
        "reads_the_state_before_for_the_logits",
        "Your gradient of W_hy has the state before the step; the logits were made from the state "
        "that the step made, h[t+1].",
        {_OUT: _OUT.replace("h[t + 1]", "h[t]")},
        "output_weights_learn",
    ),
    _back(
        "turns_W_hy_around",
        "Your gradient of W_hy is transposed, (H, O); rows are what comes out, "
        "np.outer(d_logits[t], h[t+1]).",
        {_RETURN: 'gradients["W_hy"] = gradients["W_hy"].T\n    return gradients, d_h'},
        "output_weights_learn",
    ),
    _back(
        "turns_W_xh_around",
        "Your gradient of W_xh is transposed, (I, H); rows are what comes out, "
        "np.outer(d_a, fed[t]).",
        {_RETURN: 'gradients["W_xh"] = gradients["W_xh"].T\n    return gradients, d_h'},
        "goes_back_through_time",
    ),
    _back(
        "forgets_to_transpose_W_hy",
        "You multiply by W_hy on the way back; from logits to states it is transposed, "
        "W_hy.T @ d_logits[t].",
        {_ERROR: "d_h = d_h + W_hy @ d_logits[t]"},
        "output_weights_learn",
    ),
    _back(
        "forgets_to_transpose_W_xh",
        "You multiply by W_xh on the way back to x_start; backwards it is transposed, "
        "W_xh.T @ d_a.",
        {_X_START: 'gradients["x_start"] = W_xh @ d_a'},
        "output_weights_learn",
    ),
    _back(
        "shifts_the_inputs_once_more",
        "Your gradient of W_xh has the input of the step before; `fed` is shifted already, row t is "
        "what step t was fed.",
        {
            _IN: 'gradients["W_xh"] += np.outer(d_a, fed[t - 1] if t > 0 else decoder_params["x_start"])'
        },
        "goes_back_through_time",
    ),
    _back(
        "uses_the_error_above_the_tanh_for_W_hh",
        "Your gradient of W_hh has the error above the tanh, d_h; W_hh is below it, so use d_a.",
        {_HIDDEN: 'gradients["W_hh"] += np.outer(d_h, h[t])'},
        "goes_back_through_time",
    ),
    _back(
        "uses_the_error_above_the_tanh_for_W_xh",
        "Your gradient of W_xh has the error above the tanh, d_h; W_xh is below it, so use d_a.",
        {_IN: 'gradients["W_xh"] += np.outer(d_h, fed[t])'},
        "goes_back_through_time",
    ),
    _back(
        "feeds_x_start_to_every_step",
        "Your gradient of W_xh has x_start at every step; row t of `fed` is what step t was fed.",
        {_IN: 'gradients["W_xh"] += np.outer(d_a, decoder_params["x_start"])'},
        "goes_back_through_time",
    ),
    _back(
        "uses_the_error_above_the_tanh_for_the_biases",
        "Your gradients of b_xh and b_hh have the error above the tanh, d_h; the biases are below "
        "it, so add d_a.",
        {_B_XH: 'gradients["b_xh"] += d_h', _B_HH: 'gradients["b_hh"] += d_h'},
        "goes_back_through_time",
    ),
)

_X_STARTS = (
    _back(
        "takes_x_start_from_the_last_step",
        "Your gradient of x_start comes from the last step; x_start is fed at step 0, so take it "
        "there.",
        {_X_START: f"if t == len(fed) - 1:\n            {_X_START}"},
        "first_input_and_context",
    ),
    _back(
        "adds_x_start_over_all_steps",
        "Your gradient of x_start is a sum over all steps; x_start is fed at step 0 alone.",
        {_X_START: 'gradients["x_start"] += W_xh.T @ d_a'},
        "first_input_and_context",
    ),
    _back(
        "forgets_x_start",
        "Your gradient of x_start stays zero; x_start is trained too, W_xh.T @ d_a of step 0.",
        {_X_START: "pass"},
        "first_input_and_context",
    ),
    _back(
        "gives_a_gradient_for_every_input",
        "Your gradient of x_start has a row for each step, (T, I); return that of step 0 alone, "
        "shape (I,).",
        {
            _STEPS: f"rows = np.zeros(np.shape(fed))\n    {_STEPS}",
            _X_START: 'gradients["x_start"] = rows\n        rows[t] = W_xh.T @ d_a',
        },
        "first_input_and_context",
    ),
    _back(
        "leaves_the_first_input_out",
        "Your gradient of W_xh leaves step 0 out; x_start goes through W_xh like any other input.",
        {_IN: 'gradients["W_xh"] += np.outer(d_a, fed[t]) * (t > 0)'},
        "goes_back_through_time",
    ),
    _back(
        "takes_the_last_state_for_the_context",
        "Your gradient of W_hh takes states[t-1] from a list without the context, which at step 0 is "
        "the last state; put the context first in the list.",
        {_HIDDEN: 'gradients["W_hh"] += np.outer(d_a, h[t] if t > 0 else h[-1])'},
        "goes_back_through_time",
    ),
)

_SUMS = (
    _back(
        "overwrites_W_hy",
        "You overwrite the gradient of W_hy at each step; add to it, `+=`.",
        {_OUT: _OUT.replace("+=", "=")},
        "output_weights_learn",
    ),
    _back(
        "overwrites_W_xh",
        "You overwrite the gradient of W_xh at each step; add to it, `+=`.",
        {_IN: _IN.replace("+=", "=")},
        "goes_back_through_time",
    ),
    _back(
        "overwrites_W_hh",
        "You overwrite the gradient of W_hh at each step; add to it, `+=`.",
        {_HIDDEN: _HIDDEN.replace("+=", "=")},
        "goes_back_through_time",
    ),
    _back(
        "overwrites_everything",
        "You overwrite all gradients at each step, so that step 0 alone is left; every step used "
        "the same weights, so add, `+=`.",
        {one: one.replace("+=", "=") for one in (_OUT, _OUT_BIAS, _IN, _HIDDEN, _B_XH, _B_HH)},
        "output_weights_learn",
    ),
    _back(
        "averages_the_logits_gradient_again",
        "All your gradients, d_context too, are divided by T once more; the mean is in d_logits "
        "already, so add up over the steps.",
        {_STEPS: f"d_logits = d_logits / max(len(fed), 1)\n    {_STEPS}"},
        "output_weights_learn",
    ),
    _back(
        "forgets_b_hh",
        "Your gradient of b_hh stays zero; both biases are added in the cell, so both get d_a.",
        {_B_HH: "pass"},
        "goes_back_through_time",
    ),
    _back(
        "halves_the_biases",
        "You share d_a between b_xh and b_hh; each is added whole, so each gets all of d_a.",
        {_B_XH: 'gradients["b_xh"] += d_a / 2', _B_HH: 'gradients["b_hh"] += d_a / 2'},
        "goes_back_through_time",
    ),
    _back(
        "forgets_b_y",
        "Your gradient of b_y stays zero; it is the sum of the rows of d_logits.",
        {_OUT_BIAS: "pass"},
        "output_weights_learn",
    ),
    _back(
        "adds_the_bias_up_to_one_number",
        "You add one and the same number to all of b_xh and b_hh, the sum of d_a; each unit has its "
        "own bias, so add the vector d_a.",
        {_B_XH: 'gradients["b_xh"] += d_a.sum()', _B_HH: 'gradients["b_hh"] += d_a.sum()'},
        "goes_back_through_time",
    ),
    _back(
        "starts_from_the_weights",
        "You add the gradients to copies of the weights; begin with zeros, `np.zeros(shape)`.",
        {_ZEROS: _ZEROS.replace("np.zeros(np.shape(array))", "np.array(array, dtype=float)")},
        "output_weights_learn",
    ),
    _back(
        "adds_to_the_weights_themselves",
        "You add the gradients to the arrays of decoder_params; make new ones, "
        "`np.zeros(shape)` for each key.",
        {_ZEROS: "gradients = dict(decoder_params)"},
        "backward_changes_nothing",
    ),
    _back(
        "points_downhill",
        "Your gradients have the wrong sign; return the gradient itself, and leave the minus to the "
        "training step.",
        {
            _RETURN: "return {key: -array for key, array in gradients.items()}, -d_h",
        },
        "output_weights_learn",
    ),
    _back(
        "clips_the_gradients",
        "You clip the gradients; return them as they are, since clipping is the optimizer's affair.",
        {
            _RETURN: "return {key: np.clip(one, -1.0, 1.0) for key, one in gradients.items()}, d_h",
        },
        "output_weights_learn",
    ),
    _back(
        "adds_b_y_up_in_d_logits",
        "You begin the gradient of b_y with a row of d_logits and add to that very row, which "
        "changes the caller's array; begin with zeros, or with a copy.",
        {
            _OUT_BIAS: 'if t == len(fed) - 1:\n            gradients["b_y"] = d_logits[t]\n'
            '        else:\n            gradients["b_y"] += d_logits[t]',
        },
        "backward_changes_nothing",
    ),
)

_FORWARD = (
    _back(
        "runs_forward_on_shifted_inputs",
        "You shift the inputs once more before you go forward; `fed` has x_start in row 0 already, "
        "and row t is what step t was fed.",
        {
            "for x_t in fed:": 'fed = np.vstack([decoder_params["x_start"][None], fed])[:-1]\n'
            "    for x_t in fed:",
        },
        "output_weights_learn",
    ),
)

MISCONCEPTIONS = (*_FORWARD, *_PRODUCTS, *_X_STARTS, *_SUMS)
