"""Wrong steps of training in lesson 5: what is fed, compared with, gone back through and moved."""

from course.lessons.misconceptions import Misconception

_TARGETS = 'target_seq = np.eye(len(decoder_params["b_y"]))[np.asarray(tokens, dtype=int)]'
_RUN = "logits, fed = run_decoder(context_vector, target_seq, decoder_params, sampling_prob, rng)"
_LOSS = "loss, d_logits = cross_entropy_and_gradient(logits, tokens)"
_BACK = "gradients, _ = rnn_decoder_backward(context_vector, fed, decoder_params, d_logits)"
_MOVE = "new_params[key] = array - learning_rate * gradients[key]"
_RETURN = "return new_params, loss"


def _step(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "training_step", sentence, changes, breaks)


_FED = (
    _step(
        "hands_over_tokens_for_one_hot_rows",
        "You hand run_decoder the tokens themselves; it feeds rows, so make one-hot ones, "
        "`np.eye(O)[tokens]`.",
        {_TARGETS: "target_seq = tokens"},
        "zero_is_teacher_forcing",
    ),
    _step(
        "lays_tokens_out_as_rows_of_numbers",
        "You feed each token as a number in all places of its row; a token is fed as a one-hot row, "
        "`np.eye(O)[tokens]`.",
        {
            _TARGETS: 'target_seq = np.repeat(np.reshape(tokens, (-1, 1)), len(decoder_params["b_y"]), '
            "axis=1).astype(float)"
        },
        "zero_is_teacher_forcing",
    ),
    _step(
        "always_feeds_the_truth",
        "You always feed the truth; at each step t > 0 the model's own token is fed with probability "
        "`sampling_prob`.",
        {_RUN: _RUN.replace("sampling_prob, rng", "0.0 * sampling_prob, rng")},
        "one_is_free_running",
    ),
    _step(
        "always_feeds_its_own_tokens",
        "You always feed the model's own tokens; `sampling_prob` is their probability, else the "
        "truth is fed.",
        {_RUN: f"{_RUN}\n    {_RUN.replace('sampling_prob, rng', '1.0, rng')}"},
        "zero_is_teacher_forcing",
    ),
    _step(
        "takes_the_probability_of_the_truth",
        "You take `sampling_prob` for the probability of the truth; it is that of the model's own "
        "token.",
        {_RUN: _RUN.replace("sampling_prob, rng", "1 - sampling_prob, rng")},
        "zero_is_teacher_forcing",
    ),
    _step(
        "tosses_one_coin_for_the_sequence",
        "You toss one coin for the whole sequence; toss one at each step t > 0.",
        {
            _RUN: "if 0 <= sampling_prob <= 1:\n        coin = np.random.default_rng() if rng is None "
            f"else rng\n        sampling_prob = float(coin.random() < sampling_prob)\n    {_RUN}",
        },
        "coins_choose_the_inputs_alone",
    ),
    _step(
        "tosses_the_same_coins_in_each_call",
        "You make a generator with a seed in each call, so the same steps get own tokens every "
        "time; use `rng`, or a fresh generator without a seed.",
        {_RUN: _RUN.replace(", rng)", ", np.random.default_rng(0))")},
        "coins_choose_the_inputs_alone",
    ),
    _step(
        "refuses_no_probability",
        "You accept any sampling_prob; one outside [0, 1], or NaN, raises ValueError.",
        {
            _RUN: _RUN.replace(
                "sampling_prob, rng", "np.clip(np.nan_to_num(sampling_prob), 0, 1), rng"
            )
        },
        "bad_probability_raises",
    ),
    _step(
        "looks_at_the_probability_only_where_there_are_tokens",
        "Without tokens you accept any sampling_prob; look at it first, then return.",
        {
            _TARGETS: "if len(tokens) == 0:\n        return {key: np.array(array) for key, array in "
            f"decoder_params.items()}}, 0.0\n    {_TARGETS}",
        },
        "bad_probability_raises",
    ),
    _step(
        "runs_the_decoder_twice",
        "You run the decoder twice, and other coins fall; take logits and fed from the same run.",
        {_RUN: f"{_RUN}\n    fed = {_RUN.removeprefix('logits, fed = ')}[1]"},
        "coins_choose_the_inputs_alone",
    ),
    _step(
        "feeds_the_softmax",
        "You feed the probabilities of all tokens; feed the one-hot vector of the likeliest.",
        {
            _RUN: f"{_RUN}\n    h, rows, fed = context_vector, [], fed.copy()\n"
            "    for t in range(len(tokens)):\n"
            "        if t > 0 and sampling_prob > np.random.default_rng().random():\n"
            "            fed[t] = np.exp(rows[-1]) / np.exp(rows[-1]).sum()\n"
            "        h = rnn_cell_step(fed[t], h, decoder_params)\n"
            '        rows.append(decoder_params["W_hy"] @ h + decoder_params["b_y"])\n'
            "    logits = np.reshape(rows, logits.shape)",
        },
        "one_is_free_running",
    ),
)

