"""Answers that change lines of one notebook: right ones, and wrong ones with what must be said."""
# ruff: noqa: E501

RNN, LSTM, GRU = "rnn_cell_step", "lstm_cell_step", "gru_cell_step"
FORCED, FREE = "decoder_forward_teacher_forcing", "decoder_forward_free_running"
SAMPLED, SCHEDULE = "decoder_forward_scheduled_sampling", "scheduled_sampling_prob"
DIVERGENCE = "divergence_by_step"

_SPLIT_4 = "i, f, g, o = np.split(a + u, 4)"
_C, _H = "c = sig(f) * c_prev + sig(i) * np.tanh(g)", "h = sig(o) * np.tanh(c)"
_PAIR = "return h, c\n"
_SPLIT_A, _SPLIT_U = "a_r, a_z, a_n = np.split(a, 3)", "u_r, u_z, u_n = np.split(u, 3)"
_MIX = "return candidate + update * (h_prev - candidate)"
_TANH = "return np.tanh(a + u)"
_INPUTS = 'inputs = [w["x_start"]] + list(target_seq[:-1])'
_ROW = 'rows.append(w["W_hy"].dot(state[0]) + w["b_y"])'
ROWS = 'return np.array(rows).reshape(len(target_seq), len(w["b_y"]))'
_COINS = "coins = rng.random(T) < sampling_prob"
_CHOICE = "x = own if coins[t] else target_seq[t - 1]"
_OWN = "own[out[t - 1].argmax()] = 1.0"
_CLIP, _RESULT = "eps = float(np.clip(eps, 0, 1))", "    return 1 - eps\n"
_LINE, _POWER = "return max(k - c * step, eps_min)", "return k ** step"
_SIGMOID = "return k / (k + np.exp(np.minimum(step / k, 600)))"
_NEXT = "x[np.argmax(out[t])] = 1"
_FREE_ROOM = 'out = np.zeros((seq_len, len(w["b_y"])))'
_FREE_LOOP = "for t in range(seq_len):"
_KL = 'return np.einsum("to,to->t", np.exp(lp), lp - lq)'


def _cut(block: int, short: bool) -> str:
    """Cut the gates of an LSTM by hand, one of them by a row too short or too long."""
    ends = [f"{k + 1} * H" + (" - 1" if short else " + 1") * (k == block) for k in range(4)]
    cuts = ", ".join(f"v[{k} * H:{end}]" for k, end in enumerate(ends))
    return f"v, H = a + u, len(h_prev)\n    i, f, g, o = {cuts}"


#: A gate that is a row short fits by broadcasting where H is 2, and stops where it is larger.
_OF_SIZES = [
    *(
        (function, {_SPLIT_4: _cut(block, True)}, "it stopped at your line `[ch] = .*of H")
        for block in range(4)
        for function in (LSTM, FORCED, FREE, SAMPLED)
    ),
    *((LSTM, {_SPLIT_4: _cut(block, False)}, "it stopped at your line") for block in range(3)),
    *(
        (
            function,
            {_SPLIT_U: "u_r, u_z, u_n = u[:len(h_prev)], u[len(h_prev):2 * len(h_prev) - 1], "
             "u[-len(h_prev):]"},
            "it stopped at your line `reset, update = .*it runs and gives wrong numbers",
        )
        for function in (GRU, FORCED, FREE)
    ),
    (RNN, {_TANH: "return np.tanh(a[:-1] + u)"}, "it stopped at your line .*\\(4,\\) \\(5,\\)"),
    (RNN, {_TANH: "return np.tanh(a + u)[:-1]"}, "The result has shape \\(1,\\), where \\(H,\\)"),
    (RNN, {_TANH: "out = np.empty(2)\n    out[:] = np.tanh(a + u)\n    return out"},
     "H = 2, and wrong for I = 7, H = 5"),
    (LSTM, {_C: "c = np.dot(sig(f), c_prev) + np.dot(sig(i), np.tanh(g))"}, "is one number"),
    (LSTM, {_C: "c = np.outer(sig(f), c_prev) + sig(i) * np.tanh(g)"}, "np.outer, makes a matrix"),
]  # fmt: skip

