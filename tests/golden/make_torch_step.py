"""Write ``torch_step.npz``: PyTorch's parameters after one step of gradient descent, and the loss.

PyTorch is no requirement of the course; how to install it is said in ``make_torch_decoder.py``. To
make the file again, from the repository's root:

    /tmp/torch/bin/python tests/golden/make_torch_step.py

An `RNNCell` and a `Linear` head run on the true tokens (``forced``), or on their own (``free``),
and `torch.optim.SGD` takes the step. Each array is named ``case/name``, results
``case/name_feed_dtype``; ``about`` is a JSON text.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch_rnn import parameter_shapes, write

GOLDEN = Path(__file__).resolve().parent / "torch_step.npz"
SEED = 1951  # the year of Robbins and Monro's paper
#: (T, H, O) of each case.
CASES = ((1, 3, 2), (7, 1, 3), (7, 5, 4), (40, 4, 6))
FEEDS = {"forced": 0.0, "free": 1.0}
DTYPES = ("float64", "float32")
LEARNING_RATE = 0.7

Arrays = dict[str, np.ndarray]


def draw_inputs() -> dict[str, Arrays]:
    """Draw all inputs; NumPy alone, the same on every machine."""
    rng = np.random.default_rng(SEED)
    drawn: dict[str, Arrays] = {}
    for T, H, O in CASES:
        shapes = parameter_shapes(O, H, O)
        case = {name: rng.normal(0, 0.9, shape).astype("f4") for name, shape in shapes.items()}
        case["tokens"] = rng.integers(0, O, T)
        drawn[f"T{T}_H{H}_O{O}"] = case
    return drawn


def torch_step(case: Arrays, feed: str, dtype: str) -> Arrays:
    """Run PyTorch forward and back, and take the step; return the loss and the new parameters."""
    import torch

    kind = getattr(torch, dtype)
    given = {name: torch.tensor(array).to(kind) for name, array in case.items() if name != "tokens"}
    tokens = torch.tensor(case["tokens"])
    O, H = given["W_hy"].shape
    cell, head = torch.nn.RNNCell(O, H, dtype=kind), torch.nn.Linear(H, O, dtype=kind)
    names = {"weight_ih": "W_xh", "weight_hh": "W_hh", "bias_ih": "b_xh", "bias_hh": "b_hh"}
    cell.load_state_dict({theirs: given[ours] for theirs, ours in names.items()})
    head.load_state_dict({"weight": given["W_hy"], "bias": given["b_y"]})
    x_start = given["x_start"].requires_grad_()
    x, h, rows = x_start, given["context_vector"], []
    for token in tokens:
        h = cell(x, h)
        rows.append(head(h))
        said = rows[-1].argmax() if feed == "free" else token
        x = torch.nn.functional.one_hot(said, O).to(kind)
    loss = torch.nn.functional.cross_entropy(torch.stack(rows), tokens)
    loss.backward()
    torch.optim.SGD([*cell.parameters(), *head.parameters(), x_start], lr=LEARNING_RATE).step()
    found = {"loss": loss, "x_start": x_start, "W_hy": head.weight, "b_y": head.bias}
    found |= {ours: getattr(cell, theirs) for theirs, ours in names.items()}
    return {f"{name}_{feed}_{dtype}": value.detach().numpy() for name, value in found.items()}


def main() -> None:
    """Write the file."""
    import torch

    torch.set_num_threads(1)
    arrays: Arrays = {}
    for name, case in draw_inputs().items():
        arrays |= {f"{name}/{key}": array for key, array in case.items()}
        for feed in FEEDS:
            for dtype in DTYPES:
                found = torch_step(case, feed, dtype)
                arrays |= {f"{name}/{key}": array for key, array in found.items()}
    write(GOLDEN, SEED, arrays)


if __name__ == "__main__":
    main()
