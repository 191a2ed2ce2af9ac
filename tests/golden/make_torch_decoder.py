"""Write ``torch_decoder.npz``: the numbers PyTorch gives for the course's decoders.

PyTorch is no requirement of the course. To make the file again, from the repository's root:

    python3 -m venv /tmp/torch
    /tmp/torch/bin/pip install torch==2.13.0 numpy
    /tmp/torch/bin/python tests/golden/make_torch_decoder.py

Weights, contexts and targets are drawn here by NumPy, in float32, and copied into
``torch.nn.RNN``, ``LSTM`` and ``GRU`` with a ``Linear`` head as they stand: the lessons' layout is
PyTorch's own. So a test can draw them again without PyTorch and see that the file is of this
script. Each array is named ``cell_type/case/name``; ``about`` is a JSON text.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "torch_decoder.npz"
SEED = 1989  # Williams and Zipser's year
TORCH = "2.13.0"

GATES = {"rnn": 1, "lstm": 4, "gru": 3}

#: (T, I, H, O) of each case. Where I == O the decoder can also run on its own predictions.
SHAPES = {
    "small": (4, 3, 2, 3),
    "narrow": (3, 2, 1, 2),
    "one_step": (1, 3, 4, 3),
    "mixed": (6, 5, 4, 7),
    "wide": (12, 8, 16, 8),
    "long": (40, 4, 5, 4),
}

Arrays = dict[str, np.ndarray]


def draw_case(cell_type: str, shape: tuple[int, int, int, int], rng: np.random.Generator) -> Arrays:
    """Draw the parameters and inputs of one case, float32, all biases non-zero."""
    T, input_dim, H, output_dim = shape
    rows = GATES[cell_type] * H
    shapes = {
        "W_xh": (rows, input_dim),
        "W_hh": (rows, H),
        "b_xh": (rows,),
        "b_hh": (rows,),
        "W_hy": (output_dim, H),
        "b_y": (output_dim,),
        "x_start": (input_dim,),
        "context_vector": (H,),
        "target_seq": (T, input_dim),
        "c_prev": (H,),
    }
    return {name: rng.normal(0, 0.8, size).astype(np.float32) for name, size in shapes.items()}


def draw_inputs() -> Arrays:
    """Draw all cases; NumPy alone, the same on every machine."""
    rng = np.random.default_rng(SEED)
    return {
        f"{cell_type}/{case}/{name}": array
        for cell_type in GATES
        for case, shape in SHAPES.items()
        for name, array in draw_case(cell_type, shape, rng).items()
    }


def digest(arrays: Arrays) -> str:
    """Return the SHA-256 of names, shapes and numbers."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        total.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
        total.update(np.ascontiguousarray(arrays[name]).tobytes())
    return total.hexdigest()


def torch_numbers(cell_type: str, case: Arrays, dtype: str) -> Arrays:
    """Run PyTorch on one case: teacher forcing, free running where it can, and one cell step."""
    import torch

    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell_type]
    kind_of_cell = {
        "rnn": torch.nn.RNNCell,
        "lstm": torch.nn.LSTMCell,
        "gru": torch.nn.GRUCell,
    }[cell_type]
    given = {name: torch.tensor(array).to(getattr(torch, dtype)) for name, array in case.items()}
    output_dim, H = given["W_hy"].shape
    input_dim = given["W_xh"].shape[1]

    decoder, cell = kind(input_dim, H), kind_of_cell(input_dim, H)
    head = torch.nn.Linear(H, output_dim)
    names = {"weight_ih": "W_xh", "weight_hh": "W_hh", "bias_ih": "b_xh", "bias_hh": "b_hh"}
    decoder.load_state_dict({f"{theirs}_l0": given[ours] for theirs, ours in names.items()})
    cell.load_state_dict({theirs: given[ours] for theirs, ours in names.items()})
    head.load_state_dict({"weight": given["W_hy"], "bias": given["b_y"]})
    for module in (decoder, head, cell):
        module.to(getattr(torch, dtype))

    def run(inputs: torch.Tensor, state: object) -> tuple[torch.Tensor, object]:
        hidden, state = decoder(inputs[:, None, :], state)
        return head(hidden[:, 0, :]), state

    h0 = given["context_vector"][None, None, :]
    start = (h0, torch.zeros_like(h0)) if cell_type == "lstm" else h0
    target_seq, x_start = given["target_seq"], given["x_start"]
    numbers: dict[str, torch.Tensor] = {}
    with torch.no_grad():
        shifted = torch.cat([x_start[None, :], target_seq[:-1]])
        numbers["teacher_forcing"], _ = run(shifted, start)
        if input_dim == output_dim:
            x_t, state, rows = x_start, start, []
            for _ in range(len(target_seq)):
                row, state = run(x_t[None, :], state)
                rows.append(row[0])
                x_t = torch.nn.functional.one_hot(row[0].argmax(), output_dim).to(row.dtype)
            numbers["free_running"] = torch.stack(rows)
        h_prev = given["context_vector"]
        if cell_type == "lstm":
            numbers["step_h"], numbers["step_c"] = cell(x_start, (h_prev, given["c_prev"]))
        else:
            numbers["step_h"] = cell(x_start, h_prev)
    return {f"{name}_{dtype}": tensor.numpy() for name, tensor in numbers.items()}


def main() -> None:
    """Run all cases and write the file."""
    import torch

    torch.set_num_threads(1)
    inputs = draw_inputs()
    about = {
        "script": Path(__file__).name,
        "seed": SEED,
        "inputs_sha256": digest(inputs),
        "torch": torch.__version__.split("+")[0],
        "numpy": np.__version__,
    }
    outputs: Arrays = {}
    for cell_type in GATES:
        for name in SHAPES:
            prefix = f"{cell_type}/{name}/"
            case = {key.removeprefix(prefix): inputs[key] for key in inputs if prefix in key}
            for dtype in ("float64", "float32"):
                numbers = torch_numbers(cell_type, case, dtype)
                outputs |= {prefix + key: array for key, array in numbers.items()}
    np.savez_compressed(GOLDEN, about=np.array(json.dumps(about)), **inputs, **outputs)
    print(f"{GOLDEN.name}: {len(inputs)} inputs, {len(outputs)} outputs, {about}")


if __name__ == "__main__":
    main()