_OF_CELLS = [
    *(
        (function, {_H: "h = sig(o * np.tanh(c))"}, "sigmoid closes around o \\* tanh")
        for function in (LSTM, FORCED, FREE)
    ),
    (LSTM, {_C: "c = sig(f * c_prev) + sig(i * np.tanh(g))"}, "sigmoids close around the products"),
    (FORCED, {_C: "c = sig(f) * c_prev + sig(i) + np.tanh(g)"}, "added the input gate"),
    (LSTM, {_C: "c = sig(f) * c_prev - sig(i) * np.tanh(g)"}, "You subtracted i \\* g"),
    (LSTM, {_SPLIT_4: "i, f, g, o = np.split(a * u, 4)"}, "what they share: the sum a \\+ u"),
    *(
        (function, {_MIX: "return candidate + update * (candidate - h_prev)"}, "h_prev - n belongs")
        for function in (GRU, FORCED, FREE)
    ),
    (GRU, {"sig(a_z + u_z)": "sig(a_z - u_z)"}, "the update gate z is wrong, or is used wrongly"),
    (RNN, {_TANH: "return np.tanh(a + u).astype(int)"}, "are whole numbers"),
    (FORCED, {"return lstm_cell_step(x, state[0], state[1], w)":
     "return lstm_cell_step(x, state[1], state[0], w)"}, "c and h exchanged"),
    (FREE, {"return lstm_cell_step(x, state[0], state[1], w)":
     "return lstm_cell_step(x, state[1], state[0], w)"}, "c and h exchanged"),
    (SAMPLED, {"return lstm_cell_step(x, state[0], state[1], w)":
     "return lstm_cell_step(x, state[1], state[0], w)"}, "c and h exchanged"),
]  # fmt: skip

_OF_RETURNS = [
    (RNN, {_TANH: "return np.tanh(a + u),"}, "it returns a tuple of 1 value.*return the array alone"),
    (RNN, {_TANH: "return np.tanh(a + u), u"}, "it returns a tuple of 2 values"),
    (RNN, {_TANH: "return [np.tanh(a + u)]"}, "a list that holds numbers of shape \\(1, 2\\)"),
    (RNN, {_TANH: "return {'h': np.tanh(a + u)}"}, "it returns a dict"),
    (RNN, {_TANH: "yield np.tanh(a + u)"}, "it returns a generator"),
    (LSTM, {_PAIR: "return {'h': h, 'c': c}\n"}, "it returns a dict; return two arrays, h and c"),
    (LSTM, {_PAIR: "return h, None\n"}, "shape \\(2,\\) and nothing \\(None\\)"),
    (LSTM, {_PAIR: "return h[:, None], c[:, None]\n"}, "leave out the reshape"),
    (LSTM, {_PAIR: "return h.astype(np.float16), c.astype(np.float16)\n"}, "two or three digits"),
    (FORCED, {ROWS: "return rows, state"}, "it returns a tuple of 2 values; return one array"),
    (FORCED, {ROWS: "return np.array(rows).reshape(len(w['b_y']), len(target_seq))"},
     "tears the rows apart"),
    (FORCED, {ROWS: "return np.array(rows, dtype=object)"}, "is no dtype asked for"),
    (FORCED, {ROWS: "out = np.empty((len(rows) + 1, len(w['b_y'])))\n    out[:-1] = rows\n"
     "    return out"}, "belong to no step|zeros at the end"),
    (FORCED, {ROWS: "z = np.array(rows)\n    return np.log(np.exp(z).sum(1, keepdims=True)) - z"},
     "minus log_softmax"),
    (FREE, {_FREE_ROOM: "out = np.zeros((seq_len, len(w['b_y'])), dtype=bool)"}, "dtype=bool"),
    (SCHEDULE, {_RESULT: "    return np.array([1 - eps])\n"}, "one number must be returned"),
    (SCHEDULE, {_RESULT: "    return 1 - eps,\n"}, "return the number alone"),
    (DIVERGENCE, {_KL: "return [" + _KL.removeprefix("return ") + "]"}, "of shape \\(1, "),
    (DIVERGENCE, {_KL: _KL + ", 0.0"}, "it returns a tuple of 2 values"),
]  # fmt: skip

