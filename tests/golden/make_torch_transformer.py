"""Write ``torch_transformer.npz``: PyTorch's numbers for the transformer of lesson 6.

Logits when it is forced and when it runs free, the gradients of a masked cross-entropy, and the
loss curve of 20 training steps. PyTorch is no requirement of the course; how to install it is said
in ``make_torch_decoder.py``. To make the file again, from the repository's root:

    /tmp/torch/bin/python tests/golden/make_torch_transformer.py

Attention is PyTorch's `scaled_dot_product_attention`, and `rms` its `rms_norm`. All weights of a
case lie in one vector, in the order of `arrays`. Each array is named ``case/name``, results
``case/name_dtype``; ``about`` is a JSON text.
"""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

GOLDEN = Path(__file__).resolve().parent / "torch_transformer.npz"
SEED = 2017  # the year of Vaswani and others' paper
DTYPES = ("float64", "float32")
#: (T, N, I, C, d, f, blocks, T_max, O) of each case; the last one is also trained.
CASES = {
    "one_step": (1, 2, 3, 2, 4, 5, 1, 4, 3),
    "other_outputs": (5, 2, 3, 2, 4, 6, 2, 8, 4),
    "three_blocks": (7, 3, 4, 1, 6, 3, 3, 7, 4),
    "trained": (8, 6, 5, 3, 8, 16, 2, 9, 5),
}
STEPS, LEARNING_RATE, CLIP_NORM = 20, 0.01, 1.0

Arrays = dict[str, np.ndarray]


def arrays(case: str) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a case's weights, in order."""
    _, _, I, C, d, f, blocks, T_max, O = CASES[case]
    shapes: dict[str, tuple[int, ...]] = {
        "W_in": (d, I),
        "W_context": (d, C),
        "positions": (T_max, d),
    }
    for b in range(blocks):
        shapes |= {f"{b}/{name}": (d, d) for name in ("W_q", "W_k", "W_v", "W_o")}
        shapes |= {f"{b}/W_1": (f, d), f"{b}/b_1": (f,), f"{b}/W_2": (d, f), f"{b}/b_2": (d,)}
    return shapes | {"W_out": (O, d), "b_out": (O,), "x_start": (I,)}


def draw_inputs() -> dict[str, Arrays]:
    """Draw all inputs; NumPy alone, the same on every machine."""
    rng = np.random.default_rng(SEED)
    drawn: dict[str, Arrays] = {}
    for case, (T, N, I, C, _, _, _, _, O) in CASES.items():
        tokens = rng.integers(0, O, (T, N))
        drawn[case] = {
            "weights": rng.normal(0, 0.6, sum(map(prod, arrays(case).values()))).astype("f4"),
            "context": rng.normal(size=(C, N)).astype("f4"),
            "target_seq": rng.normal(size=(T, I, N)).astype("f4"),
            "tokens": tokens,
            "mask": (np.arange(T)[:, None] == T - 1) | (rng.random((T, N)) < 0.8),
        }
    return drawn


class Transformer:
    """The model in PyTorch, a sequence a row: (N, T, ...)."""

    def __init__(self, case: str, weights: np.ndarray, kind: Any) -> None:
        import torch

        shapes = arrays(case)
        ends = np.cumsum([prod(shape) for shape in shapes.values()])[:-1]
        pieces = np.split(weights, ends)
        self.weights = {
            name: torch.tensor(piece.reshape(shape)).to(kind).requires_grad_()
            for (name, shape), piece in zip(shapes.items(), pieces, strict=True)
        }
        self.blocks = CASES[case][6]

    def __call__(self, context: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
        """Return logits (N, T, O) of contexts (N, C) and all inputs but ``x_start``."""
        import torch

        F, w = torch.nn.functional, self.weights

        def rms(x: torch.Tensor) -> torch.Tensor:
            return F.rms_norm(x, x.shape[-1:], eps=1e-6)

        N, before, I = inputs.shape
        fed = torch.cat([w["x_start"].expand(N, 1, I), inputs], dim=1)
        x = F.linear(fed, w["W_in"]) + F.linear(context, w["W_context"])[:, None]
        x = x + w["positions"][: before + 1]
        for b in range(self.blocks):
            q, k, v = (F.linear(rms(x), w[f"{b}/W_{name}"])[:, None] for name in "qkv")
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)[:, 0]
            x = x + F.linear(y, w[f"{b}/W_o"])
            inner = torch.relu(F.linear(rms(x), w[f"{b}/W_1"], w[f"{b}/b_1"]))
            x = x + F.linear(inner, w[f"{b}/W_2"], w[f"{b}/b_2"])
        return F.linear(rms(x), w["W_out"], w["b_out"])


