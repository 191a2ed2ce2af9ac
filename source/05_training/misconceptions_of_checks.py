"""Gradient checks of lesson 5 that miss mistakes, or see some where there are none."""

from course.lessons.misconceptions import Misconception

_KEYS = "for key, array in params.items():"
_PLACES = "for place in np.ndindex(array.shape):"
_COPIES = "above, below = array.copy(), array.copy()"
_UP = "above[place] += step"
_DOWN = "below[place] -= step"
_CHANGE = "change = loss(params | {key: above}) - loss(params | {key: below})"
_NUMERIC = "numeric[place] = change / (2 * step)"
_SIZE = "size = np.linalg.norm(numeric) + np.linalg.norm(gradients[key])"
_DIFFERENCE = "difference = np.linalg.norm(numeric - gradients[key])"
_ERROR = "errors[key] = float(difference / size) if size > 0 else 0.0"
_RETURN = "return errors"


def _check(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "gradient_check", sentence, changes, breaks)


_DIFFERENCES = (
    _check(
        "steps_to_one_side",
        "You step to one side, loss(p + step) - loss(p), whose error falls as step alone; step to "
        "both sides, and divide by 2 * step.",
        {_CHANGE: "change = 2 * (loss(params | {key: above}) - loss(params))"},
        "right_gradient_passes",
    ),
    _check(
        "divides_by_one_step",
        "You divide by step; the two points lie 2 * step apart.",
        {_NUMERIC: "numeric[place] = change / step"},
        "right_gradient_passes",
    ),
    _check(
        "forgets_to_divide",
        "Your differences are not divided; divide by 2 * step, the distance of the two points.",
        {_NUMERIC: "numeric[place] = change"},
        "right_gradient_passes",
    ),
    _check(
        "multiplies_by_the_step",
        "You write `/ 2 * step`, which multiplies by step; write `/ (2 * step)`.",
        {_NUMERIC: "numeric[place] = change / 2 * step"},
        "right_gradient_passes",
    ),
    _check(
        "subtracts_the_other_way_around",
        "You compare with minus the slope; subtract the loss below from the loss above, and the "
        "gradient from the slope.",
        {_CHANGE: "change = loss(params | {key: below}) - loss(params | {key: above})"},
        "right_gradient_passes",
    ),
    _check(
        "ignores_the_step",
        "You take a step of your own; take the one that is passed, `step`.",
        {_PLACES: f"step = 1e-5\n        {_PLACES}"},
        "step_is_the_one_given",
    ),
    _check(
        "scales_the_step_by_the_parameter",
        "You make the step a share of the parameter, so one that is zero is never moved; move each "
        "by `step` itself.",
        {
            _UP: "above[place] *= 1 + step",
            _DOWN: "below[place] *= 1 - step",
            _NUMERIC: "numeric[place] = change / (2 * step * array[place]) if array[place] else 0.0",
        },
        "step_is_the_one_given",
    ),
    _check(
        "moves_the_whole_array",
        "You move all numbers of an array at once, which gives the sum of their slopes; move one at "
        "a time.",
        {_UP: "above += step", _DOWN: "below -= step"},
        "right_gradient_passes",
    ),
    _check(
        "moves_a_whole_row",
        "You move a whole row of a matrix at once, which gives the sum of its slopes; move one "
        "number at a time, at each place of np.ndindex(array.shape).",
        {_UP: "above[place[:1]] += step", _DOWN: "below[place[:1]] -= step"},
        "right_gradient_passes",
    ),
    _check(
        "goes_on_from_the_moved_array",
        "Numbers that were moved stay moved while the next ones are looked at; put each back before "
        "the next.",
        {
            _PLACES: f"{_COPIES}\n        {_PLACES}",
            f"            {_COPIES}\n": "",
        },
        "right_gradient_passes",
    ),
    _check(
        "computes_too_coarsely",
        "You compute in float32, where a step of 1e-5 is mostly rounding; copy the parameters in the "
        "precision that they have.",
        {
            _UP: "above = np.float32(above)\n            above[place] += np.float32(step)",
            _DOWN: "below = np.float32(below)\n            below[place] -= np.float32(step)",
            _CHANGE: "change = np.float32(loss(params | {key: above})) - np.float32(\n"
            "                loss(params | {key: below})\n            )",
        },
        "right_gradient_passes",
    ),
    _check(
        "gives_both_calls_the_same_numbers",
        "All your slopes are 0, since both calls of loss get the same numbers: the one that you move "
        "is in a copy that is not passed on, or in one array under two names. Pass the moved array.",
        {_CHANGE: "change = loss(params) - loss(params)"},
        "right_gradient_passes",
    ),
)

