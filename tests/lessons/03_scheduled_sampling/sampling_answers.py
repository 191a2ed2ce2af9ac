"""Answers to scheduled sampling in a learner's own style, each with one slip, and its words.

The template has slots; an entry fills some. `says` is a pattern that a learner must read, whatever
names the mistake; `never` one that would mislead.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from answers import STEPS, decoder_forward_teacher_forcing

#: What a learner writes, with places for slips. Braces are slots; `{{}}` are Python's own.
TEMPLATE = Path(__file__).with_name("scheduled_sampling.txt").read_text(encoding="utf-8")
RIGHT = {
    "last": "rng=None",
    "refuse_p": 'if not 0 <= sampling_prob <= 1:\n        raise ValueError("a probability")',
    "refuse_cell": 'if cell_type not in STEPS:\n        raise ValueError("no such cell")',
    "rng": "np.random.default_rng() if rng is None else rng",
    "before": "",
    "every": "",
    "own": "tokens[logits[t - 1].argmax()] if t else None",
    "truth": "target_seq[t - 1] if t else None",
    "start": 'decoder_params["x_start"]',
    "coin": "rng.random() < p",
    "feed": "",
    "after": "",
    "result": "logits",
}


class Slip(NamedTuple):
    """One wrong answer: slots, what must be read of it, and what must not."""

    name: str
    slots: dict[str, str]
    says: str
    never: str = "(?!)"

    def function(self) -> Callable[..., Any]:
        """Return a new function, of its own module."""
        space: dict[str, Any] = {
            "np": np,
            "random": random,
            "STEPS": STEPS,
            "forced_pass": decoder_forward_teacher_forcing,
            "kept": {},
            "softmax": lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
        }
        exec(TEMPLATE.format(**{**RIGHT, **self.slots}), space)
        function: Callable[..., Any] = space["decoder_forward_scheduled_sampling"]
        return function


SEED = r"\bseed"
TWO = r"two coins|second coin"
KEPT = r"survive|between calls|float64"


def coin(
    name: str, coin: str, says: str, never: str = f"{SEED}|{TWO}|{KEPT}", **slots: str
) -> Slip:
    return Slip(name, {"coin": coin, **slots}, says, never)


def own(name: str, own: str, says: str, never: str = f"{SEED}|{TWO}|{KEPT}", **slots: str) -> Slip:
    return Slip(name, {"own": f"{own} if t else None", **slots}, says, never)


COINS = [
    Slip("coin_at_step_1_alone", {"coin": "t == 1 and rng.random() < p"}, r"step 1 alone"),
    Slip("coin_at_each_third_step", {"coin": "t % 3 == 1 and rng.random() < p"}, r"steps 1, 4, 7"),
    Slip("coin_in_the_second_half", {"coin": "t > T // 2 and rng.random() < p"},
     r"other steps of the 59 were fed the truth", r"grows|rises|hang"),
    Slip("held_between_bounds", {"before": "p = min(max(p, 0.1), 0.9)"},
     r"never below 0\.\d+ and never above", r"parts of|tenth"),
    Slip("shrunk_to_the_middle", {"coin": "rng.random() < 0.2 + 0.6 * p"}, r"\* sampling_prob"),
    Slip("tenths_one_too_many", {"coin": "p > 0 and rng.integers(0, 10) <= 10 * p"},
     r"in tenths, with <= where < is due", r"parts of"),
    Slip("remainders_in_place_of_chance", {"coin": "t * 7919 % 101 / 101 < p"},
     r"same in every call.*without any chance", r"between calls"),
    Slip("only_after_a_wrong_prediction", {
     "coin": "rng.random() < p and (p == 1 or np.argmax(logits[t - 1]) != "
     "np.argmax(target_seq[t - 1]))"}, r"agree the truth was fed",
     r"fell alike|parts of|unlike at"),
    Slip("always_after_a_wrong_prediction", {
     "coin": "rng.random() < p or (p > 0 and np.argmax(logits[t - 1]) != "
     "np.argmax(target_seq[t - 1]))"}, r"disagree the own token was fed",
     r"fell alike|parts of|unlike at"),
    coin("alternates", "0 < p and (t % 2 == 0 or p == 1)", r"repeat every 2|alternat"),
    coin("own_on_odd_steps", "t % 2", r"repeat every 2|alternat"),
    coin("toggles_on_across_calls",
     "kept.update(n=kept.get('n', 0) + 1) or 0 < p and (kept['n'] % 2 == 0 or p == 1)",
     r"repeat every 2|alternat"),
    coin("every_third_on_across_calls",
     "kept.update(n=kept.get('n', 0) + 1) or 0 < p and (kept['n'] % 3 == 0 or p == 1)",
     r"repeat every 3"),
    coin("alternates_from_a_random_side", "0 < p and ((t + side) % 2 == 0 or p == 1)",
     r"repeat every 2|alternat", before="side = rng.integers(2)"),
    coin("grows_with_t", "rng.random() < p * t / (T - 1)", r"rises with t"),
    coin("falls_with_t", "rng.random() < p * (1 - t / T)", r"falls with t"),
    coin("power_of_t", "rng.random() < p**t", r"power of t"),
    coin("root_of_t", "rng.random() < p**(1 / t)", r"rises with t"),
    coin("linear_whole_range", "0 < p and (rng.random() < t / T or p == 1)", r"rises with t"),
    coin(
     "first_share_own", "t < p * T or p == 1", r"up to|first|from step", f"{SEED}|{TWO}|{KEPT}"),
    coin("last_share_own", "t > (1 - p) * T or p == 1", r"from (there|step)"),
    coin("own_after_half", "p == 1 or p > 0 and t > T // 2", r"from (there|step)"),
    coin("first_five_own", "p == 1 or p > 0 and t <= 5", r"up to|first|from step"),
    coin("one_random_switch", "t >= switch", r"[Oo]nce",
     before="switch = rng.integers(1, max(T, 2)) if 0 < p < 1 else (T if p == 0 else 0)"),
    coin("fixed_count", "mask[t]", r"same number|exactly", before="mask = np.zeros(T, dtype=bool)\n"
     "    mask[rng.permutation(np.arange(1, T))[: round(p * (T - 1))]] = True"),
    coin("fixed_count_of_T", "t in places", r"same number|exactly",
     before="places = set() if T < 2 else set(rng.choice(np.arange(1, T), "
     "int(p * (T - 1)), replace=False))"),
    coin("periodic", "p > 0 and t % max(round(1 / p), 1) == 0",
     r"repeat every|same in every call|always"),
    coin("evenly", "int(t * p) > int((t - 1) * p)", r"evenly|repeat every"),
    coin("one_a_sequence", "flag", r"one coin", before="flag = rng.random() < p"),
    coin("one_for_all_calls", "kept.setdefault('u', rng.random()) < p",
     r"at no step.*|at every step of every call", TWO),
    coin("coins_kept_for_all_calls", "kept.setdefault(t, rng.random()) < p",
     r"same (coins )?in every call|same coins", TWO),
    coin("seeded", "rng.random() < p", r"seed", TWO, rng="np.random.default_rng(7)"),
    coin("seeded_globally", "np.random.rand() < p", r"seed", TWO, before="np.random.seed(1)"),
    coin("seeded_python", "random.random() < p", r"seed", TWO, before="random.seed(42)"),
    coin("seeded_by_step", "np.random.default_rng(t).random() < p", r"seed", TWO),
    coin("seeded_by_T", "rng.random() < p", r"seed", TWO,
     rng="np.random.default_rng(len(target_seq))"),
    coin("generator_made_each_step_of_seed", "np.random.default_rng(3).random() < p",
     r"at no step|at every step", TWO),
    coin("squared", "rng.random() < p**2", r"squared", SEED),
    coin("cubed", "rng.random() < p**3", r"cubed|three", SEED),
    coin("root", "rng.random() < p**0.5", r"root", SEED),
    coin("two_coins_and", "rng.random() < p and rng.random() < p", r"squared", SEED),
    coin("two_coins_or", "rng.random() < p or rng.random() < p", r"either|second", SEED),
    coin("inverted", "rng.random() > p", r"1 - sampling_prob|probability of the|turn"),
    coin("one_minus", "rng.random() < 1 - p", r"1 - sampling_prob|probability of the|turn"),
    coin("fair", "rng.random() < 0.5", r"fair|0\.5"),
    coin("fair_but_at_the_ends", "p == 1 or p > 0 and rng.random() < 0.5", r"fair|0\.5"),
    coin("half_of_p", "rng.random() < p / 2", r"half"),
    coin("tenths", "rng.integers(10) < 10 * p", r"tenths|rounded|coarse"),
    coin("tenths_rounded", "rng.random() < round(p, 1)", r"tenths|rounded|coarse"),
    coin("quarters", "rng.integers(4) < 4 * p", r"rounded|coarse|quarters|few sides"),
    coin("rounded_to_0_or_1", "rng.random() < round(p)", r"at no step.* every step"),
    coin("cut_to_an_integer", "rng.random() < int(p)", r"at no step"),
    coin("integers_le", "rng.integers(0, 100) <= 100 * p", r"sampling_prob = 0"),
    coin("dice", "rng.integers(1, 7) <= 6 * p", r"rounded|coarse|sides"),
    coin("normal", "rng.normal() < p", r"normal"),
    coin("normal_abs", "abs(rng.normal()) < p", r"not uniform"),
    coin("uniform_from_minus_one", "rng.uniform(-1, 1) < p", r"\(1 \+ sampling_prob\) / 2|-1"),
    coin("random_times_two", "2 * rng.random() < p", r"half"),
    coin("exponential_draw", "rng.exponential() < p", r"not uniform"),
    coin("sticky", "(state.append(1) or True) if state or rng.random() < p else False", r"[Oo]nce",
     before="state = []"),
    coin("sticky_truth", "not state and (rng.random() < p or state.append(1))", r"[Oo]nce",
     before="state = []"),
    coin("markov", "flag", r"after .* own", before="flag = rng.random() < p",
     every="flag = flag if 0 < p < 1 and rng.random() < 0.6 else rng.random() < p"),
    coin("never_twice", "flag", r"after .* own|twice in a row", before="flag = False",
     every="flag = p == 1 or (not flag and rng.random() < p)"),
    coin("every_second_step", "flag", r"every second step", f"{SEED}", before="flag = False",
     every="flag = rng.random() < p if t % 2 else flag"),
    coin("every_fourth_step", "flag", r"fell alike", f"{SEED}", before="flag = False",
     every="flag = rng.random() < p if t % 4 == 1 else flag"),
    coin("last_coin_twice", "draws[min(t + 1, T - 1)]", r"fell alike", f"{SEED}",
     before="draws = rng.random(T) < p"),
    coin("two_sided_copy", "draws[t % (T // 2 + 1)]", r"fell alike", f"{SEED}",
     before="draws = rng.random(T + 1) < p"),
    coin("few_random_numbers", "draws[t % 3]", r"repeat every 3|same", f"{SEED}",
     before="draws = rng.random(3) < p"),
    coin("confidence", "softmax(logits[t - 1]).max() > p", r"confiden"),
    coin("unconfident", "0 < p and (softmax(logits[t - 1]).max() < p or p == 1)", r"confiden"),
    coin("where_wrong", "np.argmax(logits[t - 1]) != np.argmax(target_seq[t - 1])",
     r"agree|right|wrong|same token"),
    coin("confident_enough", "softmax(logits[t - 1]).max() > 0.5", r"confidence alone"),
    coin("by_chance_where_confident", "rng.random() < p and softmax(logits[t - 1]).max() > 0.5",
     r"confidence besides"),
    coin("by_chance_where_it_leads", "np.ptp(np.sort(logits[t - 1])[-2:]) > 1 and rng.random() < p",
     r"confidence besides"),
    coin("by_chance_of_the_confidence", "rng.random() < softmax(logits[t - 1]).max()",
     r"confidence besides", r"not uniform"),
    coin("rounded_random_number", "round(rng.random(), 1) < p", r"sampling_prob = 1 the truth"),
    coin("never_own", "False", r"never|teacher forcing"),
    coin("always_own", "True", r"always|every step|free running"),
    coin("always_own_but_zero", "p > 0", r"at every step"),
    coin("own_only_at_one", "p == 1", r"at no step"),
    coin("late", "t > 1 and rng.random() < p", r"step 1\b"),
    coin("not_the_last", "t < T - 1 and rng.random() < p", r"last step|step \d+"),
]  # fmt: skip

OWN = [
    Slip("argmax_before_b_y",
     {"own": 'np.eye(O)[np.argmax(logits[t - 1] - decoder_params["b_y"])] if t else None'},
     r"before b_y is added", r"no influence|absolute|0 % of the steps|number of the step"),
    own("sampled", "np.eye(O)[rng.choice(O, p=softmax(logits[t - 1]))]", r"draw|sampl|softmax"),
    own("sampled_uniformly", "np.eye(O)[rng.integers(O)]", r"by chance"),
    own("softmax", "softmax(logits[t - 1])", r"softmax|probabilities"),
    own("logits", "logits[t - 1]", r"logits"),
    own("sigmoid_of_logits", "1 / (1 + np.exp(-logits[t - 1]))", r"sigmoid"),
    own("one_late", "np.eye(O)[np.argmax(logits[max(t - 2, 0)])]", r"two steps"),
    own("row_to_come", "np.eye(O)[np.argmax(logits[t])]", r"token 0|logits\[t\]"),
    own("argmin", "np.eye(O)[np.argmin(logits[t - 1])]", r"smallest|least"),
    own("second_best", "np.eye(O)[np.argsort(logits[t - 1])[-2]]", r"second"),
    own("index_as_number", "np.full(O, float(np.argmax(logits[t - 1])))", r"index"),
    own("largest_in_place", "np.where(logits[t - 1] == logits[t - 1].max(), logits[t - 1], 0)",
     r"largest"),
    own("threshold_half", "(logits[t - 1] > 0).astype(float)", r"positive|above 0"),
    own("argmax_of_all", "np.eye(O)[np.argmax(logits[:t]) % O]", r"all rows|earlier row"),
    own("argmax_of_absolute", "np.eye(O)[np.argmax(np.abs(logits[t - 1]))]", r"absolute|size"),
    own("argmax_of_target", "np.eye(O)[np.argmax(target_seq[t - 1])]",
     r"argmax of (the )?target|target_seq\[t ?- ?1\]"),
    own("last_of_equals", "np.eye(O)[O - 1 - np.argmax(logits[t - 1][::-1])]", r"equal"),
    own(
     "first_and_last_of_equals", "(logits[t - 1] == logits[t - 1].max()).astype(float)", r"equal"),
    Slip("rows_from_the_cell_state",
     {"after": "h, kept['h'] = (c if cell_type == 'lstm' else h), h",
      "every": "h = kept['h'] if t else h"}, r"rows from c", r"Seen alone|gate|size written"),
    own("argmax_of_all_rows", "np.eye(O)[np.argmax(logits)]", r"counts through the whole array",
     r"is a size written"),
    own(
     "one_hot_too_large", "np.eye(O + 1)[np.argmax(logits[t - 1])]", r"ValueError|one-hot|shape"),
    own("index_alone", "np.argmax(logits[t - 1])",
     r"is an index fed", r"is a size written|right for"),
    own("minus_one_hot", "-np.eye(O)[np.argmax(logits[t - 1])]", r"-1|negative|minus|factor"),
    own("twice_one_hot", "2 * np.eye(O)[np.argmax(logits[t - 1])]", r"times 2\.00"),
    own("from_a_forced_pass", "np.eye(O)[np.argmax(forced[t - 1])]", r"forced|teacher forcing",
     before="forced = forced_pass(context_vector, target_seq, decoder_params, cell_type)"),
    own("own_logits_plus_noise", "np.eye(O)[np.argmax(logits[t - 1] + rng.gumbel(size=O))]",
     r"draw|sampl|random"),
    Slip("mix", {"feed": "x = p * own + (1 - p) * truth if t else x"}, r"mix|average|weighted"),
    Slip("mix_half", {"feed": "x = (x + truth) / 2 if t and 0 < p < 1 else x"}, r"mix|average"),
    Slip("random_mix",
     {"feed": "u = rng.random(); x = u * own + (1 - u) * truth if t and 0 < p < 1 else x"},
     r"mix|average"),
    Slip("coin_per_element", {"feed": "x = np.where(rng.random(O) < p, own, truth) if t else x"},
     r"element|entr"),
    Slip("sum_of_both", {"feed": "x = own + truth if t and 0 < p < 1 and x is own else x"}, r"sum"),
    Slip("truth_of_now", {"truth": "target_seq[t]"}, r"target_seq\[t\]"),
    Slip("truth_of_two_ago", {"truth": "target_seq[max(t - 2, 0)]"},
     r"target_seq\[t ?- ?2\]|two steps"),
    Slip("truth_as_argmax", {"truth": "np.eye(O)[np.argmax(target_seq[t - 1])] if t else None"},
     r"argmax|one-hot"),
    Slip("x_start_for_truth", {"truth": 'decoder_params["x_start"]'}, r"x_start"),
    Slip("zeros_for_truth", {"truth": "np.zeros(O)"}, r"zeros"),
    Slip("first_target", {"start": "target_seq[0]"}, r"target_seq\[0\]"),
    Slip("zeros_first", {"start": "np.zeros(O)"}, r"zeros"),
    Slip("coin_at_step_0",
     {"start": 'decoder_params["x_start"] if rng.random() >= p else np.eye(O)[0]'}, r"step 0"),
    Slip("target_at_step_0_by_coin",
     {"start": 'decoder_params["x_start"] if rng.random() >= p else target_seq[0]'}, r"step 0"),
    Slip("writes_into_target", {"feed": "target_seq[t - 1] = x if t else target_seq[-1]"},
     r"target_seq"),
    Slip("state_moved_by_truth", {"coin": "False", "after": "pass"}, r"never|teacher forcing"),
    Slip(
     "h_reset_after_own", {"feed": "h = context_vector if t and x is own else h"}, r"state|own"),
    Slip("h_reset_when_truth_returns", {
     "feed": "h = context_vector if t and x is truth and kept.get('o') else h",
     "after": "kept['o'] = t > 0 and x is own"}, r"state|between"),
    Slip("returns_tokens_fed", {"result": "np.eye(O)[logits.argmax(axis=1)]"}, r"one-hot|tokens"),
    Slip("returns_softmax", {"result": "np.array([softmax(z) for z in logits]).reshape(T, O)"},
     r"softmax"),
    Slip("returns_nan", {"result": "logits * np.nan"}, r"finite|nan", f"{KEPT}|{SEED}"),
    Slip("returns_generator", {"result": "(row for row in logits)"}, r"generator|array",
     f"{KEPT}|{SEED}"),
    Slip("returns_list", {"result": "list(logits)"}, r"list", f"{KEPT}|{SEED}"),
    Slip("returns_pair", {"result": "logits, h"}, r"tuple|values|pair", f"{KEPT}|{SEED}"),
    Slip("stub_for_gru",
     {"refuse_cell": "if cell_type == 'gru':\n        raise NotImplementedError"}, r"not written",
     f"{KEPT}|{SEED}"),
    Slip("nothing_for_lstm", {"result": "None if cell_type == 'lstm' else logits"}, r"None|return",
     f"{KEPT}|{SEED}"),
    Slip("no_check_of_p", {"refuse_p": "pass"}, r"\[0, 1\]|accept|bad sampling_prob"),
    Slip("no_check_of_nan",
     {"refuse_p": "if sampling_prob < 0 or sampling_prob > 1:\n        raise ValueError"}, r"NaN"),
    Slip("no_check_of_negative",
     {"refuse_p": "if not sampling_prob <= 1:\n        raise ValueError"},
     r"-0\.1|below 0|negative"),
    Slip("no_check_above_one", {"refuse_p": "if not sampling_prob >= 0:\n        raise ValueError"},
     r"1\.1|above 1"),
    Slip("asserts_p", {"refuse_p": "assert 0 <= sampling_prob <= 1"}, r"AssertionError|ValueError"),
    Slip("type_error_for_p",
     {"refuse_p": "if not 0 <= sampling_prob <= 1:\n        raise TypeError"},
     r"TypeError|ValueError"),
    Slip("key_error_for_cell", {"refuse_cell": "STEPS[cell_type]"}, r"KeyError|ValueError"),
    Slip("clips_p", {"refuse_p": "sampling_prob = min(max(sampling_prob, 0), 1)"},
     r"\[0, 1\]|accept|bad sampling_prob"),
    Slip("unknown_cell_is_rnn",
     {"refuse_cell": "cell_type = cell_type if cell_type in STEPS else 'rnn'"},
     r"unknown|cell_type"),
    Slip("refuses_one", {"refuse_p": "if not 0 <= sampling_prob < 1:\n        raise ValueError"},
     r"1"),
]  # fmt: skip

SLIPS = [*COINS, *OWN]
