"""Wrong scheduled sampling in passes in lesson 6: coins, passes, and own tokens."""

from course.lessons.misconceptions import Misconception


def _one(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "two_pass_scheduled_sampling", sentence, changes, breaks)


_COINS = (
    _one(
        "takes_the_probability_of_the_truth",
        "You take `sampling_prob` for the probability of the truth; it is that of the own token.",
        {"< sampling_prob": ">= sampling_prob"},
        "without_own_tokens_it_is_teacher_forcing",
    ),
    _one(
        "tosses_one_coin_for_all_steps",
        "You toss one coin for the whole sequence; toss one for each step.",
        {"rng.random((len(target_seq), 1))": "rng.random()"},
        "coins_choose_truth_or_the_pass_before",
    ),
    _one(
        "tosses_new_coins_in_each_pass",
        "You toss new coins in each pass; toss them once, before the passes, so that they "
        "hold for all.",
        {
            "fed = np.where(own, tokens, target_seq)": "own = rng.random((len(target_seq), 1)) < sampling_prob\n        fed = "
            "np.where(own, tokens, target_seq)"
        },
        "coins_are_tossed_once",
    ),
    _one(
        "tosses_the_same_coins_in_each_call",
        "The same steps get own tokens in every call, so no new random number decides: is "
        "there a seed in the function, a pattern, or a rounded probability? Use `rng`, or "
        "a fresh generator without a seed, and compare its numbers with `sampling_prob`.",
        {
            "own = rng.random((len(target_seq), 1)) < sampling_prob": "rng = np.random.default_rng(0)\n    own = rng.random((len(target_seq), 1)) < "
            "sampling_prob"
        },
        "coins_choose_truth_or_the_pass_before",
    ),
    _one(
        "tosses_a_coin_for_each_number",
        "You toss a coin for each number of a row and mix two vectors; one coin chooses a "
        "whole row.",
        {"(len(target_seq), 1)": "target_seq.shape"},
        "coins_choose_truth_or_the_pass_before",
    ),
    _one(
        "always_feeds_the_truth",
        "What comes back is teacher forcing, whatever the coins say; where a coin says "
        "own, feed the own token, and return the last pass.",
        {
            "fed = np.where(own, tokens, target_seq)": "fed = np.where(own & False, tokens, target_seq)"
        },
        "k_passes_give_k_more_rows",
    ),
    _one(
        "always_feeds_own_tokens",
        "You feed own tokens whatever the coins say; elsewhere the truth is fed.",
        {
            "fed = np.where(own, tokens, target_seq)": "fed = np.where(own | True, tokens, target_seq)"
        },
        "without_own_tokens_it_is_teacher_forcing",
    ),
    _one(
        "never_returns_to_the_truth",
        "Once a coin has said own, all later steps get own tokens; each step has a coin of "
        "its own.",
        {
            "own = rng.random((len(target_seq), 1)) < sampling_prob": "own = np.maximum.accumulate(rng.random((len(target_seq), 1)) < sampling_prob)"
        },
        "coins_choose_truth_or_the_pass_before",
    ),
    _one(
        "alternates_in_place_of_coins",
        "Every second step gets the model's own token; let a coin decide at each step.",
        {
            "own = rng.random((len(target_seq), 1)) < sampling_prob": "own = (np.arange(len(target_seq)) % 2 < 2 * sampling_prob)[:, None]"
        },
        "coins_choose_truth_or_the_pass_before",
    ),
    _one(
        "counts_own_tokens_out",
        "You choose a fixed number of steps at random; toss a coin for each step by itself.",
        {
            "own = rng.random((len(target_seq), 1)) < sampling_prob": "own = np.zeros((len(target_seq), 1), bool)\n    own[rng.permutation(len(own))[: "
            "round(sampling_prob * len(own))]] = True"
        },
        "coins_choose_truth_or_the_pass_before",
    ),
    _one(
        "lets_the_second_half_alone_have_coins",
        "Only the later steps get own tokens; each step from 1 on has a coin.",
        {
            "own = rng.random((len(target_seq), 1)) < sampling_prob": "own = rng.random((len(target_seq), 1)) < sampling_prob\n    own[: len(own) // 2] "
            "= False"
        },
        "k_passes_give_k_more_rows",
    ),
    _one(
        "tosses_a_coin_for_each_pass",
        "You toss one coin for each pass; toss one for each step, and keep it for all passes.",
        {
            "fed = np.where(own, tokens, target_seq)": "fed = tokens if rng.random() < sampling_prob else target_seq"
        },
        "coins_choose_truth_or_the_pass_before",
    ),
    _one(
        "rounds_the_probability",
        "You round `sampling_prob` to 0 or 1; compare a random number with it as it is.",
        {"< sampling_prob": "< round(sampling_prob)"},
        "coins_choose_truth_or_the_pass_before",
    ),
)

