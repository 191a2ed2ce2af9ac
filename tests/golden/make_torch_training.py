"""Write ``torch_training.npz``: the loss curve of PyTorch's first 20 training steps.

Teacher forcing, masked cross-entropy, clipping by the global norm and Adam, float64, from
weights and batches that NumPy draws. PyTorch is no requirement of the course; how to install it
is said in ``make_torch_decoder.py``. To make the file again, from the repository's root:

    /tmp/torch/bin/python tests/golden/make_torch_training.py

Each array is named ``cell_type/name``; ``about`` is a JSON text.
"""

from __future__ import annotations

import json
from math import prod
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).resolve().parent / "torch_training.npz"
SEED = 2015  # scheduled sampling's year
STEPS, T, N = 20, 7, 8
FEATURES, TOKENS, H = 3, 5, 6
LEARNING_RATE = 0.02
CLIP_NORM = 0.15  # some of the gradients are longer, some are not

GATES = {"rnn": 1, "lstm": 4, "gru": 3}

Arrays = dict[str, np.ndarray]


def parameter_shapes(cell_type: str) -> dict[str, tuple[int, ...]]:
    rows = GATES[cell_type] * H
    return {
        "W_xh": (rows, TOKENS),
        "W_hh": (rows, H),
        "b_xh": (rows,),
        "b_hh": (rows,),
        "W_hy": (TOKENS, H),
        "b_y": (TOKENS,),
        "x_start": (TOKENS,),
        "W_context": (H, FEATURES),
        "b_context": (H,),
    }


def draw_inputs() -> Arrays:
    """Draw weights, and the batches of all steps; NumPy alone, the same on every machine."""
    rng = np.random.default_rng(SEED)
    drawn: Arrays = {}
    for cell_type in GATES:
        shapes = parameter_shapes(cell_type).values()
        drawn[f"{cell_type}/weights"] = rng.uniform(-0.6, 0.6, sum(map(prod, shapes)))
        features = rng.normal(size=(STEPS, FEATURES, N))
        # Something to be learned: a token that features and position give away.
        phase = np.argmax(features, axis=1)[:, None, :]
        tokens = (phase + np.arange(T)[None, :, None] * (1 + phase)) % TOKENS
        drawn[f"{cell_type}/features"] = features
        drawn[f"{cell_type}/tokens"] = tokens.astype(np.uint8)
        drawn[f"{cell_type}/mask"] = (rng.random((STEPS, T, N)) < 0.8).astype(np.uint8)
    return drawn


def torch_curve(cell_type: str, drawn: Arrays) -> Arrays:
    """Train in PyTorch; return loss and gradient norm of each step, and the last weights."""
    import torch

    shapes = parameter_shapes(cell_type)
    ends = np.cumsum([prod(shape) for shape in shapes.values()])[:-1]
    pieces = np.split(drawn["weights"], ends)
    given = {
        name: torch.tensor(piece.reshape(shape))
        for (name, shape), piece in zip(shapes.items(), pieces, strict=True)
    }
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell_type]
    decoder, head, encoder = (
        kind(TOKENS, H),
        torch.nn.Linear(H, TOKENS),
        torch.nn.Linear(FEATURES, H),
    )
    for module in (decoder, head, encoder):
        module.double()
    names = {"weight_ih": "W_xh", "weight_hh": "W_hh", "bias_ih": "b_xh", "bias_hh": "b_hh"}
    decoder.load_state_dict({f"{theirs}_l0": given[ours] for theirs, ours in names.items()})
    head.load_state_dict({"weight": given["W_hy"], "bias": given["b_y"]})
    encoder.load_state_dict({"weight": given["W_context"], "bias": given["b_context"]})
    start = torch.nn.Parameter(given["x_start"])
    weights = [
        *decoder.parameters(),
        *head.parameters(),
        start,
        *encoder.parameters(),
    ]  # in the order of the shapes: PyTorch's modules keep theirs in it, too
    adam = torch.optim.Adam(weights, lr=LEARNING_RATE)

    losses, norms = [], []
    for step in range(STEPS):
        tokens = torch.tensor(drawn["tokens"][step].astype(np.int64))
        mask = torch.tensor(drawn["mask"][step].astype(np.float64))
        true = torch.nn.functional.one_hot(tokens[:-1], TOKENS).double()
        inputs = torch.cat([start.expand(1, N, TOKENS), true])
        context = torch.tanh(encoder(torch.tensor(drawn["features"][step].T)))[None]
        state = (context, torch.zeros_like(context)) if cell_type == "lstm" else context
        hidden, _ = decoder(inputs, state)
        each = torch.nn.functional.cross_entropy(
            head(hidden).reshape(T * N, TOKENS), tokens.reshape(T * N), reduction="none"
        )
        loss = (each * mask.reshape(T * N)).sum() / mask.sum()
        adam.zero_grad()
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(weights, CLIP_NORM)))
        adam.step()
        losses.append(float(loss.detach()))
    last = torch.cat([weight.detach().reshape(-1) for weight in weights]).numpy()
    return {"loss": np.array(losses), "norm": np.array(norms), "last_weights": last}


def main() -> None:
    """Train the three cells and write the file."""
    import torch

    torch.set_num_threads(1)
    drawn = draw_inputs()
    about = {"seed": SEED, "torch": torch.__version__.split("+")[0], "numpy": np.__version__}
    curves: Arrays = {}
    for cell_type in GATES:
        prefix = f"{cell_type}/"
        mine = {key.removeprefix(prefix): drawn[key] for key in drawn if key.startswith(prefix)}
        curves |= {prefix + name: array for name, array in torch_curve(cell_type, mine).items()}
        print(cell_type, curves[prefix + "loss"][[0, -1]], curves[prefix + "norm"].round(2))
    np.savez_compressed(GOLDEN, about=np.array(json.dumps(about)), **drawn, **curves)


if __name__ == "__main__":
    main()
