"""Answers that do no work: each function of a lesson returns nothing, a constant, an argument."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from course.lessons import Cell, Lesson

#: The shape of what each function returns; a step of an LSTM returns two of them.
_SHAPES = {
    "rnn_cell_step": "np.shape(h_prev)",
    "lstm_cell_step": "np.shape(h_prev)",
    "gru_cell_step": "np.shape(h_prev)",
    "decoder_forward_teacher_forcing": "(len(target_seq), len(decoder_params['b_y']))",
    "decoder_forward_scheduled_sampling": "(len(target_seq), len(decoder_params['b_y']))",
    "decoder_forward_free_running": "(seq_len, len(decoder_params['b_y']))",
    "divergence_by_step": "(len(logits_true),)",
    "scheduled_sampling_prob": "()",
}

#: Right arrays, as far as shape and dtype go.
_ARRAYS = {
    "zeros": "np.zeros({shape})",
    "zeros_in_float32": "np.zeros({shape}, np.float32)",
    "whole_zeros": "np.zeros({shape}, int)",
    "ones": "np.ones({shape})",
    "a_constant": "np.full({shape}, 0.37)",
    "nan": "np.full({shape}, np.nan)",
    "infinity": "np.full({shape}, np.inf)",
    "counting": "np.arange(float(np.prod({shape}))).reshape({shape})",
    "chance": "np.random.default_rng().normal(size={shape})",
    "uniform_chance": "np.random.default_rng().random({shape})",
    "the_same_chance": "np.random.default_rng(0).normal(size={shape})",
    "unset_memory": "np.empty({shape}) * 0",
}

#: Whole bodies.
_BODIES = {
    "none": "return None",
    "nothing": "pass",
    "not_written": "raise NotImplementedError",
    "value_error": "raise ValueError('not today')",
    "type_error": "raise TypeError('not today')",
    "empty_array": "return np.zeros(0)",
    "scalar_zero": "return 0.0",
    "scalar_half": "return 0.5",
    "false": "return False",
    "text": "return 'logits'",
    "empty_list": "return []",
    "pair_of_zeros": "return np.zeros(2), np.zeros(2)",
    "all_arguments": "return tuple(locals().values())",
    "itself": "return print",
}

_ARRAY_LIKE = ("x_t", "h_prev", "c_prev", "context_vector", "target_seq")
_ARRAY_LIKE += ("logits_true", "logits_own")

#: What is refused before nothing is done.
_REFUSALS = (
    ("cell_type", "if cell_type not in ('rnn', 'lstm', 'gru'):\n    raise ValueError(cell_type)"),
    ("sampling_prob", "if not 0 <= sampling_prob <= 1:\n    raise ValueError(sampling_prob)"),
    (
        "schedule",
        "if schedule not in ('linear', 'exponential', 'inverse_sigmoid'):\n"
        "    raise ValueError(schedule)",
    ),
)


def degenerate_answers(lesson: Lesson) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield a name and the texts of all answers by ``grade_id``, for each kind of idleness.

    Docstrings and signatures are the instructor's.
    """
    cells = [cell for cell in lesson.by_role("answer") if cell.is_code]
    for kind in _kinds():
        texts = {cell.grade_id: _with_body(cell, lesson, kind) for cell in cells}
        yield kind, texts
    yield (
        "the_first_result",
        {cell.grade_id: _with_first_result(cell, lesson) for cell in cells},
    )


def _kinds() -> list[str]:
    careful = [f"careful_{name}" for name in ("zeros", "a_constant", "chance", "the_same_chance")]
    places = [f"{how}_{i}" for how in ("argument", "copied", "resized") for i in range(5)]
    return [*_ARRAYS, *careful, *_BODIES, *places, "output_bias", "sum_of_all"]


def _body(kind: str, function: ast.FunctionDef) -> str:
    """Return the body of a function that is idle in one way."""
    if kind in _BODIES:
        return _BODIES[kind]
    names = [arg.arg for arg in function.args.args]
    refusals = ""
    if kind.startswith("careful_"):
        kind = kind.removeprefix("careful_")
        refusals = "".join(f"{text}\n" for name, text in _REFUSALS if name in names)
    shape = _SHAPES[function.name]
    how, _, place = kind.rpartition("_")
    if how in ("argument", "copied", "resized"):
        name = names[int(place) % len(names)]
        value = {"argument": name, "copied": f"np.array({name})"}.get(how, "")
        value = value or (f"np.resize({name}, {shape})" if name in _ARRAY_LIKE else name)
    elif kind == "output_bias":
        key = {"decoder_params": "b_y", "params": "b_xh"}
        source = next((name for name in names if name in key), None)
        value = f"np.resize({source}['{key[source]}'], {shape})" if source else "0.1"
    elif kind == "sum_of_all":
        arrays = [name for name in names if name in _ARRAY_LIKE] or ["0.25"]
        total = " + ".join(f"np.sum({name})" for name in arrays)
        value = f"np.full({shape}, {total})"
    else:
        value = _ARRAYS[kind].format(shape=shape)
        value = f"float({value})" if shape == "()" else value
        if function.name == "lstm_cell_step":
            value = f"{value}, {value}"
    return f"{refusals}return {value}"


def _with_body(cell: Cell, lesson: Lesson, kind: str) -> str:
    """Return an answer's cell with the body of its function exchanged."""
    tree = ast.parse(cell.source)
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name in lesson.functions:
            body = ast.parse(_body(kind, function))
            function.body = [function.body[0], *body.body]
    return ast.unparse(ast.fix_missing_locations(tree))


def _with_first_result(cell: Cell, lesson: Lesson) -> str:
    """Return an answer's cell whose function gives its first result, a right one, ever after."""
    text = cell.source
    for name in lesson.functions:
        if f"def {name}(" in text:
            text += f"\n\n_right_{name}, _first_{name} = {name}, []\n"
            text += f"def {name}(*args, **kwargs):\n"
            text += f"    if not _first_{name}:\n"
            text += f"        _first_{name}.append(_right_{name}(*args, **kwargs))\n"
            text += f"    return _first_{name}[0]\n"
            text += f"{name}.__doc__ = _right_{name}.__doc__\n"
    return text