_PASSES = (
    _one(
        "takes_own_tokens_from_the_first_pass",
        "Later passes give what the first of them gave, as where own tokens come from teacher "
        "forcing each time, or one pass alone is run; take them from the pass just before.",
        {
            'tokens = np.eye(len(params["b_out"]))[np.argmax(logits, axis=1)]': 'tokens = np.eye(len(params["b_out"]))[np.argmax(forced, axis=1)]',
            "logits = transformer_forward(context_vector, target_seq, params)\n": "logits = transformer_forward(context_vector, target_seq, params)\n    forced = "
            "logits\n",
        },
        "k_passes_give_k_more_rows",
    ),
    _one(
        "counts_the_first_pass_too",
        "You count teacher forcing as one of the passes; `passes` counts those after it.",
        {"for _ in range(passes):": "for _ in range(passes - 1):"},
        "k_passes_give_k_more_rows",
    ),
    _one(
        "runs_a_pass_too_many",
        "For 0 passes you give what 1 pass gives: you run one too many, or do not look at passes; 0 are "
        "teacher forcing.",
        {"for _ in range(passes):": "for _ in range(passes + 1):"},
        "without_own_tokens_it_is_teacher_forcing",
    ),
    _one(
        "returns_the_mean_of_the_passes",
        "You return the mean of the passes; return the last one.",
        {
            "logits = transformer_forward(context_vector, fed, params)": "logits = 0.5 * logits + 0.5 * transformer_forward(context_vector, fed, params)"
        },
        "k_passes_give_k_more_rows",
    ),
    _one(
        "runs_free_in_place_of_passes",
        "Where all tokens are own you run free, step by step; in passes own tokens come "
        "from the pass before.",
        {
            "return logits": "return generate(context_vector, len(logits), params) if sampling_prob == 1 and "
            "passes else logits"
        },
        "two_passes_are_not_free_running",
    ),
    _one(
        "accepts_any_probability",
        "You accept any `sampling_prob`; one outside [0, 1] raises ValueError.",
        {
            "if not 0 <= sampling_prob <= 1 or passes < 0:  # written so that NaN is refused "
            "too": "if passes < 0:"
        },
        "bad_probability_or_passes_raise",
    ),
    _one(
        "accepts_nan",
        "You accept NaN, since no comparison with it holds; write `not 0 <= sampling_prob <= 1`.",
        {
            "if not 0 <= sampling_prob <= 1 or passes < 0:  # written so that NaN is refused "
            "too": "if sampling_prob < 0 or sampling_prob > 1 or passes < 0:"
        },
        "bad_probability_or_passes_raise",
    ),
    _one(
        "accepts_negative_passes",
        "You accept a negative number of passes; raise ValueError.",
        {
            "if not 0 <= sampling_prob <= 1 or passes < 0:  # written so that NaN is refused "
            "too": "if not 0 <= sampling_prob <= 1:"
        },
        "bad_probability_or_passes_raise",
    ),
)

