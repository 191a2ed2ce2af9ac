"""A learner's functions on one decoder: what they gave so far, and what is wrong with them."""

from __future__ import annotations

import time

import numpy as np

from course.engine.numerics import Array
from course.labs.calling.functions import LearnersFunction, Unfinished
from course.labs.divergence.case import DecoderCase
from course.labs.divergence.companions import Companions
from course.labs.divergence.examination import examination

KEPT_SETTINGS = 300


class Rollouts:
    """What runs on the first test sequences gave, one after another.

    Parameters
    ----------
    tokens : int array (T, N)
        The truth.

    Attributes
    ----------
    made : int
        How many.
    """

    def __init__(self, tokens: Array) -> None:
        self.made, self._tokens = 0, tokens
        self._kl, self._said = np.empty(tokens.shape), np.empty(tokens.shape, np.int16)

    def add(self, kl: Array, said: Array) -> None:
        """Add a run: divergence in nats, and the tokens that were written, (T,) each."""
        self._kl[:, self.made], self._said[:, self.made] = kl, said
        self.made += 1

    def first(self, n: int) -> tuple[Array, Array]:
        """Return divergence and errors of the first n, as far as they are made: (T, n) each."""
        n = min(n, self.made)
        return self._kl[:, :n], self._said[:, :n] != self._tokens[:, :n]

    def said(self, n: int) -> Array | None:
        """Return the tokens (T,) of run n; None before it is made."""
        return self._said[:, n] if n < self.made else None


class CaseRollouts:
    """The rollouts of one case, each setting's once, and the faults that were found meanwhile.

    Parameters
    ----------
    case : DecoderCase
    function : LearnersFunction
        ``decoder_forward_scheduled_sampling``.
    companions : Companions

    Attributes
    ----------
    broken : str
        Why the function cannot be shown.
    rollout_s : float
        How long a rollout takes, at best.
    """

    def __init__(
        self, case: DecoderCase, function: LearnersFunction, companions: Companions
    ) -> None:
        self.case, self._function, self._companions = case, function, companions
        self.broken, self.rollout_s = "", float("inf")
        self._calls, self._fault = examination(self._logits, case, function.name), ""
        self._is_examined = False
        self._free = Rollouts(case.tokens)
        #: By `sampling_prob` and the seed of the coins.
        self._runs: dict[tuple[float, int], Rollouts] = {}

    def message(self) -> str:
        """Say what is wrong with the learner's functions."""
        return self.broken or self._fault or self._companions.fault

    def roll(
        self, sampling_prob: float, seed: int, count: int, end_s: float, at_least: int = 0
    ) -> bool:
        """Make rollouts until the clock's `end_s`, and some at least; say whether all are made."""
        runs = self._runs.setdefault((sampling_prob, seed), Rollouts(self.case.tokens))
        while len(self._runs) > KEPT_SETTINGS:
            self._runs.pop(next(iter(self._runs)))
        while runs.made < count and not self.broken:
            begin, n = time.perf_counter(), runs.made
            if begin > end_s and n >= at_least:
                return False
            try:
                logits = self._logits(n, self.case.targets[n], sampling_prob, seed)
            except Unfinished as error:
                self.broken = str(error)
            else:
                runs.add(*self._seen(n, logits))
                self.rollout_s = min(self.rollout_s, time.perf_counter() - begin)
        return True

    def run_freely(self, count: int, end_s: float) -> bool:
        """Make the free runs that are missing, where the learner has a say in them."""
        while self._companions and (n := self._free.made) < count:
            if time.perf_counter() > end_s:
                return False
            self._free.add(*self._seen(n, self._companions.freely(self.case, n)))
        return True

    def examine(self, end_s: float) -> bool:
        """Look at the function for a while; say whether all of it was looked at."""
        while not (self._is_examined or self.broken):
            if time.perf_counter() > end_s:
                return False
            try:
                next(self._calls)
            except StopIteration as ended:
                self._fault, self._is_examined = ended.value, True
            except Unfinished as error:
                self.broken = str(error)
        return True

    def runs(self, sampling_prob: float, seed: int) -> Rollouts:
        """Return the rollouts of a setting, as far as they are made."""
        return self._runs.get((sampling_prob, seed)) or Rollouts(np.zeros((0, 0), int))

    def free(self, count: int) -> tuple[Array, Array]:
        """Return divergence in nats and errors of free running, (T, n) each."""
        if self._free.made < count:
            return self.case.kl_own[:, :count], self.case.wrong_own[:, :count]
        return self._free.first(count)

    def _seen(self, n: int, logits: Array) -> tuple[Array, Array]:
        """Return divergence in nats and tokens, (T,) each, of a run on sequence n."""
        return self._companions.apart(self.case, n, logits), logits.argmax(axis=1)

    def _logits(self, n: int, target_seq: Array, sampling_prob: float, seed: int = 0) -> Array:
        case = self.case
        return self._function(
            target_seq.shape,
            case.contexts[:, n],
            target_seq,
            case.params,
            sampling_prob,
            case.parameters.shape.cell_type,
            rng=np.random.default_rng([seed, n]),
        )