_OF_DECODERS = [
    (FORCED, {_ROW: 'rows.append(w["W_hy"].dot(state[0]) * w["b_y"])'}, "multiplied by b_y"),
    (FORCED, {_ROW: 'rows.append(np.maximum(w["W_hy"].dot(state[0]), 0) + w["b_y"])'}, "ReLU"),
    (FORCED, {_INPUTS: 'inputs = np.concatenate([w["x_start"], target_seq[:-1]])'},
     "different numbers of axes are joined"),
    (FORCED, {"        return (context, np.zeros(len(context)))": "        return context"},
     "a matrix stands beside a vector"),
    (FORCED, {"return (context,)": "return (0.5 * context,)"}, "from 0.5 times context_vector"),
    (FREE, {"return (context,)": "return (context + 0.1,)"}, "from context_vector plus 0.1"),
    (FREE, {_NEXT: "x[np.argmax(out[t] - w['b_y'])] = 1"}, "before b_y is added"),
    (FREE, {_NEXT: "x[np.argsort(out[t])[-2]] = 1"}, "the second largest logit"),
    (FREE, {_NEXT: "x[np.argmax(state[0])] = 1"}, "hidden state"),
    (FREE, {_NEXT: "x[np.random.randint(len(x))] = 1"}, "by chance"),
    (FREE, {_NEXT: "x = np.argmax(out[t])"}, "is an index fed"),
    (FREE, {'        x = np.zeros(len(w["b_y"]))\n': "        x = 1.0 * x\n"},
     "x_start with a 1 for every token"),
    (FREE, {_FREE_LOOP: "for t in range(min(seq_len, 10)):"}, "from row 10 on are zeros"),
    (SAMPLED, {_OWN: "own[:] = np.exp(2 * out[t - 1]) / np.exp(2 * out[t - 1]).sum()"},
     "a temperature"),
    (SAMPLED, {_OWN: "own[:] = np.exp(7 * out[t - 1]) / np.exp(7 * out[t - 1]).sum()"},
     "sum to 1 as probabilities do"),
    (SAMPLED, {_COINS: "coins = np.full(T, rng.random() < sampling_prob)"}, "toss a new one"),
    (SAMPLED, {_COINS: "coins = rng.integers(0, 10, T) <= 10 * sampling_prob"},
     "in tenths, with <= where < is due"),
    (SAMPLED, {_COINS: "coins = rng.random(T).round(1) <= sampling_prob"},
     r"\AYour coin falls on few values, such as whole numbers or tenths"),
    (SAMPLED, {_CHOICE: "x = (own + target_seq[t - 1]) / 2"},
     "0.5 times target_seq.*feed one of the two tokens, as the coin falls"),
    (SAMPLED, {_COINS: _COINS.replace("<", ">="), _OWN: "own = np.exp(out[t - 1]) / np.exp(out[t - "
     "1]).sum()"}, "softmax of logits.*, as the model's own token.*that is 1 - sampling_prob"),
    (SAMPLED, {_OWN: "own[out[t - 1 - (t - 1) % 2].argmax()] = 1.0"},
     "\\A(?!.*t-2)(?!.*by chance).*not the argmax of the row before, the same in each call"),
    (SCHEDULE, {_LINE: "return max(k - c / k * step, eps_min)"}, "right with k = 1 alone"),
    (SAMPLED, {_COINS: _COINS.replace("<", ">="), _CHOICE: _CHOICE.replace("t - 1", "t")},
     "target_seq.t., .*as the truth.*that is 1 - sampling_prob"),
    (SAMPLED, {_CHOICE: "x = np.tanh(out[t - 1])"}, "tanh of logits.*, whichever token was due"),
    (SAMPLED, {"if not (0 <= sampling_prob <= 1):": "if sampling_prob < 0 or sampling_prob > 1:"},
     "it accepts sampling_prob = nan.*\nThe call: .*sampling_prob=nan"),
]  # fmt: skip

_HELD = "epsilon is held at eps_min or above by a line that all schedules pass through"
_OF_SCHEDULES = [
    (SCHEDULE, {_CLIP: "eps = min(max(eps, eps_min), 1)"}, _HELD),
    (SCHEDULE, {_CLIP: "eps = min(max(eps, eps_min), 1)", _LINE: "return k - c * step"}, _HELD),
    (SCHEDULE, {_CLIP: "eps = max(eps, eps_min)"}, "hold every schedule at eps_min.*leaves \\[0, 1\\]"),
    (SCHEDULE, {_CLIP: "pass", _RESULT: "    return np.clip(1 - eps, 0, 1 - eps_min)\n"}, _HELD),
    (SCHEDULE, {_CLIP: "pass", _RESULT: "    return min(max(eps, eps_min), 1)\n"},
     "epsilon itself is returned, and it is held at eps_min"),
    (SCHEDULE, {_RESULT: "    return np.random.random() < 1 - eps\n"}, "by chance, as of a coin"),
    (SCHEDULE, {_RESULT: "    return 1 - eps if step else 0.0\n"}, "all is right but step 0"),
    (SCHEDULE, {_RESULT: "    return (1 - eps) / (eps or 1e-9)\n"}, "the odds"),
    (SCHEDULE, {_POWER: "return k ** step - c"}, "is k\\*\\*step - c; c belongs"),
    (SCHEDULE, {_POWER: "return eps_min + (k - eps_min) ** step"}, "eps_min belongs to 'linear'"),
    (SCHEDULE, {_LINE: "return k - max(eps_min, c * step)"}, "not the least that is taken off"),
    (SCHEDULE, {_LINE: "return k - c * step if k - c * step > eps_min else 0"}, "then 0"),
    (SCHEDULE, {_SIGMOID: "return k / (k + np.e * step / k)"}, "exp\\(step / k\\)"),
    (SCHEDULE, {'raise ValueError("no such schedule")': "return 0.5"},
     "it accepts an unknown schedule"),
]  # fmt: skip

