"""Find which other training step was made: what it feeds, compares with, and how far it goes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array, Params
from course.checks.known.features import equal
from course.checks.known.properties.moves import Move, another_rule
from course.checks.known.properties.slopes import way_back
from course.checks.known.told import Told

#: What is compared with the logits, by the tokens, the inputs that were fed and the logits: -1
#: where a row is compared with nothing.
_COMPARED: tuple[tuple[str, Callable[[Array, Array, Array], Array]], ...] = (
    ("", lambda tokens, fed, logits: tokens),
    ("the inputs that were fed, fed[t]", lambda tokens, fed, logits: fed.argmax(axis=1)),
    ("the model's own tokens", lambda tokens, fed, logits: logits.argmax(axis=1)),
    ("tokens[t+1]", lambda tokens, fed, logits: np.roll(tokens, -1)),
    ("tokens[t+1]", lambda tokens, fed, logits: np.append(tokens[1:], tokens[-1:])),
    ("tokens[t+1]", lambda tokens, fed, logits: np.append(tokens[1:], 0)),
    ("tokens[t+1], and the last row with none,",
     lambda tokens, fed, logits: np.append(tokens[1:], -1)),
    ("tokens[t-1]", lambda tokens, fed, logits: np.roll(tokens, 1)),
    ("tokens[t-1]", lambda tokens, fed, logits: np.append(tokens[:1], tokens[:-1])),
    ("tokens[t-1]", lambda tokens, fed, logits: np.append([0], tokens[:-1])),
    ("tokens[t-1], and row 0 with none,",
     lambda tokens, fed, logits: np.append([-1], tokens[:-1])),
    ("the tokens in the order from the last to the first",
     lambda tokens, fed, logits: tokens[::-1]),
)  # fmt: skip

#: What the decoder gets for its target, by the tokens; it moves it by one step itself.
_TARGETS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("", lambda tokens: tokens),
    ("the tokens moved by one step, and it moves them itself", lambda tokens: np.roll(tokens, 1)),
    ("the tokens moved by one step, and it moves them itself",
     lambda tokens: np.append(tokens[:1], tokens[:-1])),
    ("the tokens moved back by one step", lambda tokens: np.roll(tokens, -1)),
    ("the tokens from the last to the first", lambda tokens: tokens[::-1]),
)  # fmt: skip

#: What is made of the logits before they are compared.
_MADE: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("", lambda logits: logits),
    ("2 times the logits go into the loss", lambda logits: 2 * logits),
    ("half the logits go into the loss", lambda logits: logits / 2),
    ("minus the logits go into the loss", lambda logits: -logits),
    ("their softmax goes into the loss, which takes one itself", softmax),
)


#: What is handed to the way back, by the inputs that were fed and the one-hot targets.
_BACK: tuple[tuple[str, Callable[[Array, Array], Array]], ...] = (
    ("", lambda fed, truth: fed),
    ("the targets, which are not shifted", lambda fed, truth: truth),
    ("the targets after x_start", lambda fed, truth: np.concatenate([fed[:1], truth[:-1]])),
    ("the inputs without x_start, fed[1:] and the last target",
     lambda fed, truth: np.concatenate([fed[1:], truth[-1:]])),
)  # fmt: skip


#: Slips at once, at most.
_MOST = 2


class Moved(NamedTuple):
    """A call of a training step: its arguments, and the parameters and the loss that came."""

    given: Mapping[str, Any]
    params: Params
    loss: float


def of_steps(moved: list[Moved]) -> Iterator[Told]:
    """Find which other step was made: of other inputs, another comparison, or another length.

    Parameters
    ----------
    moved : list of Moved
        The calls that went wrong, which leave nothing to chance.
    """
    kinds = itertools.product((False, True), _COMPARED, _BACK, _MADE, _TARGETS)
    # As many slips at once as are made; of one that is alone no other is told.
    few = sorted((kind for kind in kinds if _slips(kind) <= _MOST), key=_slips)
    for is_turned, compared, back, made, target in few:
        dues = [
            _step(one.given, compared[1], is_turned, back[1], made[1], target[1]) for one in moved
        ]
        said = _length(moved, [_row(due) for due, _ in dues])
        if said is None:
            rule = another_rule(
                [_move(one, due) for one, (due, _) in zip(moved, dues, strict=True)]
            )
            if not rule:
                continue
            said = rule
        words = [
            _fed(moved) * is_turned,
            f"the logits are compared with {compared[0]}, and tokens[t] is due for row t"
            if compared[0]
            else "",
            f"{made[0]}, and the logits are due" if made[0] else "",
            f"run_decoder gets {target[0]}" if target[0] else "",
            f"rnn_decoder_backward gets {back[0]}, and the inputs that were fed are due"
            if back[0]
            else "",
            said,
            "" if _is_loss(moved, [loss for _, loss in dues]) else "the loss differs too",
        ]
        words = [one for one in words if one]
        if words == ["the loss differs too"]:
            yield from _another_loss(moved, [loss for _, loss in dues])
        elif words:
            yield Told("makes_another_step", f"The steps show that {'; and '.join(words)}.")
        return


def _another_loss(moved: list[Moved], due: list[float]) -> Iterator[Told]:
    """Tell of a loss that is another number, where all parameters are right."""
    ratios = np.array([one.loss for one in moved]) / np.array(due)
    factor = (
        f"{ratios[0]:.4g} times what is due"
        if len(moved) > 1 and np.isfinite(ratios).all() and np.ptp(ratios) < 1e-3 * abs(ratios[0])
        else "not"
    )
    yield Told(
        "returns_another_loss",
        f"The new parameters are right, and the loss is {factor}: return the loss of the run "
        "before the step as cross_entropy_and_gradient gives it.",
    )


def _slips(kind: tuple[Any, ...]) -> int:
    is_turned, *others = kind
    return int(is_turned) + sum(bool(words) for words, _ in others)


def _move(moved: Moved, due: Params) -> Move:
    params = moved.given["decoder_params"]
    came = {key: np.asarray(moved.params[key]) - params[key] for key in params}
    return Move(came, due, params, moved.given["learning_rate"])


def _fed(moved: list[Moved]) -> str:
    """Say what is fed, where it is what another sampling_prob asks for."""
    own, truth = "the model's own tokens", "the truth"
    p = moved[0].given["sampling_prob"]
    fed, due = (truth, own) if p else (own, truth)
    return (
        f"at sampling_prob = {p:g} {fed} is fed, and {due} is due: it is the probability of the "
        "model's own token"
    ).replace("tokens is", "tokens are")


def _is_loss(moved: list[Moved], due: list[float]) -> bool:
    return equal(np.array([one.loss for one in moved]), np.array(due))


def _step(
    given: Mapping[str, Any],
    chosen: Callable[[Array, Array, Array], Array],
    is_turned: bool,
    handed_in: Callable[[Array, Array], Array],
    made: Callable[[Array], Array],
    target: Callable[[Array], Array],
) -> tuple[Params, float]:
    """Return the steps of all parameters, and the loss, of a certain kind of step."""
    params, tokens, p = given["decoder_params"], given["tokens"], given["sampling_prob"]
    h, one_hot = given["context_vector"], np.eye(len(params["b_y"]))
    truth = one_hot[target(np.asarray(tokens))]
    fed, logits = np.zeros((len(tokens), len(one_hot))), np.zeros((len(tokens), len(one_hot)))
    for t in range(len(tokens)):
        own = (p == 0) == is_turned
        fed[t] = params["x_start"] if t == 0 else truth[t - 1]
        if t and own:
            fed[t] = one_hot[logits[t - 1].argmax()]
        h = np.tanh(params["W_xh"] @ fed[t] + params["b_xh"] + params["W_hh"] @ h + params["b_hh"])
        logits[t] = params["W_hy"] @ h + params["b_y"]
    right = chosen(np.asarray(tokens), fed, logits)
    counted = right >= 0
    n, probabilities = max(counted.sum(), 1), softmax(made(logits))
    loss = float(-np.log(probabilities[counted, right[counted]]).sum() / n)
    d_logits = counted[:, None] * (probabilities - one_hot[right]) / n
    gradients, _ = way_back(
        {**given, "fed": handed_in(fed, one_hot[np.asarray(tokens)]), "d_logits": d_logits}
    )
    return {key: -given["learning_rate"] * one for key, one in gradients.items()}, loss


def _row(params: Params) -> Array:
    return np.concatenate([np.ravel(one) for _, one in sorted(params.items())])


def _length(moved: list[Moved], dues: list[Array]) -> str | None:
    """Say how long the steps are beside those due; None where they point elsewhere or nowhere."""
    factors = []
    for one, due in zip(moved, dues, strict=True):
        step = _row(one.params) - _row(one.given["decoder_params"])
        factor = float(step @ due / (due @ due)) if due.any() else 1.0
        if not step.any() or not equal(step, factor * due):
            return None
        factors.append(factor)
    steps = np.array([len(one.given["tokens"]) for one in moved], dtype=float)
    rates = np.array([one.given["learning_rate"] for one in moved])
    for sign, turned in ((1.0, ""), (-1.0, "the gradient is added, and to be subtracted")):
        for whole, words in (
            (np.ones(len(moved)), ""),
            (steps, "they are T times as long as is due: the mean is in the gradient already"),
            (1 / steps, "they are T times too short: the mean is in the gradient already"),
            (rates, "the gradient is multiplied by learning_rate twice"),
            (1 / rates, "the gradient is not multiplied by learning_rate"),
            (np.full(len(moved), abs(factors[0])), f"they are {abs(factors[0]):.4g} times "
             "as long as is due"),
        ):  # fmt: skip
            if np.allclose(factors, sign * whole, 1e-3):
                return ", and ".join(filter(None, (turned, words)))
    return None
