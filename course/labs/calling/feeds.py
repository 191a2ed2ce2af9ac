"""What each step of a learner's function was fed, read from its logits, and what its coins do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from course.engine import Parameters, forward
from course.engine.numerics import Array

#: As many standard deviations from what is expected have a probability of one in a million.
FAR = 5.0
#: Coins that must be told apart before a sequence says that they all fell alike.
FEW_COINS = 8


def read_feeds(logits: Array, parameters: Parameters, contexts: Array, truth: Array) -> list[str]:
    """Find out what each step was fed, from nothing but the rows of logits.

    Parameters
    ----------
    logits : array (T, O, N)
        The learner's, of N sequences.
    parameters : Parameters
        The model; float64.
    contexts : array (H, N)
    truth : int array (T, N)

    Returns
    -------
    list of str
        For each sequence a letter for each step: S for ``x_start``, T the truth, O the model's own
        token, and ? from the first step on that neither explains; = where both are the same token.
    """
    (T, _, N), said = logits.shape, logits.argmax(axis=1)
    letters = np.full((T, N), "?")
    fed = np.repeat(truth, 2, axis=1)  # each sequence twice: fed the truth, fed the model's own
    contexts, lost = np.repeat(contexts, 2, axis=1), np.zeros(N, bool)
    for t in range(T):
        if t:
            fed[t - 1, 1::2] = said[t - 1]
        rows = forward(parameters.shape.cell_type, parameters, contexts, fed[: t + 1]).logits[t]
        theirs = np.repeat(logits[t], 2, axis=1)
        agrees = np.isclose(rows, theirs, rtol=1e-4, atol=1e-5).all(axis=0).reshape(N, 2)
        lost |= ~agrees.any(axis=1)
        if t == 0:
            letters[0, ~lost] = "S"
            continue
        own = ~agrees[:, 0]
        alike = truth[t - 1] == said[t - 1]
        letters[t, ~lost] = np.where(alike, "=", np.where(own, "O", "T"))[~lost]
        fed[t - 1] = np.repeat(np.where(own, said[t - 1], truth[t - 1]), 2)
    return ["".join(column) for column in letters.T]


def fault_of(feeds: Sequence[str], sampling_prob: float) -> str:
    """Say what is wrong with the coins of several sequences.

    Parameters
    ----------
    feeds : sequence of str
        As `read_feeds` returns them, one a call of the function.
    sampling_prob : float
        What the function was called with, neither 0 nor 1.

    Returns
    -------
    str
        A sentence; empty where nothing is known to be wrong.

    Examples
    --------
    >>> fault_of(["STTTTTTTTT", "SOOOOOOOOO"], 0.5)[:40]
    'each sequence was fed either the truth a'
    """
    for feed in feeds:
        if "?" in feed:
            step = feed.index("?")
            return (
                f"step {step} was fed neither target_seq[{step - 1}] nor the model's own token."
                if step
                else "step 0 was not fed x_start."
            )
    kinds = [set(feed) & set("TO") for feed in feeds]
    coins = [feed.count("T") + feed.count("O") for feed in feeds]
    one_kind_each = len(feeds) > 1 and all(len(kind) == 1 for kind in kinds)
    if one_kind_each and max(coins) >= FEW_COINS and len(set.union(*kinds)) == 2:
        return (
            "each sequence was fed either the truth alone or its own tokens alone: is the coin "
            "tossed once a sequence? It falls anew at every step."
        )
    if _fall_alike(feeds):
        return (
            f"the coins fell alike in all {len(feeds)} calls: is a generator made with the same "
            "seed inside the function?"
        )
    own, thrown = sum(feed.count("O") for feed in feeds), sum(coins)
    spread = np.sqrt(thrown * sampling_prob * (1 - sampling_prob))
    if abs(own - thrown * sampling_prob) > FAR * max(spread, 1):
        return (
            f"{own} of {thrown} steps were fed the model's own token, expected are about "
            f"{thrown * sampling_prob:.0f}: is it fed where `rng.random() < sampling_prob`, anew "
            "at every step?"
        )
    return ""


def _fall_alike(feeds: Sequence[str]) -> bool:
    """Say whether the coins of each step fell alike in all sequences, as far as they tell."""
    told = [Counter(step) for step in zip(*feeds, strict=True)]
    seen = [(count["T"], count["O"]) for count in told if count["T"] + count["O"] > 1]
    both = {truth > 0 for truth, own in seen}
    return len(seen) >= FEW_COINS and len(both) == 2 and all(0 in pair for pair in seen)
