"""Wrong errors on the way back of lesson 5: which go where, from which step to which."""

from course.lessons.misconceptions import Misconception

_STEPS = "for t in reversed(range(len(fed))):"
_ERROR = "d_h = d_h + W_hy.T @ d_logits[t]"
_BELOW = "d_a = d_h * (1 - h[t + 1] ** 2)"
_SLOPE = "(1 - h[t + 1] ** 2)"
_CARRY = "d_h = W_hh.T @ d_a"
_RETURN = "return gradients, d_h"
_X_START = 'gradients["x_start"] = W_xh.T @ d_a'


def _back(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "rnn_decoder_backward", sentence, changes, breaks)


_THROUGH_TIME = (
    _back(
        "carries_no_error_back_in_time",
        "You start each step with the error of its own logits alone; add what comes back from the "
        "step after it, W_hh.T @ d_a.",
        {_ERROR: "d_h = W_hy.T @ d_logits[t]"},
        "goes_back_through_time",
    ),
    _back(
        "starts_from_the_last_logits_alone",
        "You send back the error of the last logits alone; every step has logits, so add "
        "W_hy.T @ d_logits[t] at each.",
        {_ERROR: "d_h = d_h + W_hy.T @ d_logits[t] * (t == len(fed) - 1)"},
        "goes_back_through_time",
    ),
    _back(
        "keeps_the_old_error_beside_the_new",
        "You add the error that goes back to the one that was there; it replaces it, "
        "d_h = W_hh.T @ d_a.",
        {_CARRY: "d_h = d_h + W_hh.T @ d_a"},
        "goes_back_through_time",
    ),
    _back(
        "walks_forwards_in_time",
        "You go from the first step to the last; errors come from later steps, so go from the last "
        "to the first.",
        {_STEPS: "for t in range(len(fed)):"},
        "goes_back_through_time",
    ),
    _back(
        "stops_before_step_0",
        "You stop at step 1; step 0 has its share of every gradient too.",
        {_STEPS: "for t in reversed(range(1, len(fed))):"},
        "output_weights_learn",
    ),
    _back(
        "returns_after_one_step",
        "You return after one step, the last; return when the loop is over.",
        {"    return gradients, d_h": "        return gradients, d_h\n    return gradients, d_h"},
        "output_weights_learn",
    ),
    _back(
        "clips_the_error_on_its_way",
        "You clip the error as it goes back in time; the gradient is what it is, and clipping is "
        "the optimizer's affair.",
        {_CARRY: "d_h = np.clip(W_hh.T @ d_a, -1.0, 1.0)"},
        "goes_back_through_time",
    ),
    _back(
        "goes_back_by_the_way_it_came",
        "You multiply by W_hh on the way back as on the way there; backwards it is transposed, "
        "W_hh.T @ d_a.",
        {_CARRY: "d_h = W_hh @ d_a"},
        "goes_back_through_time",
    ),
    _back(
        "goes_back_without_the_weights",
        "You hand d_a to the step before as it is; it goes back through the weights, W_hh.T @ d_a.",
        {_CARRY: "d_h = d_a"},
        "goes_back_through_time",
    ),
    _back(
        "goes_around_the_tanh_in_time",
        "You hand d_h to the step before and not d_a; the way back in time goes through the tanh "
        "first, W_hh.T @ d_a.",
        {_CARRY: "d_h = W_hh.T @ d_h"},
        "goes_back_through_time",
    ),
    _back(
        "sends_back_the_error_of_the_logits_alone",
        "You hand back what came from this step's logits, and lose what came from later steps; "
        "hand back W_hh.T @ d_a with the whole error in it.",
        {_CARRY: f"d_h = W_hh.T @ (W_hy.T @ d_logits[t] * {_SLOPE})"},
        "goes_back_through_time",
    ),
    _back(
        "goes_back_through_the_fed_token",
        "You send a gradient through the input into the logits before it; a fed token is data, and "
        "no gradient goes through the choice of it.",
        {
            _STEPS: f"d_logits = d_logits.copy()\n    {_STEPS}",
            _CARRY: f"{_CARRY}\n        if t > 0:\n            d_logits[t - 1] += W_xh.T @ d_a",
        },
        "output_weights_learn",
    ),
)