_TOKENS = (
    _one(
        "feeds_the_token_of_the_same_step",
        "You feed step t the own token of row t, which predicts it; the input of step t is "
        "the argmax of row t-1.",
        {
            'tokens = np.eye(len(params["b_out"]))[np.argmax(logits, axis=1)]': 'tokens = np.eye(len(params["b_out"]))[np.argmax(logits, axis=1)]\n        '
            "tokens = np.roll(tokens, -1, axis=0)"
        },
        "k_passes_give_k_more_rows",
    ),
    _one(
        "feeds_the_token_two_steps_back",
        "You feed step t the own token of row t-2; transformer_forward shifts by one already.",
        {
            'tokens = np.eye(len(params["b_out"]))[np.argmax(logits, axis=1)]': 'tokens = np.eye(len(params["b_out"]))[np.argmax(logits, axis=1)]\n        '
            "tokens = np.roll(tokens, 1, axis=0)"
        },
        "k_passes_give_k_more_rows",
    ),
    _one(
        "feeds_soft_tokens",
        "You feed the softmax of the logits; feed the one-hot vector of their argmax.",
        {
            'tokens = np.eye(len(params["b_out"]))[np.argmax(logits, axis=1)]': "tokens = np.exp(logits - logits.max(axis=1, keepdims=True))\n        tokens = "
            "tokens / tokens.sum(axis=1, keepdims=True)"
        },
        "k_passes_give_k_more_rows",
    ),
    _one(
        "feeds_logits",
        "You feed the logits themselves; feed the one-hot vector of their argmax.",
        {'tokens = np.eye(len(params["b_out"]))[np.argmax(logits, axis=1)]': "tokens = logits"},
        "k_passes_give_k_more_rows",
    ),
    _one(
        "mixes_truth_and_own_token",
        "You feed a mixture of the truth and the own token; a coin chooses one of them.",
        {
            "fed = np.where(own, tokens, target_seq)": "fed = sampling_prob * tokens + (1 - sampling_prob) * target_seq"
        },
        "coins_choose_truth_or_the_pass_before",
    ),
    _one(
        "adds_own_tokens_to_the_truth",
        "You add the own token to the truth; it takes the place of the truth.",
        {
            "fed = np.where(own, tokens, target_seq)": "fed = np.where(own, tokens + target_seq, target_seq)"
        },
        "k_passes_give_k_more_rows",
    ),
    _one(
        "runs_free",
        "You run free, step by step; own tokens are those of the pass before, all at once, also where that read the truth.",
        {
            '    for _ in range(passes):\n        tokens = np.eye(len(params["b_out"]))[np.argmax(logits, axis=1)]\n        fed = np.where(own, tokens, target_seq)\n        logits = transformer_forward(context_vector, fed, params)\n': '    fed = np.array(target_seq)\n    for t in range(len(fed) if passes else 0):\n        token = np.eye(len(params["b_out"]))[np.argmax(logits[t])]\n        fed[t] = np.where(own[t], token, fed[t])\n        logits = transformer_forward(context_vector, fed, params)\n',
        },
        "two_passes_are_not_free_running",
    ),
    _one(
        "draws_its_tokens",
        "At `sampling_prob` 1 your calls differ from each other: are own tokens drawn by "
        "chance, where the argmax is asked for, or does a coin still say truth?",
        {
            'tokens = np.eye(len(params["b_out"]))[np.argmax(logits, axis=1)]': "noise = rng.gumbel(size=logits.shape)\n        tokens = "
            'np.eye(len(params["b_out"]))[np.argmax(logits + noise, axis=1)]'
        },
        "k_passes_give_k_more_rows",
    ),
    _one(
        "feeds_the_least_likely_token",
        "You feed the token with the smallest logit; take the argmax.",
        {
            'tokens = np.eye(len(params["b_out"]))[np.argmax(logits, axis=1)]': 'tokens = np.eye(len(params["b_out"]))[np.argmin(logits, axis=1)]'
        },
        "k_passes_give_k_more_rows",
    ),
    _one(
        "writes_into_the_targets",
        "You write own tokens into target_seq, which belongs to the caller; make a new array.",
        {
            "fed = np.where(own, tokens, target_seq)": "target_seq[own[:, 0]] = tokens[own[:, 0]]\n        fed = target_seq"
        },
        "passes_change_nothing",
    ),
)

MISCONCEPTIONS = (*_COINS, *_PASSES, *_TOKENS)