_COMPARED = (
    _step(
        "compares_with_what_was_fed",
        "You compare with the tokens that were fed; compare with `tokens`, the truth, whatever was "
        "fed.",
        {
            _LOSS: "heard = np.append(np.argmax(fed[1:], axis=1), tokens[-1:]).astype(int)\n"
            "    loss, d_logits = cross_entropy_and_gradient(logits, heard)",
        },
        "one_is_free_running",
        "coins_choose_the_inputs_alone",
    ),
    _step(
        "compares_with_its_own_tokens",
        "You compare the model with its own argmax; compare with `tokens`, the truth.",
        {_LOSS: _LOSS.replace("tokens)", "np.argmax(logits, axis=1))")},
        "zero_is_teacher_forcing",
    ),
    _step(
        "shifts_the_tokens_once_more",
        "You compare row t with tokens[t+1]; the shift is in the inputs already, so row t belongs "
        "to tokens[t].",
        {_LOSS: _LOSS.replace("tokens)", "np.roll(tokens, -1))")},
        "zero_is_teacher_forcing",
    ),
    _step(
        "sums_the_loss",
        "You multiply the loss by T, which makes it a sum; return the mean, as "
        "cross_entropy_and_gradient gives it.",
        {_RETURN: "return new_params, loss * len(tokens)"},
        "zero_is_teacher_forcing",
    ),
    _step(
        "returns_the_loss_after_the_step",
        "You return the loss of the new parameters; return the one before the step, which the "
        "gradient belongs to.",
        {
            _RETURN: "logits, _ = run_decoder(context_vector, target_seq, new_params, sampling_prob, "
            "rng)\n    return new_params, cross_entropy_and_gradient(logits, tokens)[0]",
        },
        "zero_is_teacher_forcing",
    ),
    _step(
        "returns_no_loss",
        "You return the parameters alone; return the loss too, `return new_params, loss`.",
        {_RETURN: "return new_params"},
        "zero_is_teacher_forcing",
    ),
    _step(
        "returns_the_loss_first",
        "You return the loss first; the parameters come first, `return new_params, loss`.",
        {_RETURN: "return loss, new_params"},
        "zero_is_teacher_forcing",
    ),
)

_GONE_BACK = (
    _step(
        "goes_back_over_the_truth",
        "You go back as if the truth had been fed; give rnn_decoder_backward the inputs that were "
        "fed.",
        {
            _BACK: 'fed = np.vstack([decoder_params["x_start"][None], target_seq])[:-1]\n'
            f"    {_BACK}",
        },
        "one_is_free_running",
        "coins_choose_the_inputs_alone",
    ),
    _step(
        "goes_back_over_the_targets",
        "You give rnn_decoder_backward the targets, which are not shifted; give it the inputs that "
        "were fed, with x_start first.",
        {_BACK: _BACK.replace("fed,", "target_seq,")},
        "zero_is_teacher_forcing",
    ),
)

_MOVED = (
    _step(
        "goes_uphill",
        "You add the gradient, which makes the loss grow; subtract it.",
        {_MOVE: "new_params[key] = array + learning_rate * gradients[key]"},
        "step_goes_against_the_gradient",
    ),
    _step(
        "forgets_the_learning_rate",
        "You subtract the gradient itself; multiply it by `learning_rate` first.",
        {_MOVE: "new_params[key] = array - gradients[key]"},
        "step_goes_against_the_gradient",
    ),
    _step(
        "returns_the_gradients",
        "You return the gradients; return the parameters, moved by them.",
        {_MOVE: "new_params[key] = gradients[key]"},
        "step_goes_against_the_gradient",
    ),
    _step(
        "returns_the_steps",
        "You return by how much each parameter moves; return the parameters themselves, moved.",
        {_MOVE: "new_params[key] = -learning_rate * gradients[key]"},
        "step_goes_against_the_gradient",
    ),
    _step(
        "does_not_move_anything",
        "You return the parameters as they were; subtract `learning_rate` times the gradient.",
        {_MOVE: "new_params[key] = array.copy()"},
        "step_goes_against_the_gradient",
    ),
    _step(
        "writes_into_the_parameters",
        "You change decoder_params, by -= on its arrays or by putting others into it; make new "
        "arrays, `array - learning_rate * gradient`, in a dict of your own.",
        {_MOVE: "array -= learning_rate * gradients[key]\n        new_params[key] = array.copy()"},
        "new_arrays_are_returned",
    ),
    _step(
        "leaves_x_start_as_it_was",
        "You leave x_start as it was; it is trained like the other arrays.",
        {
            _RETURN: 'new_params["x_start"] = decoder_params["x_start"].copy()\n    return new_params, loss'
        },
        "step_goes_against_the_gradient",
    ),
    _step(
        "trains_the_output_alone",
        "You move W_hy and b_y alone; all seven arrays are trained.",
        {
            _MOVE: 'new_params[key] = array - learning_rate * gradients[key] * (key in ("W_hy", "b_y"))'
        },
        "step_goes_against_the_gradient",
    ),
    _step(
        "divides_the_gradient_by_the_steps",
        "You divide the gradient by T once more; the mean is in it already.",
        {_MOVE: "new_params[key] = array - learning_rate * gradients[key] / max(len(tokens), 1)"},
        "zero_is_teacher_forcing",
    ),
    _step(
        "takes_a_step_of_fixed_length",
        "You scale each gradient to length 1 first; subtract `learning_rate` times the gradient as "
        "it is.",
        {
            _MOVE: "size = np.linalg.norm(gradients[key])\n        new_params[key] = array - "
            "learning_rate * gradients[key] / (size if size > 0 else 1.0)",
        },
        "step_goes_against_the_gradient",
    ),
    _step(
        "clips_its_step",
        "You clip the gradient; plain gradient descent takes it as it is.",
        {_MOVE: "new_params[key] = array - learning_rate * np.clip(gradients[key], -0.1, 0.1)"},
        "step_goes_against_the_gradient",
    ),
)

MISCONCEPTIONS = (*_FED, *_COMPARED, *_GONE_BACK, *_MOVED)