_TANH = (
    _back(
        "takes_the_slope_at_the_state_before",
        "You take the slope of tanh from the state before the step, h[t]; take it from the state "
        "that the step made, 1 - h[t+1]**2.",
        {_SLOPE: "(1 - h[t] ** 2)"},
        "goes_back_through_time",
    ),
    _back(
        "forgets_the_tanh",
        "You go back past the tanh as if it were not there; multiply by its slope, 1 - h[t+1]**2.",
        {_BELOW: "d_a = d_h"},
        "goes_back_through_time",
    ),
    _back(
        "forgets_the_square_of_the_slope",
        "Your slope of tanh is 1 - h; it is 1 - h**2, with h squared.",
        {_SLOPE: "(1 - h[t + 1])"},
        "goes_back_through_time",
    ),
    _back(
        "takes_the_slope_of_a_sigmoid",
        "You take h * (1 - h), the slope of a sigmoid; that of tanh is 1 - h**2.",
        {_SLOPE: "(h[t + 1] * (1 - h[t + 1]))"},
        "goes_back_through_time",
    ),
    _back(
        "takes_the_tanh_of_the_state",
        "You take the tanh of the state once more; the state is a tanh already, so its slope is "
        "1 - h**2.",
        {_SLOPE: "(1 - np.tanh(h[t + 1]) ** 2)"},
        "goes_back_through_time",
    ),
    _back(
        "adds_the_logits_behind_the_tanh",
        "You add the error of the logits after the slope of tanh; the logits read the state, so add "
        "it before, and then multiply.",
        {_ERROR: "pass", _BELOW: f"d_a = d_h * {_SLOPE} + W_hy.T @ d_logits[t]"},
        "goes_back_through_time",
    ),
    _back(
        "adds_the_later_steps_behind_the_tanh",
        "You add the error from the later step after the slope of tanh; it comes in at the state, "
        "so add it before, and then multiply.",
        {_ERROR: "pass", _BELOW: f"d_a = d_h + {_SLOPE} * (W_hy.T @ d_logits[t])"},
        "goes_back_through_time",
    ),
)

_CONTEXT = (
    _back(
        "returns_the_error_below_the_first_tanh",
        "You return d_a of step 0; the context is one step further back, W_hh.T @ d_a.",
        {_RETURN: "return gradients, d_a if len(fed) else d_h"},
        "first_input_and_context",
    ),
    _back(
        "gives_x_start_the_error_of_the_sum",
        "Your gradient of x_start is d_a of step 0, the error of the sum under the tanh; x_start "
        "came in by W_xh, so it gets W_xh.T @ d_a.",
        {'gradients["x_start"] = W_xh.T @ d_a': 'gradients["x_start"] = d_a'},
        "first_input_and_context",
    ),
    _back(
        "returns_the_error_of_the_first_state",
        "You return the gradient by the state that step 0 made; the context is the state before it, "
        "W_hh.T @ d_a.",
        {
            _BELOW: f"d_first = d_h\n        {_BELOW}",
            _RETURN: "return gradients, d_first if len(fed) else d_h",
        },
        "first_input_and_context",
    ),
    _back(
        "returns_no_gradient_of_the_context",
        "Your gradient by the context is zero; it is what is left of the error before step 0, "
        "W_hh.T @ d_a.",
        {_RETURN: "return gradients, np.zeros(np.shape(context_vector))"},
        "first_input_and_context",
    ),
    _back(
        "returns_the_context_first",
        "You return the gradient by the context first; the dict comes first, "
        "`return gradients, d_context`.",
        {_RETURN: "return d_h, gradients"},
        "output_weights_learn",
    ),
    _back(
        "forgets_the_context",
        "You return the dict alone; return the gradient by the context too, "
        "`return gradients, d_context`.",
        {_RETURN: "return gradients"},
        "output_weights_learn",
    ),
    _back(
        "needs_a_step",
        "With no steps there is no d_a yet, and x_start is asked for all the same; begin with zeros, "
        "and leave them where the loop does not run.",
        {
            f"        {_X_START}  # the last one written is that of step 0\n": "",
            _RETURN: f"{_X_START}\n    {_RETURN}",
        },
        "no_steps_give_zeros",
    ),
)

MISCONCEPTIONS = (*_THROUGH_TIME, *_TANH, *_CONTEXT)
