"""Wrong gradients of a reward in lesson 7."""

from course.lessons.misconceptions import Misconception

MISCONCEPTIONS = (
    Misconception(
        name="climbs_down_the_reward",
        function="expected_reward_gradient",
        sentence="Your sign is that of the reward, and subtracting it lowers the reward; return the "
        "gradient of minus the expected reward.",
        changes={"return (reward - baseline) * rows": "return (baseline - reward) * rows"},
        breaks=("a_row_is_the_reward_times_what_was_sampled",),
    ),
)