_OF_DIVERGENCES = [
    (DIVERGENCE, {_KL: "return (np.exp(lp) * lp - lq).sum(axis=1)"}, "put brackets around"),
    (DIVERGENCE, {"top = z.max(axis=1, keepdims=True)": "top = z.max(axis=0, keepdims=True)"},
     "runs over the steps"),
    (DIVERGENCE, {_KL: "p = np.exp(lp)\n    return np.where(p > 1e-3, p * (lp - lq), 0).sum(1)"},
     "is a term left out or changed"),
    (DIVERGENCE, {"np.sum(np.exp(z - top), axis=1, keepdims=True)": "np.sum(np.exp(z - top), 1)"},
     "keeps its axis with keepdims=True"),
    (DIVERGENCE, {_KL: "return np.einsum('to,to->t', np.exp(lp), "
     "np.nan_to_num(np.log(np.exp(lp) / np.exp(lq))))"}, "For logits of about 1000, result\\[0\\] is 1.798e\\+308, where 1253 is due, and plain calls "
     "are right\\.\n"),
]  # fmt: skip

ANSWERS = [
    *_OF_SIZES,
    *_OF_CELLS,
    *_OF_RETURNS,
    *_OF_DECODERS,
    *_OF_SCHEDULES,
    *_OF_DIVERGENCES,
]

