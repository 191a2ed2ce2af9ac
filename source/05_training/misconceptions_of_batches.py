"""Wrong batches in lesson 5: end marks, padding, shifts, sequences that are too long."""

from course.lessons.misconceptions import Misconception

_REFUSED = 'if length < 1:\n        raise ValueError(f"length must be 1 or more, got {length}")'
_SHAPE = "shape = (len(sequences), length)"
_ROOM = (
    "inputs, targets, mask = np.full(shape, -1), np.full(shape, end), np.zeros(shape, dtype=int)"
)
_KEPT = "kept = sequence[:length]"
_TARGET = "targets[n, : len(kept)] = kept"
_MASK = "mask[n, : len(kept) + 1] = 1"
_SHIFT = "inputs[:, 1:] = targets[:, :-1]"
_RETURN = "return inputs, targets, mask"


def _batch(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "batch_of_sequences", sentence, changes, breaks)


_MASKS = (
    _batch(
        "masks_the_end_mark",
        "Your mask leaves the end mark out, and a model trained so never stops; it is 1 up to and "
        "including the end mark.",
        {_MASK: "mask[n, : len(kept)] = 1"},
        "mask_counts_the_end_mark",
    ),
    _batch(
        "counts_the_padding",
        "Your mask is 1 everywhere, so the model is trained to pad; it is 0 after the end mark.",
        {_MASK: "mask[n] = 1"},
        "mask_counts_the_end_mark",
    ),
    _batch(
        "turns_the_mask_around",
        "Your mask is 1 at padding and 0 at tokens; it is 1 where a position counts.",
        {_MASK: "mask[n, len(kept) + 1 :] = 1"},
        "mask_counts_the_end_mark",
    ),
    _batch(
        "masks_the_last_token_of_a_long_sequence",
        "Of a sequence that fills the row, you mask the last token, as if it were padding; all of "
        "its positions count.",
        {_MASK: "mask[n, : min(len(kept) + 1, length - (len(sequence) >= length))] = 1"},
        "too_long_is_cut",
        "batch_changes_nothing",
    ),
    _batch(
        "masks_by_the_token",
        "Your mask is 0 wherever the target is the end mark, the real one included; go by the "
        "length of the sequence.",
        {_RETURN: "mask = (targets != end).astype(int)\n    return inputs, targets, mask"},
        "mask_counts_the_end_mark",
    ),
)

_SHIFTS = (
    _batch(
        "feeds_what_is_asked_for",
        "You feed the targets themselves, so the model reads the answer; shift them by one, with -1 "
        "first.",
        {_SHIFT: "inputs[:] = targets"},
        "inputs_are_the_targets_shifted",
    ),
    _batch(
        "puts_minus_one_over_the_targets",
        "Behind the -1 your inputs are the targets, not shifted, so the model reads the answer and "
        "never meets the first token; write inputs[:, 1:] = targets[:, :-1].",
        {_SHIFT: "inputs[:, 1:] = targets[:, 1:]"},
        "inputs_are_the_targets_shifted",
    ),
    _batch(
        "shifts_twice",
        "Your inputs lag two steps behind the targets; one is enough, inputs[t] = targets[t-1].",
        {_SHIFT: "inputs[:, 2:] = targets[:, :-2]"},
        "inputs_are_the_targets_shifted",
    ),
    _batch(
        "shifts_the_targets",
        "You shift the targets as well, so the model is asked for the token after the next; the "
        "targets are the sequence as it is.",
        {
            _SHIFT: "inputs[:, 1:] = targets[:, :-1]\n"
            "    targets = np.concatenate([targets[:, 1:], np.full((len(sequences), 1), end)], axis=1)",
        },
        "targets_end_with_the_mark",
    ),
    _batch(
        "rolls_the_last_token_to_the_front",
        "Your inputs begin with the last target, as np.roll does it; the first input is -1.",
        {_SHIFT: "inputs = np.roll(targets, 1, axis=1)"},
        "inputs_are_the_targets_shifted",
    ),
    _batch(
        "starts_with_the_end_mark",
        "Your inputs begin with the end mark; the first is -1, which means: feed x_start.",
        {_ROOM: _ROOM.replace("np.full(shape, -1)", "np.full(shape, end)")},
        "inputs_are_the_targets_shifted",
    ),
    _batch(
        "starts_with_token_zero",
        "Your inputs begin with 0, which is a token; the first is -1, which means: feed x_start.",
        {_ROOM: _ROOM.replace("np.full(shape, -1)", "np.zeros(shape, dtype=int)")},
        "inputs_are_the_targets_shifted",
    ),
    _batch(
        "puts_the_start_into_the_targets",
        "You put -1 into the targets too; it is an input alone, and nothing that a model should "
        "say.",
        {_RETURN: "return inputs, inputs.copy(), mask"},
        "targets_end_with_the_mark",
    ),
    _batch(
        "pads_the_inputs_with_the_start",
        "Your inputs are -1 after the sequence; they are the targets shifted by one, end marks and "
        "padding included.",
        {_RETURN: "inputs[:, 1:][mask[:, 1:] == 0] = -1\n    return inputs, targets, mask"},
        "inputs_are_the_targets_shifted",
    ),
)

