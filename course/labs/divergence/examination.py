"""What is wrong with a learner's ``decoder_forward_scheduled_sampling``, found a call at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np

from course.engine import one_hot
from course.engine.numerics import Array
from course.labs.calling.feeds import fault_of, read_feeds
from course.labs.divergence.case import DecoderCase

#: Where the coins are looked at, and in how many calls.
COINS_PROB, COINS_CALLS = 0.5, 6


def examination(
    call: Callable[[int, Array, float], Array], case: DecoderCase, name: str
) -> Generator[None, None, str]:
    """Compare a function with what is right at both ends of the slider, and then its coins.

    Parameters
    ----------
    call : callable
        ``call(n, target_seq, sampling_prob)`` returns the function's logits for the context of
        sequence n.
    case : DecoderCase
    name : str
        What the learner calls the function.

    Yields
    ------
    None
        After each call.

    Returns
    -------
    str
        What is wrong, nothing where nothing is known to be.
    """
    more = f"Dotted is what is expected; checks.check({name}) says more."
    for p, right, called in (
        (0.0, case.true_logits, "teacher forcing"),
        (1.0, case.own_logits, "free running"),
    ):
        logits = call(0, case.targets[0], p)
        differs = ~np.isclose(logits, right[:, :, 0], rtol=1e-4, atol=1e-5).all(axis=1)
        if differs.any():
            return (
                f"At sampling_prob = {p:g} {name} is not {called}: its rows differ from row "
                f"{int(differs.argmax())} on. {more}"
            )
        yield
    # Random tokens are seldom the model's own, so that nearly every coin can be told.
    (T, O), thrown, tokens = case.targets[0].shape, [], []
    for n in range(COINS_CALLS):
        tokens.append(np.random.default_rng([2015, n]).integers(0, O, T))
        thrown.append(call(n, one_hot(tokens[n][:, None], O)[:, :, 0], COINS_PROB))
        yield
    contexts, truth = case.contexts[:, :COINS_CALLS], np.stack(tokens, axis=1)
    feeds = read_feeds(np.stack(thrown, axis=2), case.parameters, contexts, truth)
    found = fault_of(feeds, COINS_PROB)
    return f"At sampling_prob = {COINS_PROB:g} {found} {more}" if found else ""
