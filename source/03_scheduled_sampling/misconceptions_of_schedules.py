"""Wrong schedules in lesson 3, and what each learner should read."""

from course.lessons.misconceptions import Misconception

_SCHEDULE = "scheduled_sampling_prob"
_LINEAR = "epsilon = max(eps_min, k - c * step)"
_EXPONENTIAL = "epsilon = k**step"
_INVERSE_SIGMOID = "epsilon = k / (k + np.exp(min(step / k, 700.0)))"
_UNKNOWN = 'raise ValueError(f"unknown schedule {schedule!r}")'
_RESULT = "return 1.0 - float(min(max(epsilon, 0.0), 1.0))"

_SCHEDULES = (
    Misconception(
        name="returns_epsilon",
        function=_SCHEDULE,
        sentence="You return epsilon, the probability of the truth; sampling_prob is one minus it.",
        changes={_RESULT: "return float(min(max(epsilon, 0.0), 1.0))"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="leaves_out_the_floor",
        function=_SCHEDULE,
        sentence="Your linear schedule falls below eps_min; epsilon is the larger of eps_min and "
        "k - c * step.",
        changes={_LINEAR: "epsilon = k - c * step"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="takes_the_floor_for_a_ceiling",
        function=_SCHEDULE,
        sentence="You take the smaller of eps_min and the line; eps_min is the smallest epsilon may "
        "become, so take the larger, `max`.",
        changes={_LINEAR: "epsilon = min(eps_min, k - c * step)"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="lets_the_line_rise",
        function=_SCHEDULE,
        sentence="Your linear epsilon rises; it should fall by c in every step, k - c * step.",
        changes={_LINEAR: "epsilon = max(eps_min, k + c * step)"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="puts_the_floor_under_every_schedule",
        function=_SCHEDULE,
        sentence="You hold every schedule at eps_min; c and eps_min belong to 'linear' alone.",
        changes={_RESULT: "return 1.0 - float(min(max(epsilon, eps_min, 0.0), 1.0))"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="puts_the_floor_under_the_result",
        function=_SCHEDULE,
        sentence="You use eps_min as the smallest sampling_prob; it is the smallest epsilon, so the "
        "result is at most 1 - eps_min.",
        changes={
            _LINEAR: "epsilon = min(1.0 - eps_min, k - c * step)",
        },
        breaks=("three_schedules",),
    ),
    Misconception(
        name="multiplies_where_it_should_raise",
        function=_SCHEDULE,
        sentence="You multiply k by the step; the exponential epsilon is k to the power of step.",
        changes={_EXPONENTIAL: "epsilon = k * step"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="takes_e_for_the_base",
        function=_SCHEDULE,
        sentence="You use exp(-k * step); the base of the exponential schedule is k itself, "
        "k**step.",
        changes={_EXPONENTIAL: "epsilon = np.exp(-k * step)"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="forgets_to_divide_the_step",
        function=_SCHEDULE,
        sentence="You take the exponential of the step itself; the inverse sigmoid wants "
        "exp(step / k).",
        changes={_INVERSE_SIGMOID: "epsilon = k / (k + np.exp(min(step, 700.0)))"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="takes_the_plain_sigmoid",
        function=_SCHEDULE,
        sentence="You use 1 / (1 + exp(step / k)), which begins at one half; epsilon is "
        "k / (k + exp(step / k)), close to 1 at the start.",
        changes={_INVERSE_SIGMOID: "epsilon = 1 / (1 + np.exp(min(step / k, 700.0)))"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="turns_the_exponent_round",
        function=_SCHEDULE,
        sentence="Your exponent has the wrong sign, so the inverse sigmoid returns to the truth; "
        "epsilon is k / (k + exp(step / k)).",
        changes={_INVERSE_SIGMOID: "epsilon = k / (k + np.exp(-step / k))"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="overflows_at_large_steps",
        function=_SCHEDULE,
        sentence="exp(step / k) leaves the range of a float at large steps; keep the exponent below "
        "700, epsilon is 0 by then.",
        changes={
            _INVERSE_SIGMOID: "import math\n\n        epsilon = k / (k + math.exp(step / k))",
        },
        breaks=("no_step_is_too_large",),
    ),
    Misconception(
        name="warns_at_large_steps",
        function=_SCHEDULE,
        sentence="exp(step / k) overflows at large steps, of which NumPy warns, though the result "
        "comes out right; keep the exponent below 700, epsilon is 0 by then.",
        changes={_INVERSE_SIGMOID: "epsilon = k / (k + np.exp(step / k))"},
        breaks=("no_step_is_too_large",),
    ),
    Misconception(
        name="does_not_clip",
        function=_SCHEDULE,
        sentence="Your result leaves [0, 1] where k is above 1; clip epsilon to [0, 1] before you "
        "take it from one.",
        changes={_RESULT: "return 1.0 - float(epsilon)"},
        breaks=("epsilon_is_clipped",),
    ),
    Misconception(
        name="counts_steps_from_one",
        function=_SCHEDULE,
        sentence="You count training steps from 1; the first is step 0, where the exponential "
        "epsilon is 1.",
        changes={"    if schedule ==": "    step = step + 1\n    if schedule =="},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="invents_a_schedule",
        function=_SCHEDULE,
        sentence="A schedule that does not exist is accepted; raise ValueError.",
        changes={_UNKNOWN: "epsilon = 1.0"},
        breaks=("unknown_schedule_raises",),
    ),
)

MISCONCEPTIONS = _SCHEDULES