_LOOKED_AT = (
    _check(
        "looks_at_the_first_number_alone",
        "You look at the first number of each array; a gradient may be wrong in any single one, so "
        "look at all.",
        {
            _SIZE: "numeric = numeric.ravel()[:1]\n        analytic = gradients[key].ravel()[:1]\n"
            "        size = np.linalg.norm(numeric) + np.linalg.norm(analytic)",
            _DIFFERENCE: "difference = np.linalg.norm(numeric - analytic)",
        },
        "one_element_is_enough",
    ),
    _check(
        "looks_at_matrices_alone",
        "You pass over the biases and x_start; every key of params is checked.",
        {
            _PLACES: f"if array.ndim < 2:\n            errors[key] = 0.0\n            continue\n        {_PLACES}"
        },
        "wrong_gradients_are_caught",
    ),
    _check(
        "looks_at_the_first_array_alone",
        "You return inside the loop over the arrays; go through all keys, and return after it.",
        {f"    {_RETURN}": f"        {_RETURN}"},
        "right_gradient_passes",
    ),
    _check(
        "gives_all_arrays_one_error",
        "Every key has the same error, that of all arrays together; compare array by array, so that "
        "the wrong one is found.",
        {
            _PLACES: f'whole = locals().setdefault("whole", [])\n        {_PLACES}',
            _ERROR: "whole.append((difference, np.linalg.norm(numeric), "
            "np.linalg.norm(gradients[key])))\n        errors[key] = 0.0",
            f"    {_RETURN}": "    off, one, other = np.sqrt(np.square(whole).sum(axis=0)) if errors "
            "else np.zeros(3)\n    return {key: off / (one + other) if one + other else 0.0 for key in "
            "errors}",
        },
        "wrong_gradients_are_caught",
    ),
    _check(
        "gives_yes_or_no",
        "You return whether each gradient is close enough; return the relative error, and let the "
        "reader judge.",
        {_ERROR: "errors[key] = bool(difference <= 1e-6 * size)"},
        "right_gradient_passes",
    ),
    _check(
        "gives_the_slopes",
        "You return the slopes that were measured; return how far they are from `gradients`, one "
        "number for each key.",
        {_ERROR: "errors[key] = numeric"},
        "right_gradient_passes",
    ),
)

