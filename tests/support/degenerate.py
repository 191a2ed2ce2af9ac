"""Answers that do no work: each function of a lesson returns nothing, a constant, an argument."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, TypeGuard

from lesson_folder import listed

from course.lessons import Lesson, LessonCell

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

#: What weights are called among a function's arguments, and an array of theirs, a bias where there
#: is one; ``idle.toml`` may name another as `bias`.
_BIASES = {"decoder_params": "b_y", "params": "b_xh", "block": "W_o"}

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


def about_results(lesson: Lesson, function: str) -> dict[str, Any]:
    """Return what ``idle.toml`` says of a function."""
    about: dict[str, Any] | None = listed(lesson.id, "idle.toml").get(function)
    assert about, (
        f"tests/lessons/{lesson.id}/idle.toml must have a section [{function}] with the shape of "
        f'what it returns, such as `shape = "(len(logits),)"`, and which arguments are arrays, '
        f'`arrays = ["logits"]`'
    )
    return about


def hands_back_all(kind: str, function: str, lesson: Lesson) -> bool:
    """Say whether an idle answer hands back the only array there is, and so all that there is."""
    cell = next(cell for cell in lesson.by_role("answer") if f"def {function}(" in cell.source)
    (found,) = (node for node in ast.parse(cell.source).body if _is_function(node, function))
    names = {arg.arg for arg in found.args.args}
    return (
        len(about_results(lesson, function)["arrays"]) == 1
        and not names & set(_BIASES)
        and (kind == "all_arguments" or kind.startswith(("argument_", "copied_", "resized_")))
    )


def _is_function(node: ast.AST, name: str) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and node.name == name


def _body(kind: str, function: ast.FunctionDef, lesson: Lesson) -> str:
    """Return the body of a function that is idle in one way."""
    about = about_results(lesson, function.name)
    if kind in _BODIES:
        return _BODIES[kind]
    names = [arg.arg for arg in function.args.args]
    refusals = ""
    if kind.startswith("careful_"):
        kind = kind.removeprefix("careful_")
        refusals = "".join(f"if {bad}:\n    raise ValueError\n" for bad in about.get("refused", ()))
    shape, array_like = about["shape"], about["arrays"]
    how, _, place = kind.rpartition("_")
    if how in ("argument", "copied", "resized"):
        name = names[int(place) % len(names)]
        value = {"argument": name, "copied": f"np.array({name})"}.get(how, "")
        value = value or (f"np.resize({name}, {shape})" if name in array_like else name)
    elif kind == "output_bias":
        source = next((name for name in names if name in _BIASES), None)
        key = about.get("bias", _BIASES.get(source))
        value = f"np.resize({source}['{key}'], {shape})" if source else "0.1"
    elif kind == "sum_of_all":
        arrays = array_like or ["0.25"]
        total = " + ".join(f"np.sum({name})" for name in arrays)
        value = f"np.full({shape}, {total})"
    elif "form" in about:
        refusals += f"made = lambda shape: {_ARRAYS[kind].format(shape='shape')}\n"
        value = about["form"]
    else:
        value = _ARRAYS[kind].format(shape=shape)
        value = f"float({value})" if shape == "()" else value
        value = ", ".join([value] * about.get("results", 1))
    return f"{refusals}return {value}"


def _with_body(cell: LessonCell, lesson: Lesson, kind: str) -> str:
    """Return an answer's cell with the body of its function exchanged."""
    tree = ast.parse(cell.source)
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name in lesson.functions:
            body = ast.parse(_body(kind, function, lesson))
            function.body = [function.body[0], *body.body]
    return ast.unparse(ast.fix_missing_locations(tree))


def _with_first_result(cell: LessonCell, lesson: Lesson) -> str:
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
