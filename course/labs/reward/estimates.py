"""The learner's gradient of one sequence, asked for whole batches, and compared."""

from __future__ import annotations

import numpy as np

from course.engine.numerics import Array
from course.labs.calling.functions import LearnersFunction
from course.study.rewards import estimate

#: How far from the right number a learner's may be, as in grading.
RTOL, ATOL = 1e-4, 1e-5


class Estimates:
    """Asks a learner's function; what it says is what is trained by, right or wrong.

    Parameters
    ----------
    function : LearnersFunction
        ``expected_reward_gradient``.

    Attributes
    ----------
    fault : str
        In what its first answer differs from the right one.
    """

    def __init__(self, function: LearnersFunction) -> None:
        self._function, self._compared = function, False
        self.fault = ""

    def __call__(self, logits: Array, tokens: Array, rewards: Array, baseline: float) -> Array:
        """Return the gradient by the logits (T, O, N), as `course.study.rewards.estimate` does.

        Sequences of the same reward are asked for in one call, one behind the other: each row
        hangs on its own logits and token alone.

        Raises
        ------
        Unfinished
            Where the function cannot be used.
        """
        (T, O, N), by_logits = logits.shape, np.zeros_like(logits)
        for reward in np.unique(rewards):
            mine = np.flatnonzero(rewards == reward)
            rows = logits[:, :, mine].transpose(2, 0, 1).reshape(-1, O).astype(float)
            drawn = tokens[:, mine].T.reshape(-1)
            theirs = self._function(rows.shape, rows, drawn, float(reward), baseline)
            by_logits[:, :, mine] = theirs.reshape(len(mine), T, O).transpose(1, 2, 0)
        by_logits /= N
        if not self._compared:
            self._compare(by_logits * N, estimate(logits, tokens, rewards, baseline) * N)
        return by_logits

    def _compare(self, theirs: Array, right: Array) -> None:
        self._compared = True
        if not np.allclose(theirs, right, rtol=RTOL, atol=ATOL):
            name = self._function.name
            self.fault = (
                f"{name} differs from what is expected, and the model is trained by yours; "
                f"checks.check({name}) says more."
            )