_COMPARED = (
    _check(
        "gives_the_difference_itself",
        "You return the size of the difference; divide it by the sum of both norms, so that the "
        "result does not depend on the scale of the loss.",
        {_ERROR: "errors[key] = float(difference)"},
        "error_is_relative",
    ),
    _check(
        "gives_the_largest_difference",
        "You return the largest difference; take the norm of all differences, and divide it by the "
        "sum of both norms, so that the result does not depend on the scale of the loss.",
        {_ERROR: "errors[key] = float(np.abs(numeric - gradients[key]).max())"},
        "error_is_relative",
    ),
    _check(
        "divides_by_the_slopes_alone",
        "You divide by the norm of the measured gradient alone; divide by the sum of both norms.",
        {_SIZE: "size = np.linalg.norm(numeric)"},
        "error_is_relative",
    ),
    _check(
        "divides_by_the_given_gradient_alone",
        "You divide by the norm of the given gradient alone, and a gradient of zeros gets away; "
        "divide by the sum of both norms.",
        {_SIZE: "size = np.linalg.norm(gradients[key])"},
        "wrong_gradients_are_caught",
    ),
    _check(
        "divides_by_the_larger_norm",
        "You divide by the larger of both norms; divide by their sum.",
        {_SIZE: "size = max(np.linalg.norm(numeric), np.linalg.norm(gradients[key]))"},
        "error_is_relative",
    ),
    _check(
        "divides_by_the_norm_of_the_sum",
        "You divide by the norm of the sum, which is 0 for a gradient of the wrong sign; divide by "
        "the sum of both norms.",
        {_SIZE: "size = np.linalg.norm(numeric + gradients[key])"},
        "error_is_relative",
    ),
    _check(
        "compares_the_norms",
        "You compare the lengths of both gradients, and one that points the other way gets away; "
        "take the norm of their difference.",
        {_DIFFERENCE: "difference = abs(np.linalg.norm(numeric) - np.linalg.norm(gradients[key]))"},
        "wrong_gradients_are_caught",
    ),
    _check(
        "lets_differences_cancel",
        "You sum the differences, and those of opposite signs cancel; take the norm, the root of "
        "the sum of squares.",
        {_DIFFERENCE: "difference = abs((numeric - gradients[key]).sum())"},
        "wrong_gradients_are_caught",
    ),
    _check(
        "forgets_the_square_roots",
        "You divide sums of squares; take the square root of each, np.linalg.norm.",
        {
            _SIZE: "size = (numeric**2).sum() + (gradients[key] ** 2).sum()",
            _DIFFERENCE: "difference = ((numeric - gradients[key]) ** 2).sum()",
        },
        "error_is_relative",
    ),
    _check(
        "takes_the_largest_differences",
        "You divide the largest difference by the largest numbers; take Euclidean norms over the "
        "whole array, np.linalg.norm.",
        {
            _SIZE: "size = np.abs(numeric).max() + np.abs(gradients[key]).max()",
            _DIFFERENCE: "difference = np.abs(numeric - gradients[key]).max()",
        },
        "error_is_relative",
    ),
    _check(
        "averages_errors_of_single_numbers",
        "You average the relative errors of single numbers, and those near zero drown the rest; "
        "take norms over the whole array first, then divide.",
        {
            _SIZE: "size = np.maximum(np.abs(numeric) + np.abs(gradients[key]), 1e-300)",
            _DIFFERENCE: "difference = np.abs(numeric - gradients[key])",
            _ERROR: "errors[key] = float(np.mean(difference / size))",
        },
        "error_is_relative",
    ),
    _check(
        "gives_nan_where_both_are_zero",
        "Where both gradients are zero, you divide 0 by 0; the error is then 0.0.",
        {_ERROR: "errors[key] = float(difference / size)"},
        "zero_gradients_agree",
    ),
)

_RESTORED = (
    _check(
        "forgets_to_put_the_numbers_back",
        "You move numbers of params and leave them moved; put each back, or move a copy of the "
        "array (a copy of the dict alone still holds the same arrays).",
        {
            _COPIES: "array[place] += step\n            above = array.copy()",
            f"            {_UP}\n": "",
            _DOWN: "array[place] -= 2 * step\n            below = array.copy()",
        },
        "parameters_are_restored",
    ),
    _check(
        "puts_the_numbers_back_by_adding",
        "You put a number back by adding the step again, which rounds; keep the old number, and "
        "write it back.",
        {
            _COPIES: "array[place] += step",
            f"            {_UP}\n": "            high = loss(params)\n",
            _DOWN: "array[place] -= 2 * step",
            _CHANGE: "change = high - loss(params)\n            array[place] += step",
        },
        "parameters_are_restored",
        "restored_where_loss_raises",
    ),
    _check(
        "leaves_the_numbers_moved_where_loss_raises",
        "Where loss raises, the number that you moved stays moved; put it back in `finally`, or "
        "work on copies.",
        {
            _COPIES: "old = array[place]",
            _UP: "array[place] = old + step\n            high = loss(params)",
            _DOWN: "array[place] = old - step",
            _CHANGE: "change = high - loss(params)\n            array[place] = old",
        },
        "restored_where_loss_raises",
    ),
)

MISCONCEPTIONS = (*_DIFFERENCES, *_LOOKED_AT, *_COMPARED, *_RESTORED)
