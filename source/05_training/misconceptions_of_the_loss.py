"""Wrong losses in lesson 5: what is averaged, what counts, what is refused."""

from course.lessons.misconceptions import Misconception

_COUNTED = "np.flatnonzero(np.ones(len(logits)) if mask is None else mask)"
_RIGHT = "np.asarray(tokens, dtype=int)[counted]"
_REFUSED = "if np.any((right < 0) | (right >= logits.shape[1])):"
_NOTHING = "    if len(counted) == 0:\n        return 0.0, d_logits\n"
_TOP = "logits[counted].max(axis=1, keepdims=True)"
_LOG_P = "shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
_LOSS = "-log_p[np.arange(len(counted)), right].mean()"
_CHOSEN = "log_p[np.arange(len(counted)), right]"
_GRADIENT = "d_logits / len(counted)"
_RETURN = "return float(loss), d_logits / len(counted)"


def _loss(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "cross_entropy_and_gradient", sentence, changes, breaks)


_AVERAGED = (
    _loss(
        "sums_over_the_positions",
        "You sum over the positions; take the mean, and divide the gradient by their number as "
        "well.",
        {_LOSS: f"-{_CHOSEN}.sum()", _GRADIENT: "d_logits"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "sums_the_loss_alone",
        "Your gradient belongs to the mean, but your loss is the sum; divide the loss by the number "
        "of positions that count.",
        {_LOSS: f"-{_CHOSEN}.sum()"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "averages_the_loss_alone",
        "Your loss is a mean, but your gradient is that of the sum; divide the gradient by the "
        "number of positions that count.",
        {_GRADIENT: "d_logits"},
        "gradient_of_the_loss",
    ),
    _loss(
        "divides_by_all_positions",
        "You divide by T, masked positions included; divide by the number of positions that count, "
        "mask.sum().",
        {_LOSS: f"-{_CHOSEN}.sum() / len(logits)", _GRADIENT: "d_logits / len(logits)"},
        "masked_positions_do_not_count",
    ),
    _loss(
        "divides_the_loss_by_all_positions",
        "You divide the loss by T, masked positions included; divide it by mask.sum(), as you do "
        "with the gradient.",
        {_LOSS: f"-{_CHOSEN}.sum() / len(logits)"},
        "masked_positions_do_not_count",
    ),
    _loss(
        "divides_the_gradient_by_all_positions",
        "You divide the gradient by T, masked positions included; divide it by mask.sum(), as you "
        "do with the loss.",
        {_GRADIENT: "d_logits / len(logits)"},
        "masked_positions_do_not_count",
        "loss_changes_nothing",
    ),
    _loss(
        "averages_over_the_tokens_too",
        "You average over all T times O numbers; each position gives one number, so divide by the "
        "positions that count alone.",
        {
            _LOSS: f"{_LOSS} / logits.shape[1]",
            _GRADIENT: "d_logits / len(counted) / logits.shape[1]",
        },
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "averages_the_gradient_over_the_tokens_too",
        "You divide the gradient by T times O, as its own mean would; divide it by the number of "
        "positions that count, as the loss was.",
        {_GRADIENT: "d_logits / len(counted) / logits.shape[1]"},
        "gradient_of_the_loss",
    ),
    _loss(
        "gives_one_loss_a_position",
        "You return one loss for each position; the loss is a single number, their mean.",
        {_LOSS: f"-{_CHOSEN}", _RETURN: f"return loss, {_GRADIENT}"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "leaves_the_first_position_out",
        "You leave position 0 out; it has a prediction like all others.",
        {
            _GRADIENT: "d_logits * (np.arange(len(logits)) > 0)[:, None] / len(counted)",
            _LOSS: f"-({_CHOSEN} * (counted > 0)).mean()",
        },
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "returns_inside_its_loop",
        "You return after the first position that counts; return when the loop is over.",
        {
            _GRADIENT: "d_logits * (np.arange(len(logits)) == counted[0])[:, None] / len(counted)",
            _LOSS: f"-{_CHOSEN}[0] / len(counted)",
        },
        "loss_is_the_mean_in_nats",
    ),
)

_WHAT_COUNTS = (
    _loss(
        "ignores_the_mask",
        "You count every position; those with mask 0 must be left out of the loss, of the gradient "
        "and of the number that you divide by.",
        {_COUNTED: "np.arange(len(logits))"},
        "masked_positions_do_not_count",
    ),
    _loss(
        "counts_where_the_mask_is_zero",
        "You count the positions with mask 0; those with mask 1 count.",
        {_COUNTED: "np.flatnonzero(np.ones(len(logits)) if mask is None else 1 - 1 * mask)"},
        "masked_positions_do_not_count",
    ),
    _loss(
        "uses_zeros_and_ones_as_indices",
        "You index with a mask of zeros and ones, which picks rows 0 and 1 again and again; make it "
        "booleans first, `mask.astype(bool)`.",
        {_COUNTED: "np.arange(len(logits)) if mask is None else mask.astype(int)"},
        "masked_positions_do_not_count",
    ),
    _loss(
        "multiplies_the_logits_by_the_mask",
        "You multiply the logits by the mask, which turns a masked row into an even guess that "
        "still counts; leave the row out of the mean.",
        {
            _COUNTED: f"{_COUNTED}\n    counted, kept = np.arange(len(logits)), counted\n"
            "    logits = logits * np.isin(counted, kept)[:, None]",
        },
        "masked_positions_do_not_count",
    ),
    _loss(
        "masks_the_loss_alone",
        "Your masked rows still have a gradient; what does not count in the loss gets zeros in "
        "d_logits.",
        {
            "d_logits[counted] = np.exp(log_p)": "p = np.exp(logits - logits.max(axis=1, "
            "keepdims=True))\n    d_logits += p / p.sum(axis=1, keepdims=True)\n"
            "    others = np.setdiff1d(np.arange(len(logits)), counted)\n"
            "    d_logits[others, np.asarray(tokens)[others] % logits.shape[1]] -= 1",
        },
        "masked_positions_do_not_count",
        "loss_changes_nothing",
    ),
    _loss(
        "masks_the_one_hot_alone",
        "You multiply only the one-hot rows by the mask, so masked rows keep their softmax as a "
        "gradient; multiply the whole difference, softmax minus one-hot.",
        {
            "d_logits[counted] = np.exp(log_p)": "p = np.exp(logits - logits.max(axis=1, "
            "keepdims=True))\n    d_logits += p / p.sum(axis=1, keepdims=True)",
        },
        "masked_positions_do_not_count",
        "loss_changes_nothing",
    ),
    _loss(
        "masks_the_gradient_alone",
        "Your loss still counts masked positions, though your gradient does not; average the loss "
        "over the positions with mask 1.",
        {
            _LOSS: "np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(logits)), "
            "np.asarray(tokens, dtype=int) % logits.shape[1]])",
        },
        "masked_positions_do_not_count",
    ),
    _loss(
        "drops_the_masked_rows",
        "Your gradient has rows for the positions that count alone; it has the shape of the logits, "
        "with rows of zeros for the others.",
        {_GRADIENT: "d_logits[counted] / len(counted)"},
        "masked_positions_do_not_count",
        "loss_changes_nothing",
    ),
    _loss(
        "gives_nan_where_nothing_counts",
        "Where no position counts, you divide by 0; return 0.0 and zeros.",
        {_NOTHING: ""},
        "nothing_counts_gives_zero",
    ),
)

_REFUSALS = (
    _loss(
        "accepts_any_token",
        "A token below 0 is taken from the end of the row, and a large one ends in an IndexError; "
        "raise ValueError for both.",
        {_REFUSED: "if False:"},
        "token_out_of_range_raises",
    ),
    _loss(
        "accepts_tokens_below_zero",
        "You refuse tokens that are too large, but -1 silently means the last one; refuse what is "
        "below 0 as well.",
        {_REFUSED: "if np.any(right >= logits.shape[1]):"},
        "token_out_of_range_raises",
    ),
    _loss(
        "accepts_token_O",
        "You let token O through; the largest of O tokens is O - 1.",
        {_REFUSED: "if np.any((right < 0) | (right > logits.shape[1])):"},
        "token_out_of_range_raises",
    ),
    _loss(
        "refuses_masked_tokens",
        "You refuse a token that is masked out; whatever stands at a position that does not count "
        "is ignored.",
        {
            _REFUSED: "if np.any((np.asarray(tokens) < 0) | (np.asarray(tokens) >= "
            "logits.shape[1])):",
        },
        "masked_positions_do_not_count",
        "nothing_counts_gives_zero",
    ),
)

_KEPT = (
    _loss(
        "shifts_the_logits_in_place",
        "You subtract the maximum from the argument itself; write `shifted = logits - ...`, which "
        "makes a new array.",
        {
            f"logits[counted] - {_TOP}": "logits[counted]\n"
            "    logits -= logits.max(axis=1, keepdims=True)\n    shifted = logits[counted]",
        },
        "loss_changes_nothing",
    ),
    _loss(
        "returns_the_gradient_first",
        "You return the gradient first; the loss comes first, `return loss, d_logits`.",
        {_RETURN: f"return {_GRADIENT}, float(loss)"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "returns_the_loss_alone",
        "You return the loss alone; return its gradient too, `return loss, d_logits`.",
        {_RETURN: "return float(loss)"},
        "loss_is_the_mean_in_nats",
    ),
)

MISCONCEPTIONS = (*_AVERAGED, *_WHAT_COUNTS, *_REFUSALS, *_KEPT)