#: Right ones, in odd styles.
RIGHT = [
    (RNN, {}),
    (LSTM, {}),
    (GRU, {}),
    (FORCED, {}),
    (SAMPLED, {}),
    (SCHEDULE, {}),
    (FREE, {}),
    (DIVERGENCE, {}),
    (LSTM, {'i, f, g, o = np.split(a + u, 4)': 'i, f, g, o = (a + u).reshape(4, -1)'}),
    (FORCED, {'i, f, g, o = np.split(a + u, 4)': 'i, f, g, o = (a + u).reshape(4, -1)'}),
    (SAMPLED, {'i, f, g, o = np.split(a + u, 4)': 'i, f, g, o = (a + u).reshape(4, -1)'}),
    (FREE, {'i, f, g, o = np.split(a + u, 4)': 'i, f, g, o = (a + u).reshape(4, -1)'}),
    (LSTM, {'return h, c\n': 'return [h, c]\n'}),
    (LSTM, {'c = sig(f) * c_prev + sig(i) * np.tanh(g)': 'c = np.array([sig(a1) * b1 + sig(c1) * np.tanh(d1) for a1, b1, c1, d1 in zip(f, c_prev, i, g)])'}),
    (LSTM, {'i, f, g, o = np.split(a + u, 4)': 'H = c_prev.size\n    i, f, g, o = (( a + u)[k * H : (k + 1) * H] for k in range(4))'}),
    (GRU, {'return candidate + update * (h_prev - candidate)': 'return np.where(True, (1 - update) * candidate + update * h_prev, 0)'}),
    (GRU, {'reset, update = sig(a_r + u_r), sig(a_z + u_z)': 'both = sig(np.r_[a_r + u_r, a_z + u_z])\n    reset, update = both[: len(h_prev)], both[len(h_prev) :]'}),
    (RNN, {'return np.tanh(a + u)': 'return 2 * sig(2 * (a + u)) - 1'}),
    (RNN, {'a, u = sums(x_t, h_prev, params)\n    return np.tanh(a + u)': "W = np.hstack([params['W_xh'], params['W_hh']])\n    return np.tanh(W @ np.concatenate([x_t, h_prev]) + params['b_xh'] + params['b_hh'])"}),
    (RNN, {'return np.tanh(a + u)': "print('step')\n    return np.tanh(a + u).astype(np.float32)"}),
    (FORCED, {'    rows = []\n': '    rows = []\n    import time\n'}),
    (FORCED, {'rows.append(w["W_hy"].dot(state[0]) + w["b_y"])': 'rows += [np.einsum("oh,h->o", w["W_hy"], state[0]) + w["b_y"]]'}),
    (FORCED, {'return np.array(rows).reshape(len(target_seq), len(w["b_y"]))': 'return np.array(rows, dtype=np.float32).reshape(-1, w["b_y"].size) if rows else np.empty((0, w["b_y"].size))'}),
    (FORCED, {'return np.array(rows).reshape(len(target_seq), len(w["b_y"]))': 'out = np.zeros((len(target_seq), len(w["b_y"])))\n    for t, row in enumerate(rows):\n        out[t] += row\n    return out'}),
    (FORCED, {'inputs = [w["x_start"]] + list(target_seq[:-1])': 'inputs = np.vstack([w["x_start"][None], target_seq])[:-1]'}),
    (FORCED, {'inputs = [w["x_start"]] + list(target_seq[:-1])': 'inputs = np.roll(np.vstack([target_seq, w["x_start"]]), 1, axis=0)'}),
    (FORCED, {'    raise ValueError(cell_type)': '    class Unknown(ValueError):\n        pass\n    raise Unknown(cell_type)'}),
    (SAMPLED, {'coins = rng.random(T) < sampling_prob': 'coins = rng.random(T) > 1 - sampling_prob'}),
    (SAMPLED, {'coins = rng.random(T) < sampling_prob': 'coins = [rng.uniform() < sampling_prob for _ in range(T)]'}),
    (SAMPLED, {'coins = rng.random(T) < sampling_prob': 'import random\n    coins = [random.random() < sampling_prob for _ in range(T)]'}),
    (SAMPLED, {'coins = rng.random(T) < sampling_prob': 'coins = np.random.rand(T) < sampling_prob'}),
    (SAMPLED, {'coins = rng.random(T) < sampling_prob': 'coins = rng.binomial(1, sampling_prob, size=T).astype(bool)'}),
    (SAMPLED, {'coins = rng.random(T) < sampling_prob': 'coins = rng.choice([True, False], T, p=[sampling_prob, 1 - sampling_prob])'}),
    (SAMPLED, {'coins = rng.random(T) < sampling_prob': 'coins = 1 - rng.random(T) <= sampling_prob'}),
    (SAMPLED, {', cell_type="rnn", rng=None': ', cell_type="rnn"', 'rng = rng or np.random.default_rng()': 'rng = np.random.default_rng()'}),
    (SAMPLED, {'x = own if coins[t] else target_seq[t - 1]': 'x = coins[t] * own + (1 - coins[t]) * target_seq[t - 1]'}),
    (SAMPLED, {'x = own if coins[t] else target_seq[t - 1]': 'x = np.where(coins[t], own, target_seq[t - 1])'}),
    (SCHEDULE, {'return k / (k + np.exp(np.minimum(step / k, 600)))': 'return 1 / (1 + np.exp(min(step / k - np.log(k), 700)))'}),
    (SCHEDULE, {'return k ** step': 'return np.exp(step * np.log(k))'}),
    (SCHEDULE, {'    return 1 - eps\n': '    return np.float64(1 - eps)\n'}),
    (SCHEDULE, {'    return 1 - eps\n': '    return np.array(1 - eps)\n'}),
    (SCHEDULE, {'return max(k - c * step, eps_min)': 'return np.max([k - c * step, eps_min])'}),
    (FREE, {'x[np.argmax(out[t])] = 1': 'x[list(out[t]).index(max(out[t]))] = 1'}),
    (FREE, {'        x = np.zeros(len(w["b_y"]))\n        x[np.argmax(out[t])] = 1\n': '        x = (np.arange(len(w["b_y"])) == out[t].argmax()).astype(int)\n'}),
    (FREE, {'        x = np.zeros(len(w["b_y"]))\n        x[np.argmax(out[t])] = 1\n': '        x = np.identity(len(w["b_y"]), dtype=np.float32)[out[t].argmax()]\n'}),
    (DIVERGENCE, {'return np.einsum("to,to->t", np.exp(lp), lp - lq)': 'return np.array([(np.exp(p) * (p - q)).sum() for p, q in zip(lp, lq)]).reshape(len(lp))'}),
    (DIVERGENCE, {'return np.einsum("to,to->t", np.exp(lp), lp - lq)': 'return (np.exp(lp) * lp).sum(1) - (np.exp(lp) * lq).sum(1)'}),
    (DIVERGENCE, {'return np.einsum("to,to->t", np.exp(lp), lp - lq)': 'return np.diag(np.exp(lp) @ (lp - lq).T).copy()'}),
    (DIVERGENCE, {'np.sum(np.exp(z - top), axis=1, keepdims=True)': 'np.mean(np.exp(z - top), axis=1, keepdims=True) * z.shape[1]'}),
]  # fmt: skip