_ROWS = (
    _batch(
        "pads_with_zeros",
        "You pad with 0, which is a token; pad with `end`.",
        {
            _ROOM: _ROOM.replace("np.full(shape, end)", "np.zeros(shape, dtype=int)"),
            _TARGET: f"{_TARGET}\n        targets[n, len(kept) : len(kept) + 1] = end",
        },
        "targets_end_with_the_mark",
    ),
    _batch(
        "pads_with_minus_one",
        "You pad the targets with -1; pad with `end`.",
        {
            _ROOM: _ROOM.replace("np.full(shape, end)", "np.full(shape, -1)"),
            _TARGET: f"{_TARGET}\n        targets[n, len(kept) : len(kept) + 1] = end",
        },
        "targets_end_with_the_mark",
    ),
    _batch(
        "ends_a_long_sequence",
        "You put an end mark over the last token of a sequence that is too long; it was cut, so it "
        "keeps `length` tokens and has no end mark.",
        {_KEPT: "kept = sequence[: length - 1]"},
        "too_long_is_cut",
        "batch_changes_nothing",
    ),
    _batch(
        "drops_long_sequences",
        "You leave out sequences that are too long; keep their first `length` tokens.",
        {_SHAPE: f"sequences = [s for s in sequences if len(s) < length]\n    {_SHAPE}"},
        "too_long_is_cut",
    ),
    _batch(
        "makes_rows_as_long_as_the_longest",
        "Your rows are as long as the longest sequence; they have `length` columns.",
        {_SHAPE: f"length = min(length, max(map(len, sequences), default=0) + 1)\n    {_SHAPE}"},
        "targets_end_with_the_mark",
    ),
    _batch(
        "has_no_columns_without_sequences",
        "Without sequences your arrays have shape (0,); theirs is (0, length).",
        {_RETURN: "return tuple(np.array(list(rows)) for rows in (inputs, targets, mask))"},
        "empty_sequences_and_batches",
    ),
    _batch(
        "puts_sequences_in_columns",
        "Your sequences are columns; each is a row, shape (N, length).",
        {_RETURN: "return inputs.T, targets.T, mask.T"},
        "targets_end_with_the_mark",
    ),
    _batch(
        "accepts_a_length_below_one",
        "You accept a length below 1; raise ValueError.",
        {_REFUSED: "length = max(length, 0)"},
        "length_below_one_raises",
    ),
    _batch(
        "appends_to_the_sequences",
        "You append the end mark to the caller's own lists; make new ones, `sequence + [end]`.",
        {_MASK: f"{_MASK}\n        sequence.append(end)"},
        "batch_changes_nothing",
    ),
    _batch(
        "returns_the_targets_first",
        "You return the targets first; the order is inputs, targets, mask.",
        {_RETURN: "return targets, inputs, mask"},
        "targets_end_with_the_mark",
    ),
    _batch(
        "pads_the_inputs_with_zeros",
        "Your inputs are 0 after the end mark, which is a token; they are the targets shifted by "
        "one, so pad with `end`.",
        {_RETURN: f"inputs[:, 1:][mask[:, 1:] == 0] = 0\n    {_RETURN}"},
        "inputs_are_the_targets_shifted",
    ),
    _batch(
        "has_no_room_for_the_end_mark",
        "A sequence of just `length` tokens gets an end mark that does not fit; cut the row to "
        "`length` after the end mark was added, [*sequence, end][:length].",
        {_TARGET: "targets[n, : len(kept)] = kept if len(sequence) != length else [*kept, end]"},
        "too_long_is_cut",
    ),
)

MISCONCEPTIONS = (*_MASKS, *_SHIFTS, *_ROWS)
