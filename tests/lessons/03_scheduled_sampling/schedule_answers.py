"""Answers to the schedules in a learner's own style, each with one slip, and its words."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

TEMPLATE = Path(__file__).with_name("schedule.txt").read_text(encoding="utf-8")
RIGHT = {
    "first": "",
    "linear_name": "'linear'",
    "exponential_name": "'exponential'",
    "sigmoid_name": "'inverse_sigmoid'",
    "linear": "max(eps_min, k - c * step)",
    "exponential": "k**step",
    "sigmoid": "k / (k + math.exp(min(step / k, 600)))",
    "unknown": "raise ValueError(schedule)",
    "after": "eps = min(max(eps, 0.0), 1.0)",
    "result": "1 - eps",
}


class Slip(NamedTuple):
    """One wrong answer: slots, what must be read of it, and what must not."""

    name: str
    slots: dict[str, str]
    says: str
    never: str = r"survive|between calls|float64|seed"

    def function(self) -> Callable[..., Any]:
        """Return a new function, of its own module."""
        space: dict[str, Any] = {"np": np, "math": math, "kept": {}}
        exec(TEMPLATE.format(**{**RIGHT, **self.slots}), space)
        function: Callable[..., Any] = space["scheduled_sampling_prob"]
        return function


def linear(name: str, formula: str, says: str, **slots: str) -> Slip:
    return Slip(f"linear_{name}", {"linear": formula, **slots}, says)


def exponential(name: str, formula: str, says: str, **slots: str) -> Slip:
    return Slip(f"exponential_{name}", {"exponential": formula, **slots}, says)


def sigmoid(name: str, formula: str, says: str, **slots: str) -> Slip:
    return Slip(f"sigmoid_{name}", {"sigmoid": formula, **slots}, says)


E_MINUS = "math.exp(-min(step / k, 600))"
SLIPS = [
    Slip("stairs_of_10", {"linear": "max(eps_min, k - c * (step // 10) * 10)"}, r"stairs"),
    Slip("stairs_of_7", {"exponential": "k ** (7 * (step // 7))"}, r"stairs"),
    Slip(
     "sigmoid_held", {"sigmoid": "k / (k + math.exp(min(step / k, 5)))"}, r"too early.*stays at"),
    Slip("exp_over_k", {"sigmoid": "k / (k + math.exp(min(step, 600)) / k)"}, r"divided by k"),
    Slip("k_twice", {"sigmoid": "k / (k + k**1.5 * math.exp(min(step / k, 600)))"}, r"wrong place"),
    linear("no_floor", "k - c * step", r"eps_min"),
    linear("ceiling", "min(eps_min, k - c * step)", r"max"),
    linear("rises", "max(eps_min, k + c * step)", r"rises|falls by c"),
    linear("k_times_step", "max(eps_min, 1 - k * step)", r"\bk\b"),
    linear("k_and_c_exchanged", "max(eps_min, c - k * step)", r"\bk\b.*\bc\b|\bc\b.*\bk\b"),
    linear("k_left_out", "max(eps_min, 1 - c * step)", r"\bk\b"),
    linear("c_left_out", "max(eps_min, k - step)", r"\bc\b"),
    linear("divides_by_c", "max(eps_min, k - step / c) if c else k", r"\bc\b"),
    linear("product", "max(eps_min, k * (1 - c * step))", r"\bk\b"),
    linear("integer_division", "max(eps_min, k - (c * step) // 1)", r"whole|integer|cut|rounded"),
    linear("floor_added", "eps_min + k - c * step", r"eps_min"),
    linear("floor_taken_off", "max(0, k - c * step - eps_min)", r"eps_min"),
    linear("floor_only_below_zero", "k - c * step if k - c * step > 0 else eps_min", r"eps_min"),
    linear("shrinks_to_floor", "eps_min + (k - eps_min) * max(0, 1 - c * step)", r"eps_min|\bk\b"),
    linear("geometric", "max(eps_min, k * (1 - c)**step)", r"\bc\b|straight|power"),
    linear("from_step_one", "max(eps_min, k - c * (step - 1))", r"step"),
    linear("a_step_ahead", "max(eps_min, k - c * (step + 1))", r"step"),
    linear("stays_at_k", "k", r"\bc\b|step"),
    linear("per_epoch", "max(eps_min, k - c * (step // 10))", r"step|whole|stair"),
    linear("squared_step", "max(eps_min, k - c * step**2)", r"squared|step"),
    linear("c_squared", "max(eps_min, k - c**2 * step)", r"\bc\b"),
    linear("rounded", "round(max(eps_min, k - c * step), 1)", r"rounded|decimal|tenth"),
    linear("none", "None", r"None|nothing|TypeError", after="eps = eps and min(max(eps, 0), 1)",
     result="None if eps is None else 1 - eps"),
    exponential("k_times_step", "k * step", r"power|k\*\*step"),
    exponential("step_to_the_k", "float(step)**k", r"step"),
    exponential("minus_step", "k**-float(step)", r"whatever the step|power|sign|grow"),
    exponential("exp_minus_k_step", "math.exp(-k * step)", r"exp|base"),
    exponential("exp_minus_step_over_k", "math.exp(-step / k)", r"exp|base"),
    exponential("base_two", "2.0**-step", r"\bk\b"),
    exponential("one_minus_k", "(1 - k)**step", r"1 - k"),
    exponential("complement", "1 - k**step", r"1 - |one minus|epsilon"),
    exponential("c_as_rate", "k**(c * step)", r"\bc\b"),
    exponential("times_k", "k * k**step", r"step"),
    exponential("step_minus_one", "k**(step - 1)", r"step"),
    exponential("max_one", "k**max(step, 1)", r"step 0|step = 0"),
    exponential("floor", "max(eps_min, k**step)", r"eps_min"),
    exponential("log", "math.log(1 + k * step)", r""),
    exponential("half_step", "k**(step / 2)", r"step|exponent halved"),
    exponential("squared_k", "k**(2 * step)", r"step|squared"),
    exponential("whole_part", "k**(step // 10)", r"step|stair|whole"),
    exponential("rounded", "round(k**step, 2)", r"rounded|decimal"),
    exponential("integer", "int(k**step)", r"whole|rounded|only 0"),
    exponential("none", "None", r"None|nothing|TypeError",
     after="eps = eps and min(max(eps, 0), 1)", result="None if eps is None else 1 - eps"),
    sigmoid("plain", "1 / (1 + math.exp(min(step / k, 600)))", r"begins at one half"),
    sigmoid("no_k_above", "1 / (k + math.exp(min(step / k, 600)))", r"\bk\b"),
    sigmoid("no_k_below", "k / (1 + math.exp(min(step / k, 600)))", r"\bk\b"),
    sigmoid("times_k", "k / (k + math.exp(min(step * k, 600)))", r"step / k|divide"),
    sigmoid("no_division", "k / (k + math.exp(min(step, 600)))", r"step / k|divide"),
    sigmoid("k_over_step", "k / (k + math.exp(min(k / step, 600))) if step else 0.0",
     r"step / k|k / step|turned|upside"),
    sigmoid("minus", f"k / (k + {E_MINUS})", r"sign"),
    sigmoid("whole_division", "k / (k + math.exp(min(step // k, 600)))", r"whole|//|stair|integer"),
    sigmoid("no_exp", "k / (k + step / k)", r"exp"),
    sigmoid("square", "k / (k + math.exp(min(step / k, 300)) ** 2)", r"factor|step"),
    sigmoid("complement", "1 - k / (k + math.exp(min(step / k, 600)))",
     r"1 - |one minus|epsilon|complement"),
    sigmoid("overflow_error", "k / (k + math.exp(step / k))", r"overflow|range"),
    sigmoid("overflow_warning", "k / (k + np.exp(step / k))", r"warns"),
    sigmoid("k_whole_in_the_exponent", "k / (k + math.exp(min(step / int(k), 600)))",
     r"int\(k\)"),
    sigmoid("k_whole", "int(k) / (int(k) + math.exp(min(step / int(k), 600)))", r"whole"),
    sigmoid("k_up_to_whole", "math.ceil(k) / (math.ceil(k) + math.exp(min(step / k, 600)))",
     r"whole"),
    sigmoid("nan", "k * np.exp(step / k) / (k * np.exp(step / k) + np.exp(2 * step / k))",
     r"finite|nan|overflow", after="eps = np.clip(eps, 0, 1)"),
    sigmoid("step_plus_one", "k / (k + math.exp(min((step + 1) / k, 600)))", r"step"),
    sigmoid("exponent_of_c", "k / (k + math.exp(min(c * step, 600)))", r"\bc\b"),
    sigmoid("shifted", "k / (k + math.exp(min((step - k) / k, 600)))", r""),
    sigmoid("capped_early", "k / (k + math.exp(min(step / k, 5)))", r"step|from"),
    sigmoid("zero_at_step_zero", "1.0 if step == 0 else k / (k + math.exp(min(step / k, 600)))",
     r"step 0|step = 0"),
    sigmoid(
     "zero_below_two", "1.0 if step < 2 else k / (k + math.exp(min(step / k, 600)))", r"step"),
    sigmoid("floor", "max(eps_min, k / (k + math.exp(min(step / k, 600))))", r"eps_min"),
    sigmoid("is_the_exponential", "k**-(step / k) if k > 1 else math.exp(-step)", r""),
    Slip("epsilon", {"result": "eps"}, r"epsilon|1 - "),
    Slip("epsilon_unclipped", {"result": "eps", "after": ""}, r"epsilon|1 - "),
    Slip("no_clip", {"after": ""}, r"clip|\[0, 1\]|outside"),
    Slip("clip_above_only", {"after": "eps = min(eps, 1.0)"}, r"clip|\[0, 1\]|outside|above 1"),
    Slip("clip_below_only", {"after": "eps = max(eps, 0.0)"}, r"clip|\[0, 1\]|outside|below 0"),
    Slip("floor_for_all", {"after": "eps = min(max(eps, eps_min), 1.0)"}, r"eps_min"),
    Slip("floor_as_least_result", {"linear": "k - c * step", "result": "max(eps_min, 1 - eps)"},
     r"eps_min"),
    Slip("percent", {"result": "100 * (1 - eps)"}, r"100|per ?cent"),
    Slip("percent_k", {"first": "k = k / 100"}, r"\bk\b|factor"),
    Slip("counts_from_one", {"first": "step = step + 1"}, r"step"),
    Slip("counts_from_minus_one", {"first": "step = max(step - 1, 0)"}, r"step"),
    Slip("guards_step_0", {"first": "if step == 0:\n        return 0.5"}, r"step 0|step = 0"),
    Slip(
     "guards_step_0_with_one", {"first": "if step <= 0:\n        return 1.0"}, r"step 0|step = 0"),
    Slip("guards_first_steps", {"first": "if step < 5:\n        return 0.0"}, r"step"),
    Slip("warm_up", {"first": "step = max(step - 10, 0)"}, r"step"),
    Slip("ends_at_1000", {"first": "if step > 100:\n        return 1.0"}, r"step"),
    Slip("remembers_the_step", {"first": "kept['n'] = step = kept.get('n', -1) + 1"},
     r"step|between calls|earlier", "seed|float64"),
    Slip("remembers_the_least", {"after": "kept['e'] = eps = min(max(eps, 0), kept.get('e', 1))"},
     r"between calls|earlier|remember", "seed|float64"),
    Slip("ignores_the_step", {"first": "step = 0"}, r"step"),
    Slip("ignores_k", {"first": "k = 1.0"}, r"\bk\b|numbers"),
    Slip("integers", {"result": "int(1 - eps)"}, r"whole|integer|rounded"),
    Slip("bool", {"result": "(1 - eps) > 0.5"}, r"True or False"),
    Slip("two_decimals", {"result": "round(1 - eps, 2)"}, r"rounded|decimal"),
    Slip("one_decimal", {"result": "round(1 - eps, 1)"}, r"rounded|decimal"),
    Slip("array", {"result": "np.array([1 - eps])"}, r"array|shape"),
    Slip("text", {"result": "f'{{1 - eps:.3f}}'"}, r"str|text|number"),
    Slip("list", {"result": "[1 - eps]"}, r"list|number"),
    Slip("coin", {"result": "float(np.random.default_rng().random() < 1 - eps)"},
     r"chance|differ|random", "float64"),
    Slip("complex", {"result": "complex(1 - eps)"}, r"complex|number"),
    Slip("names_with_dashes", {"sigmoid_name": "'inverse-sigmoid'"}, r"ValueError"),
    Slip("names_capital", {"linear_name": "'Linear'"}, r"ValueError"),
    Slip("branches_exchanged",
     {"exponential_name": "'inverse_sigmoid'", "sigmoid_name": "'exponential'"},
     r"exchanged|'(exponential|inverse_sigmoid)'|schedule"),
    Slip("linear_and_exponential_exchanged",
     {"exponential_name": "'linear'", "linear_name": "'exponential'"},
     r"exchanged|'(exponential|linear)'|schedule"),
    Slip(
     "unknown_is_linear", {"unknown": "eps = max(eps_min, k - c * step)"}, r"ValueError|unknown"),
    Slip("unknown_is_none", {"unknown": "return None"}, r"ValueError|unknown"),
    Slip("unknown_is_keyerror", {"unknown": "raise KeyError(schedule)"}, r"ValueError"),
    Slip("unknown_is_notimplemented", {"unknown": "raise NotImplementedError(schedule)"},
     r"ValueError"),
    Slip("square_of_all", {"result": "(1 - eps)**2"}, r"squared|square"),
    Slip("root_of_all", {"result": "(1 - eps)**0.5"}, r"root"),
    Slip("half_of_all", {"result": "(1 - eps) / 2"}, r"factor|half|0\.5"),
    Slip("log_of_all", {"result": "-math.log(max(eps, 1e-9))"}, r"log|it gave"),
    Slip("never_above_0_9", {"result": "min(1 - eps, 0.9)"}, r"0\.9|at most"),
    Slip("never_below_0_1", {"result": "max(1 - eps, 0.1)"}, r"0\.1|at least"),
    Slip("negative", {"result": "eps - 1"}, r"negative|sign|minus"),
]  # fmt: skip