def torch_numbers(case: str, given: Arrays, dtype: str) -> Arrays:
    """Run PyTorch forward and back, forced; and free where it can."""
    import torch

    kind = getattr(torch, dtype)
    model = Transformer(case, given["weights"], kind)
    context = torch.tensor(given["context"].T.copy()).to(kind).requires_grad_()
    target_seq = torch.tensor(given["target_seq"].transpose(2, 0, 1).copy()).to(kind)
    tokens, counts = torch.tensor(given["tokens"].T.copy()), torch.tensor(given["mask"].T.copy())
    logits = model(context, target_seq[:, :-1])
    logits.retain_grad()
    each = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), tokens.flatten(), reduction="none"
    )
    loss = each[counts.flatten()].mean()
    loss.backward()
    gradients = [weight.grad.flatten() for weight in model.weights.values()]
    found = {
        "logits": logits.permute(1, 2, 0),
        "loss": loss,
        "d_logits": logits.grad.permute(1, 2, 0),
        "gradients": torch.cat(gradients),
        "d_context": context.grad.T,
    }
    (N, T, O), I = logits.shape, target_seq.shape[2]
    if I == O:
        with torch.no_grad():
            fed = torch.zeros(N, 0, I, dtype=kind)
            for _ in range(T):
                own = model(context, fed)
                chosen = torch.nn.functional.one_hot(own[:, -1].argmax(dim=1), I)
                fed = torch.cat([fed, chosen[:, None].to(kind)], dim=1)
        found["free_running"] = own.permute(1, 2, 0)
    return {f"{name}_{dtype}": value.detach().numpy() for name, value in found.items()}


def torch_curve(case: str, given: Arrays) -> Arrays:
    """Train in PyTorch on one batch of tokens, float64; return losses and the last weights."""
    import torch

    model = Transformer(case, given["weights"], torch.float64)
    weights = list(model.weights.values())
    adam = torch.optim.Adam(weights, lr=LEARNING_RATE)
    context = torch.tensor(given["context"].T.astype("f8"))
    tokens, I = torch.tensor(given["tokens"].T.copy()), given["target_seq"].shape[1]
    inputs = torch.nn.functional.one_hot(tokens[:, :-1], I).double()
    losses = []
    for _ in range(STEPS):
        logits = model(context, inputs).flatten(0, 1)
        loss = torch.nn.functional.cross_entropy(logits, tokens.flatten())
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, CLIP_NORM)
        adam.step()
        losses.append(float(loss.detach()))
    last = torch.cat([weight.detach().flatten() for weight in weights]).numpy()
    return {"curve": np.array(losses), "last_weights": last}


def main() -> None:
    """Write the file."""
    import torch

    torch.set_num_threads(1)
    about = {"seed": SEED, "torch": torch.__version__.split("+")[0], "numpy": np.__version__}
    written: Arrays = {}
    for case, given in draw_inputs().items():
        found = dict(given)
        for dtype in DTYPES:
            found |= torch_numbers(case, given, dtype)
        if case == "trained":
            found |= torch_curve(case, given)
        written |= {f"{case}/{name}": array for name, array in found.items()}
    np.savez_compressed(GOLDEN, about=np.array(json.dumps(about)), **written)


if __name__ == "__main__":
    main()
