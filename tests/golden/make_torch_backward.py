"""Write ``torch_backward.npz``: PyTorch's gradients of an RNN decoder, and of its loss.

PyTorch is no requirement of the course; how to install it is said in ``make_torch_decoder.py``. To
make the file again, from the repository's root:

    /tmp/torch/bin/python tests/golden/make_torch_backward.py

The loss is a masked cross-entropy over one sequence. Its gradient by the logits is a golden array,
and so are all that `torch.nn.RNN` and a `Linear` head make of it. Each array is named
``case/name``, results ``case/name_dtype``; ``about`` is a JSON text.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch_rnn import parameter_shapes, write

GOLDEN = Path(__file__).resolve().parent / "torch_backward.npz"
SEED = 1990  # the year of Werbos's paper
#: (T, I, H, O) of each case.
CASES = ((1, 3, 1, 2), (2, 2, 5, 4), (40, 4, 1, 3), (40, 3, 5, 6), (300, 2, 5, 3), (300, 3, 1, 2))
DTYPES = ("float64", "float32")

Arrays = dict[str, np.ndarray]


def draw_inputs() -> dict[str, Arrays]:
    """Draw all inputs; NumPy alone, the same on every machine."""
    rng = np.random.default_rng(SEED)
    drawn: dict[str, Arrays] = {}
    for T, I, H, O in CASES:
        shapes = {**parameter_shapes(I, H, O), "fed": (T, I)}
        case = {name: rng.normal(0, 0.7, shape).astype("f4") for name, shape in shapes.items()}
        case["fed"][0] = case["x_start"]
        case["tokens"] = rng.integers(0, O, T)
        case["mask"] = (np.arange(T) == T - 1) | (rng.random(T) < 0.8)
        drawn[f"T{T}_I{I}_H{H}_O{O}"] = case
    return drawn


def torch_gradients(case: Arrays, dtype: str) -> Arrays:
    """Run PyTorch forward and back; return the loss and all gradients."""
    import torch

    kind = getattr(torch, dtype)
    given = {
        name: torch.tensor(array).to(kind)
        for name, array in case.items()
        if name not in ("tokens", "mask")
    }
    (H, I), O = given["W_xh"].shape, len(given["b_y"])
    cell, head = torch.nn.RNN(I, H, dtype=kind), torch.nn.Linear(H, O, dtype=kind)
    names = {"weight_ih": "W_xh", "weight_hh": "W_hh", "bias_ih": "b_xh", "bias_hh": "b_hh"}
    cell.load_state_dict({f"{theirs}_l0": given[ours] for theirs, ours in names.items()})
    head.load_state_dict({"weight": given["W_hy"], "bias": given["b_y"]})
    context = given["context_vector"].requires_grad_()
    fed = given["fed"].requires_grad_()
    logits = head(cell(fed[:, None], context[None, None])[0][:, 0])
    logits.retain_grad()
    counts = torch.tensor(case["mask"])
    each = torch.nn.functional.cross_entropy(logits, torch.tensor(case["tokens"]), reduction="none")
    loss = each[counts].mean()
    loss.backward()
    found = {"loss": loss, "d_logits": logits.grad, "d_context": context.grad}
    found |= {ours: getattr(cell, f"{theirs}_l0").grad for theirs, ours in names.items()}
    found |= {"W_hy": head.weight.grad, "b_y": head.bias.grad, "x_start": fed.grad[0]}
    return {f"{name}_{dtype}": value.detach().numpy() for name, value in found.items()}


def main() -> None:
    """Write the file."""
    import torch

    torch.set_num_threads(1)
    arrays: Arrays = {}
    for name, case in draw_inputs().items():
        arrays |= {f"{name}/{key}": array for key, array in case.items()}
        for dtype in DTYPES:
            found = torch_gradients(case, dtype)
            arrays |= {f"{name}/{key}": array for key, array in found.items()}
    write(GOLDEN, SEED, arrays)


if __name__ == "__main__":
    main()
