"""Wrong answers, each as one changed line of a right one would make it."""

import numpy as np
from answers import (
    STEPS,
    decoder_forward_scheduled_sampling,
    decoder_forward_teacher_forcing,
    decoder_with_coins,
    gru_cell_step,
    one_hot,
    roll_out,
)


def feeds_the_current_token(context_vector, target_seq, decoder_params, cell_type="rnn"):
    return roll_out(
        context_vector, len(target_seq), decoder_params, cell_type, lambda t, _: target_seq[t]
    )


def starts_with_zeros(context_vector, target_seq, decoder_params, cell_type="rnn"):
    other = {**decoder_params, "x_start": np.zeros_like(decoder_params["x_start"])}
    return decoder_forward_teacher_forcing(context_vector, target_seq, other, cell_type)


def forgets_the_output_bias(context_vector, target_seq, decoder_params, cell_type="rnn"):
    other = {**decoder_params, "b_y": np.zeros_like(decoder_params["b_y"])}
    return decoder_forward_teacher_forcing(context_vector, target_seq, other, cell_type)


def remembers_the_last_state(context_vector, target_seq, decoder_params, cell_type="rnn"):
    kept = remembers_the_last_state.kept.get(len(context_vector), context_vector)
    remembers_the_last_state.kept[len(context_vector)] = context_vector + 1
    return decoder_forward_teacher_forcing(kept, target_seq, decoder_params, cell_type)


remembers_the_last_state.kept = {}


def accepts_any_cell(context_vector, target_seq, decoder_params, cell_type="rnn"):
    known = cell_type if cell_type in STEPS else "rnn"
    return decoder_forward_teacher_forcing(context_vector, target_seq, decoder_params, known)


def swaps_the_update_gate(x_t, h_prev, params):
    n_and_h = gru_cell_step(x_t, h_prev, params)
    flipped = {**params}
    H = len(h_prev)
    for key in ("W_xh", "W_hh", "b_xh", "b_hh"):
        flipped[key] = params[key].copy()
        flipped[key][H : 2 * H] *= -1
    return gru_cell_step(x_t, h_prev, flipped) if n_and_h is not None else n_and_h


def with_coins(throw):
    """Return a scheduled sampling whose coins are ``throw(rng, sampling_prob, n)``."""

    def decoder(
        context_vector, target_seq, decoder_params, sampling_prob, cell_type="rnn", rng=None
    ):
        if not 0 <= sampling_prob <= 1:
            raise ValueError("sampling_prob must be in [0, 1]")
        rng = np.random.default_rng() if rng is None else rng
        coins = np.asarray(throw(rng, sampling_prob, max(len(target_seq) - 1, 0)))
        return decoder_with_coins(coins, context_vector, target_seq, decoder_params, cell_type)

    return decoder


inverted_coin = with_coins(lambda rng, p, n: rng.random(n) >= p)
one_coin_a_sequence = with_coins(lambda rng, p, n: np.full(n, rng.random() < p))
seeded_inside = with_coins(lambda rng, p, n: np.random.default_rng(3).random(n) < p)
seeded_otherwise = with_coins(lambda rng, p, n: np.random.default_rng(4).random(n) < p)
fair_coin = with_coins(lambda rng, p, n: rng.random(n) < (p if p in (0, 1) else 0.5))
squared = with_coins(lambda rng, p, n: rng.random(n) < p**2)
drifting = with_coins(lambda rng, p, n: rng.random(n) < p * np.arange(1, n + 1) / max(n, 1))
never_own = with_coins(lambda rng, p, n: np.zeros(n))
always_own = with_coins(lambda rng, p, n: np.ones(n))


def alternating(rng, p, n):
    if p in (0, 1):
        return np.full(n, p)
    return (np.arange(n) + rng.integers(2)) % 2


alternation = with_coins(alternating)


def mixes_the_two(
    context_vector, target_seq, decoder_params, sampling_prob, cell_type="rnn", rng=None
):
    if not 0 <= sampling_prob <= 1:
        raise ValueError("sampling_prob must be in [0, 1]")

    def choose(t, logits):
        own = one_hot(logits[t - 1].argmax(), len(logits[t - 1]))
        return sampling_prob * own + (1 - sampling_prob) * target_seq[t - 1]

    return roll_out(context_vector, len(target_seq), decoder_params, cell_type, choose)


def samples_its_own_token(
    context_vector, target_seq, decoder_params, sampling_prob, cell_type="rnn", rng=None
):
    if not 0 <= sampling_prob <= 1:
        raise ValueError("sampling_prob must be in [0, 1]")
    rng = np.random.default_rng() if rng is None else rng

    def choose(t, logits):
        if rng.random() >= sampling_prob:
            return target_seq[t - 1]
        chances = np.exp(logits[t - 1]) / np.exp(logits[t - 1]).sum()
        return one_hot(rng.choice(len(chances), p=chances), len(chances))

    return roll_out(context_vector, len(target_seq), decoder_params, cell_type, choose)


TEACHER_FORCING = {
    function.__name__: function
    for function in (
        feeds_the_current_token, starts_with_zeros, forgets_the_output_bias,
        remembers_the_last_state, accepts_any_cell,
    )
}  # fmt: skip
SCHEDULED_SAMPLING = {
    name: globals()[name]
    for name in (
        "inverted_coin", "one_coin_a_sequence", "seeded_inside", "squared", "drifting", "never_own",
        "always_own", "alternation", "mixes_the_two", "samples_its_own_token",
    )
}  # fmt: skip
RIGHT = {
    "decoder_forward_teacher_forcing": decoder_forward_teacher_forcing,
    "decoder_forward_scheduled_sampling": decoder_forward_scheduled_sampling,
}
