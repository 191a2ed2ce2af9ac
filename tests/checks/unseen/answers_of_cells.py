"""Slips inside a cell: the change, and words of which one must be told."""

RNN, LSTM, GRU = "rnn_cell_step", "lstm_cell_step", "gru_cell_step"
FORCED, FREE = "decoder_forward_teacher_forcing", "decoder_forward_free_running"

_TANH = "return np.tanh(pre)"
_PRE = 'pre = p["W_xh"] @ x + p["b_xh"] + p["W_hh"] @ h + p["b_hh"]'
_N = "n = np.tanh(from_x[2 * H:] + r * from_h[2 * H:])"
_MIX = "return (1 - z) * n + z * h"
_I, _F = "i_g = sig(v[0:H])", "f_g = sig(v[H:2 * H])"
_G, _O = "g_g = np.tanh(v[2 * H:3 * H])", "o_g = sig(v[3 * H:4 * H])"
_C, _H = "c_new = f_g * c + i_g * g_g", "h_new = o_g * np.tanh(c_new)"
_V = 'v = np.dot(p["W_xh"], x) + p["b_xh"] + np.dot(p["W_hh"], h) + p["b_hh"]'

#: Of which cell, what is changed, and what must be said.
SLIPS = {
    "rnn": [
        ({_TANH: "return sig(pre)"}, "sigmoid"),
        ({_TANH: "return np.maximum(0.1 * pre, pre)"}, "leaky"),
        ({_TANH: "return np.clip(pre, -1, 1)"}, "hard"),
        ({_TANH: "up, down = np.exp(pre), np.exp(-pre)\n    return (up - down) / (up + up)"},
         "another function than np.tanh|row 0|finite"),
        ({_TANH: "up, down = np.exp(pre), np.exp(-pre)\n    return (up - down) / (down + down)"},
         "another function than np.tanh|row 0|finite"),
        ({_TANH: "return pre"}, "did not squash|sum itself"),
        ({_PRE: 'W = np.hstack([p["W_xh"], p["W_hh"]])\n'
          '    pre = W @ np.concatenate([h, x]) + p["b_xh"] + p["b_hh"]'},
         "columns of W_xh and W_hh meet the wrong numbers"),
        ({_PRE: 'pre = p["W_xh"] @ x + p["b_xh"] + np.diag(p["W_hh"]) * h + p["b_hh"]'},
         "only the diagonal"),
        ({_TANH: "return np.tanh(np.tanh(pre))"}, "twice"),
        ({_TANH: "return 0.9 * np.tanh(pre) + 0.1 * h"}, "differs|mix|h_prev"),
        ({_TANH: "return np.tanh(pre) * 1.7159"}, "factor|times|1.7|state"),
        ({_PRE: 'pre = p["W_xh"] @ x + p["b_xh"] + p["W_hh"].T @ h + p["b_hh"]'}, "transpos"),
        ({_PRE: 'pre = p["W_xh"] @ x + p["W_hh"] @ h + p["b_hh"]'}, "b_xh"),
        ({_PRE: 'pre = p["W_xh"] @ x + p["b_hh"] + p["W_hh"] @ h + p["b_hh"]'}, "b_hh|b_xh"),
        ({_PRE: 'pre = p["W_xh"] @ x + p["b_xh"] - p["W_hh"] @ h + p["b_hh"]'}, "subtract"),
        ({_PRE: 'pre = p["W_xh"] @ x + p["b_xh"] + h + p["b_hh"]'}, "W_hh"),
        ({_PRE: 'pre = p["W_xh"] @ h + p["b_xh"] + p["W_hh"] @ x + p["b_hh"]'}, "W_xh|shape"),
        ({_PRE: 'pre = x @ p["W_xh"] + p["b_xh"] + h @ p["W_hh"] + p["b_hh"]'}, "W_xh|shape"),
        ({_PRE: 'pre = p["W_xh"] * x + p["b_xh"] + p["W_hh"] @ h + p["b_hh"]'}, "W_xh|shape"),
    ],
    "lstm": [
        ({_I: "f_g = sig(v[0:H])", _F: "i_g = sig(v[H:2 * H])"}, "f, i, g, o"),
        ({_F: "o_g = sig(v[H:2 * H])", _G: "f_g = sig(v[2 * H:3 * H])",
          _O: "g_g = np.tanh(v[3 * H:4 * H])"}, "i, o, f, g"),
        ({_I: "o_g = sig(v[0:H])", _F: "i_g = sig(v[H:2 * H])",
          _G: "f_g = sig(v[2 * H:3 * H])", _O: "g_g = np.tanh(v[3 * H:4 * H])"}, "o, i, f, g"),
        ({_I: "f_g = sig(v[0:H])", _F: "g_g = np.tanh(v[H:2 * H])",
          _G: "o_g = sig(v[2 * H:3 * H])", _O: "i_g = sig(v[3 * H:4 * H])"}, "f, g, o, i"),
        ({_G: "g_g = sig(v[2 * H:3 * H])"}, "candidate g"),
        ({_G: "g_g = np.maximum(0, v[2 * H:3 * H])"}, "candidate g"),
        ({_O: "o_g = np.tanh(v[3 * H:4 * H])"}, "output gate"),
        ({_I: "i_g = v[0:H]"}, "input gate"),
        ({_F: "f_g = np.clip(0.2 * v[H:2 * H] + 0.5, 0, 1)"}, "forget gate"),
        ({_F: "f_g = sig(sig(v[H:2 * H]))"}, "forget gate"),
        ({_F: "f_g = 1 - i_g"}, "forget gate"),
        ({_O: 'o_g = sig((p["W_xh"] @ x + p["b_xh"])[3 * H:])'},
         "output gate o's rows of W_hh and b_hh.*no influence"),
        ({_F: "f_g = sig(v[0:H])"}, "rows of i for f"),
        ({_C: "c_new = f_g * h + i_g * g_g"}, "h_prev|h_"),
        ({_C: "c_new = f_g * c + (1 - f_g) * g_g"}, "input gate"),
        ({_C: "c_new = (1 - f_g) * c + i_g * g_g"}, "forget gate|1 - f"),
        ({_C: "c_new = np.tanh(f_g * c + i_g * g_g)"}, "tanh"),
        ({_H: "h_new = o_g * c_new"}, "tanh|squash"),
        ({_H: "h_new = o_g * sig(c_new)"}, "sigmoid"),
        ({_H: "h_new = np.tanh(o_g * c_new)"}, "tanh"),
        ({_H: "h_new = o_g * np.tanh(c)"}, "c_prev"),
        ({_V: _V.replace(' + p["b_hh"]', "")}, "b_hh"),
        ({_V: _V + ' + p["b_hh"]'}, "b_hh twice"),
        ({_V: _V.replace('np.dot(p["W_hh"], h)', 'np.dot(p["W_hh"].T, np.tile(h, 4))')},
         "different lengths"),
        ({_I: "i_g = sig(v[0::4])", _F: "f_g = sig(v[1::4])", _G: "g_g = np.tanh(v[2::4])",
          _O: "o_g = sig(v[3::4])"}, "every fourth"),
        ({_O: "o_g = sig(v[3 * H:4 * H] + c_new)", _C: "pass", _G: _G + "\n    " + _C},
         "differs|c|o"),
    ],
    "gru": [
        ({"r = sig(from_x[:H]": "z = sig(from_x[:H]", "z = sig(from_x[H": "r = sig(from_x[H"},
         "z, r, n"),
        ({_MIX: "return z * n + (1 - z) * h"}, "z and 1 - z"),
        ({_N: 'n = np.tanh(from_x[2 * H:] + p["W_hh"][2 * H:] @ (r * h) + p["b_hh"][2 * H:])'},
         "before the product"),
        ({_N: 'n = np.tanh(from_x[2 * H:] + r * (p["W_hh"][2 * H:] @ h) + p["b_hh"][2 * H:])'},
         "b_hh outside"),
        ({_N: "n = np.tanh(from_x[2 * H:] + from_h[2 * H:])"}, "reset gate"),
        ({_N: "n = np.tanh(r * (from_x[2 * H:] + from_h[2 * H:]))"}, "reset"),
        ({_N: "n = np.tanh(from_x[2 * H:] + z * from_h[2 * H:])"}, "used z"),
        ({_N: "n = np.tanh(from_x[2 * H:] + (1 - r) * from_h[2 * H:])"}, "1 - r|reset"),
        ({_N: "n = from_x[2 * H:] + r * from_h[2 * H:]"}, "candidate"),
        ({_N: "n = sig(from_x[2 * H:] + r * from_h[2 * H:])"}, "candidate"),
        ({_N: "n = np.maximum(0.01 * 0, from_x[2 * H:] + r * from_h[2 * H:])"}, "ReLU"),
        ({"r = sig(": "r = np.tanh("}, "reset gate"),
        ({"z = sig(": "z = np.tanh("}, "update gate"),
        ({"z = sig(": "z = ("}, "did not squash the update gate z; apply sigmoid"),
        ({_MIX: "return (1 - z) * n + z * from_h[2 * H:]"},
         "z is right.*h_prev does not reach the result through z"),
        ({_MIX: "return (1 - z) * n"}, "z \\* h_prev"),
        ({_MIX: "return n + z * h"}, "1 - z|in full"),
        ({_MIX: "return (1 - r) * n + r * h"}, "update gate|by r"),
        ({'from_h = p["W_hh"] @ h + p["b_hh"]': 'from_h = p["W_hh"] @ h'}, "b_hh"),
        ({'from_x = p["W_xh"] @ x + p["b_xh"]': 'from_x = p["W_xh"] @ x'}, "b_xh"),
        ({"from_x[H:2 * H] + from_h[H:2 * H]": "from_x[2 * H:] + from_h[2 * H:]",
          _N: "n = np.tanh(from_x[H:2 * H] + r * from_h[H:2 * H])"}, "r, n, z|second block"),
        ({_N: "n = np.tanh(from_x[2 * H:] + r * (h @ p[\"W_hh\"][2 * H:])"
          " + r * p[\"b_hh\"][2 * H:])"},
         "transposed"),
        ({_N: "n = np.tanh(from_x[2 * H:] + r * h)"}, "W_hh"),
    ],
}  # fmt: skip

