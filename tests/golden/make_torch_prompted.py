"""Write ``torch_prompted.npz``: PyTorch's numbers for the transformer that reads a prompt.

Logits, loss and gradients, fed the truth and its own tokens, and 20 training steps on one batch. To
make the file again, as ``make_torch_decoder.py`` says of PyTorch, from the repository's root:

    /tmp/torch/bin/python tests/golden/make_torch_prompted.py

The prompt's first members see each other and have no position: their embeddings are never added.
All weights lie in one vector, in the order of `arrays`; results are called ``name_dtype``.
"""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

GOLDEN = Path(__file__).resolve().parent / "torch_prompted.npz"
SEED = 2024  # the year of Bachmann and Nagarajan's paper
DTYPES = ("float64", "float32")
#: Sequences, members of the set, vectors of the prompt, written tokens.
N, MEMBERS, G, K = 3, 3, 5, 4
#: I, d, f, blocks, O.
I, D, F, BLOCKS, O = 7, 6, 5, 2, 4
T = G + K
STEPS, LEARNING_RATE, CLIP_NORM = 20, 0.01, 1.0

Arrays = dict[str, np.ndarray]


def arrays() -> dict[str, tuple[int, ...]]:
    """Return the shapes of the weights, in order."""
    shapes: dict[str, tuple[int, ...]] = {"W_in": (D, I), "W_context": (D, 0), "positions": (T, D)}
    for b in range(BLOCKS):
        shapes |= {f"{b}/{name}": (D, D) for name in ("W_q", "W_k", "W_v", "W_o")}
        shapes |= {f"{b}/W_1": (F, D), f"{b}/b_1": (F,), f"{b}/W_2": (D, F), f"{b}/b_2": (D,)}
    return shapes | {"W_out": (O, D), "b_out": (O,), "x_start": (I,)}


def draw_inputs() -> Arrays:
    """Draw all inputs; NumPy alone, the same on every machine."""
    rng = np.random.default_rng(SEED)
    pieces = [rng.normal(0, 0.6, shape) for shape in arrays().values()]
    pieces[2][1 : MEMBERS + 1] = 0
    return {
        "weights": np.concatenate([piece.ravel() for piece in pieces]).astype("f4"),
        "given": rng.normal(size=(G, I, N)).astype("f4"),
        "tokens": rng.integers(0, O, (K, N)),
    }


class Transformer:
    """The model in PyTorch, a sequence a row: (N, T, ...)."""

    def __init__(self, weights: np.ndarray, kind: Any) -> None:
        import torch

        ends = np.cumsum([prod(shape) for shape in arrays().values()])[:-1]
        self.weights = {
            name: torch.tensor(piece.reshape(shape)).to(kind).requires_grad_()
            for (name, shape), piece in zip(arrays().items(), np.split(weights, ends), strict=True)
        }

    def __call__(self, given: torch.Tensor, fed: torch.Tensor) -> torch.Tensor:
        """Return logits (N, K, O) of prompts (N, G, I) and tokens (N, K - 1) that are fed."""
        import torch

        functional, w = torch.nn.functional, self.weights

        def rms(x: torch.Tensor) -> torch.Tensor:
            return functional.rms_norm(x, x.shape[-1:], eps=1e-6)

        hot = functional.one_hot(fed, O).to(given.dtype)
        own = functional.pad(hot, (I - O, 0))
        inputs = torch.cat([w["x_start"].expand(N, 1, I), given, own], dim=1)
        at = torch.arange(inputs.shape[1])
        placed = ((at < 1) | (at > MEMBERS)).to(given.dtype)[:, None]
        x = functional.linear(inputs, w["W_in"]) + w["positions"] * placed
        sees = (at[:, None] >= at) | ((at[:, None] <= MEMBERS) & (at <= MEMBERS))
        for b in range(BLOCKS):
            q, k, v = (functional.linear(rms(x), w[f"{b}/W_{name}"])[:, None] for name in "qkv")
            y = functional.scaled_dot_product_attention(q, k, v, attn_mask=sees)[:, 0]
            x = x + functional.linear(y, w[f"{b}/W_o"])
            inner = torch.relu(functional.linear(rms(x), w[f"{b}/W_1"], w[f"{b}/b_1"]))
            x = x + functional.linear(inner, w[f"{b}/W_2"], w[f"{b}/b_2"])
        return functional.linear(rms(x), w["W_out"], w["b_out"])[:, G:]


def inputs_of(drawn: Arrays, kind: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Return prompts (N, G, I) and tokens (N, K)."""
    import torch

    given = torch.tensor(drawn["given"].transpose(2, 0, 1).copy()).to(kind)
    return given, torch.tensor(drawn["tokens"].T.copy())


def loss_of(logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy."""
    import torch

    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens.flatten())


def torch_numbers(drawn: Arrays, fed: str, dtype: str) -> Arrays:
    """Run PyTorch forward and back, fed the truth or its own tokens."""
    import torch

    kind = getattr(torch, dtype)
    model, (given, tokens) = Transformer(drawn["weights"], kind), inputs_of(drawn, kind)
    before = tokens[:, :-1].clone()
    if fed == "own":
        for k in range(K - 1):
            with torch.no_grad():
                before[:, k] = model(given, before)[:, k].argmax(dim=1)
    logits = model(given, before)
    loss = loss_of(logits, tokens)
    loss.backward()
    of_each = [w.grad for w in model.weights.values() if w.numel()]  # W_context has no number
    gradients = torch.cat([gradient.flatten() for gradient in of_each])
    found = {"logits": logits.permute(1, 2, 0), "loss": loss, "gradients": gradients}
    return {f"{name}_{fed}_{dtype}": value.detach().numpy() for name, value in found.items()}


def torch_curve(drawn: Arrays) -> Arrays:
    """Train in PyTorch on the batch, float64; return losses and the last weights."""
    import torch

    model, (given, tokens) = (
        Transformer(drawn["weights"], torch.float64),
        inputs_of(drawn, torch.float64),
    )
    weights = list(model.weights.values())
    adam = torch.optim.Adam(weights, lr=LEARNING_RATE)
    losses = []
    for _ in range(STEPS):
        loss = loss_of(model(given, tokens[:, :-1]), tokens)
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
    drawn = draw_inputs()
    written = drawn | torch_curve(drawn)
    for fed in ("truth", "own"):
        for dtype in DTYPES:
            written |= torch_numbers(drawn, fed, dtype)
    np.savez_compressed(GOLDEN, about=np.array(json.dumps(about)), **written)


if __name__ == "__main__":
    main()
