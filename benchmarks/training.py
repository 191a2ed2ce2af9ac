"""Compare the speed of a training step here and in PyTorch, in one run.

A step is: encode, decode with teacher forcing, cross-entropy, back through time, clip by the
global norm, Adam; 64 sequences of one-hot tokens, float32, one thread. PyTorch runs its own
modules (``nn.RNN``, ``nn.LSTM``, ``nn.GRU``: whole sequences, oneDNN's LSTM) and its fused Adam.
Both start from the same weights and see the same batch, and before the clock runs their losses
over five steps must agree. Their turns alternate, so that both meet the same machine, and what
is counted is processor time, which other programs disturb less. A third column is of the step's
matrix products alone, done by NumPy: what is left of PyTorch's time beside them is all that there
is for everything else.

PyTorch is no requirement of the course; `tests/golden/make_torch_decoder.py` says how to install
it. From the repository's root:

    PYTHONPATH=. /tmp/torch/bin/python benchmarks/training.py [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # read when NumPy and PyTorch are imported

import numpy as np  # noqa: E402

from course.engine import (  # noqa: E402
    Batch,
    ModelShape,
    Parameters,
    initial_parameters,
    teacher_forcing,
)
from course.engine.cells import multiply  # noqa: E402
from course.engine.decoder import new_tape  # noqa: E402
from course.engine.optim import Adam, clip_by_norm  # noqa: E402
from course.engine.training import gradient_step  # noqa: E402

CELL_TYPES = ("rnn", "lstm", "gru")
HIDDEN_DIMS = (32, 64, 128)
LENGTHS = (20, 40)
N, TOKENS, FEATURES = 64, 16, 8
LEARNING_RATE, CLIP_NORM = 1e-3, 1.0

Step = Callable[[], float]


def drawn_batch(steps: int, rng: np.random.Generator) -> Batch:
    features = rng.normal(size=(FEATURES, N)).astype(np.float32)
    return Batch(features, rng.integers(0, TOKENS, (steps, N)))


def step_here(parameters: Parameters, batch: Batch) -> Step:
    parameters = parameters.copy()
    gradients, adam = parameters.zeros_like(), Adam(parameters.flat.size)
    T = len(batch.tokens)
    tape = new_tape(parameters.shape.cell_type, parameters, T, N)
    feed = teacher_forcing(T, N)

    def step() -> float:
        loss_nats, _ = gradient_step(parameters, gradients, batch, feed, tape)
        clip_by_norm(gradients.flat, CLIP_NORM)
        adam.update(parameters.flat, gradients.flat, LEARNING_RATE)
        return loss_nats

    return step


def products_alone(parameters: Parameters, batch: Batch) -> Step:
    """Return a step without anything but its matrix products."""
    tape = new_tape(parameters.shape.cell_type, parameters, len(batch.tokens), N)
    O, I = len(tape.outputs), tape.inputs.shape[1] - 1
    for array in (tape.weights, tape.d_sums, tape.stack):
        array[...] = 0.5  # not what numbers came by chance: some slow a processor down
    tape.halved[...] = 1 / tape.halved.shape[1]  # an RNN's products go round: so they do not grow

    def step() -> float:
        for one in tape.steps:
            multiply(one.to_sums)
            multiply(one.to_d_hidden)
            multiply(tape.to_d_weights)
        np.matmul(tape.weights[:O, I:], tape.stack[1:, I:], out=tape.logits)
        return float(tape.outputs[0, 0, 0])

    return step


def step_in_torch(parameters: Parameters, batch: Batch) -> Step:
    import torch

    torch.set_num_threads(1)
    cell_type, H = parameters.shape.cell_type, parameters.shape.hidden_dim
    given = {name: torch.tensor(array) for name, array in parameters.items()}
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell_type]
    decoder = kind(TOKENS, H)
    head, encoder = torch.nn.Linear(H, TOKENS), torch.nn.Linear(FEATURES, H)
    names = {"weight_ih": "W_xh", "weight_hh": "W_hh", "bias_ih": "b_xh", "bias_hh": "b_hh"}
    decoder.load_state_dict({f"{theirs}_l0": given[ours] for theirs, ours in names.items()})
    head.load_state_dict({"weight": given["W_hy"], "bias": given["b_y"]})
    encoder.load_state_dict({"weight": given["W_context"], "bias": given["b_context"]})
    start = torch.nn.Parameter(given["x_start"])
    weights = [*decoder.parameters(), *head.parameters(), *encoder.parameters(), start]
    adam = torch.optim.Adam(weights, lr=LEARNING_RATE, fused=True)

    features, tokens = torch.tensor(batch.features.T.copy()), torch.tensor(batch.tokens)
    T, one_hot = len(tokens), torch.eye(TOKENS)

    def step() -> float:
        context = torch.tanh(encoder(features))[None]
        inputs = torch.cat([start.expand(1, N, TOKENS), one_hot[tokens[:-1]]])
        state = (context, torch.zeros_like(context)) if cell_type == "lstm" else context
        hidden, _ = decoder(inputs, state)
        logits = head(hidden).reshape(T * N, TOKENS)
        loss = torch.nn.functional.cross_entropy(logits, tokens.reshape(T * N))
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, CLIP_NORM)
        adam.step()
        return float(loss.detach())

    return step


def alternate(steps: tuple[Step, ...], rounds: int, block: int = 5) -> list[float]:
    """Time blocks of steps in turn; return the median processor milliseconds a step of each."""
    times: list[list[float]] = [[] for _ in steps]
    for _ in range(rounds):
        for step, mine in zip(steps, times, strict=True):
            begun = time.process_time()
            for _ in range(block):
                step()
            mine.append((time.process_time() - begun) / block * 1e3)
    return [median(mine) for mine in times]


def compare(cell_type: str, hidden_dim: int, steps: int, rounds: int) -> dict[str, object]:
    rng = np.random.default_rng(0)
    parameters = initial_parameters(
        ModelShape(cell_type, FEATURES, TOKENS, hidden_dim, TOKENS), rng
    )
    batch = drawn_batch(steps, rng)
    here, theirs = step_here(parameters, batch), step_in_torch(parameters, batch)
    losses = np.array([(here(), theirs()) for _ in range(5)])
    if not np.allclose(losses[:, 0], losses[:, 1], rtol=1e-4):
        raise SystemExit(f"{cell_type}: the two do not train the same: losses {losses}")
    products = products_alone(parameters, batch)
    here_ms, torch_ms, products_ms = alternate((here, theirs, products), rounds)
    return {
        "cell_type": cell_type,
        "hidden_dim": hidden_dim,
        "steps": steps,
        "here_ms": round(here_ms, 3),
        "torch_ms": round(torch_ms, 3),
        "products_ms": round(products_ms, 3),
        "ratio": round(torch_ms / here_ms, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=25, help="blocks of 5 steps each (25)")
    parser.add_argument("--json", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    try:
        import torch
    except ImportError:
        sys.exit("PyTorch is not installed here; tests/golden/make_torch_decoder.py says how.")

    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}; batch {N}, float32, one thread")
    print(
        f"{'cell':>5} {'H':>4} {'T':>3} {'here, ms':>9} {'PyTorch, ms':>12} {'ratio':>6} "
        f"{'products, ms':>13}"
    )
    rows = []
    for cell_type in CELL_TYPES:
        for hidden_dim in HIDDEN_DIMS:
            for steps in LENGTHS:
                row = compare(cell_type, hidden_dim, steps, arguments.rounds)
                rows.append(row)
                print(
                    f"{cell_type:>5} {hidden_dim:>4} {steps:>3} {row['here_ms']:>9.2f} "
                    f"{row['torch_ms']:>12.2f} {row['ratio']:>6.2f} "
                    f"{row['products_ms']:>13.2f}",
                    flush=True,
                )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