_PAIR = "return h_new, c_new"
_SWAPPED = {_PAIR: "return c_new, h_new"}

#: What is returned, which a decoder of one's own need not mind: of the cell's own lesson alone.
RETURNED = {
    LSTM: [
        (_SWAPPED, "right, but in the wrong order"),
        ({**_SWAPPED, _H: "h_new = o_g * c_new"}, "wrong order.*return h, c.*h is o \\* c"),
        ({**_SWAPPED, _G: "g_g = sig(v[2 * H:3 * H])"}, "wrong order.*candidate g with sigmoid"),
        ({**_SWAPPED, _C: "c_new = i_g * c + f_g * g_g"}, "wrong order.*f, i, g, o"),
        ({**_SWAPPED, _I: "i_g = v[0:H]"}, "wrong order.*input gate"),
        ({**_SWAPPED, _H: "h_new = o_g * np.tanh(c_new) ** 3"}, "wrong order.*not all"),
        ({_PAIR: "return c_new, c_new"}, "took c for h"),
        ({_PAIR: "return h_new, h_new"}, "h is right|return h, c"),
        ({_PAIR: "return h_new, c"}, "c_prev|return h, c"),
        ({_C: "c_new = f_g @ c + i_g * g_g"}, "`@`"),
    ],
    RNN: [
        (
            {
                _TANH: "h = h.copy()\n    for k in range(len(h)):\n        h[k] = np.tanh("
                "(p['W_xh'] @ x + p['b_xh'] + p['W_hh'] @ h + p['b_hh'])[k])\n    return h"
            },
            "while it is still read",
        ),
        ({_TANH: "return np.concatenate([np.tanh(pre[:1]), h[1:]])"}, "the others are not written"),
        ({_TANH: "return np.full(len(h), np.tanh(pre[0]))"}, "is an index 0 throughout"),
        (
            {_TANH: "return np.tanh(pre - 0.3 * np.arange(len(h)))"},
            "\\A(?!.*return. stand inside)|unit",
        ),
        ({_TANH: 'return p["W_hy"] @ np.tanh(pre) + p["b_y"]'}, "O = .* is right as logits"),
        ({_PRE: _PRE + ".reshape(-1, 1) + h"}, "shape \\(2, 2\\) \\(2 is H\\)"),
        ({_TANH: "return np.tanh(pre @ pre)"}, "`@` between two vectors, which gives one number"),
        ({_PRE: 'pre = p["W_xh"] @ x + p["b_xh"] + p["W_hh"] * h + p["b_hh"]'}, "before `@`"),
    ],
}

#: In each function that has cells, each slip: the cell's own lesson, and two later ones.
ANSWERS = [
    (function, changes, words)
    for cell, slips in SLIPS.items()
    for changes, words in slips
    for function in (f"{cell}_cell_step", FORCED, FREE)
] + [(function, *slip) for function, slips in RETURNED.items() for slip in slips]
