"""Compare the speed of a training step here and in PyTorch, in one run.

A step is: encode, decode with teacher forcing, cross-entropy, back through time, clip by the
global norm, Adam; 64 sequences of one-hot tokens, float32, one thread. PyTorch runs its own
modules (``nn.RNN``, ``nn.LSTM``, ``nn.GRU``: whole sequences, oneDNN's LSTM) and its fused Adam.
Before them comes the transformer of lesson 6, two blocks on 32 sequences of 30 tokens, against
``scaled_dot_product_attention``, ``rms_norm`` and ``linear``.
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
    cross_entropy,
    initial_parameters,
    teacher_forcing,
)
from course.engine.cells import multiply  # noqa: E402
from course.engine.decoder import new_tape  # noqa: E402
from course.engine.optim import Adam, clip_by_norm  # noqa: E402
from course.engine.training import gradient_step  # noqa: E402
from course.engine.transformer import (  # noqa: E402
    as_params,
    initial_transformer,
    new_transformer_tape,
    transformer_backward,
    transformer_forward,
    transformer_shape,
)

CELL_TYPES = ("rnn", "lstm", "gru")
HIDDEN_DIMS = (32, 64, 128)
LENGTHS = (20, 40)
N, TOKENS, FEATURES = 64, 16, 8
#: Of the transformer: N, T, and d. Those of the lab come first.
TRANSFORMERS = ((32, 30, 32), (32, 30, 64), (64, 30, 32))
LEARNING_RATE, CLIP_NORM = 1e-3, 1.0

Step = Callable[[], float]


def drawn_batch(steps: int, rng: np.random.Generator, columns: int = N) -> Batch:
    features = rng.normal(size=(FEATURES, columns)).astype(np.float32)
    return Batch(features, rng.integers(0, TOKENS, (steps, columns)))


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


def transformer_here(parameters: Parameters, batch: Batch) -> Step:
    parameters = parameters.copy()
    gradients, adam = parameters.zeros_like(), Adam(parameters.flat.size)
    params, by_params = as_params(parameters), as_params(gradients)
    tape = new_transformer_tape(params, *batch.tokens.shape)

    def step() -> float:
        transformer_forward(params, batch.features, batch.tokens, tape=tape)
        loss_nats, d_logits = cross_entropy(tape.logits, batch.tokens)
        transformer_backward(params, tape, d_logits, by_params)
        clip_by_norm(gradients.flat, CLIP_NORM)
        adam.update(parameters.flat, gradients.flat, LEARNING_RATE)
        return loss_nats

    return step


def transformer_in_torch(parameters: Parameters, batch: Batch) -> Step:
    import torch

    torch.set_num_threads(1)
    functional = torch.nn.functional
    w = {name: torch.nn.Parameter(torch.tensor(array)) for name, array in parameters.items()}
    adam = torch.optim.Adam(list(w.values()), lr=LEARNING_RATE, fused=True)
    context, tokens = torch.tensor(batch.features.T.copy()), torch.tensor(batch.tokens.T.copy())
    (columns, T), one_hot = tokens.shape, torch.eye(TOKENS)
    blocks = range(len(as_params(parameters)["blocks"]))

    def rms(x: torch.Tensor) -> torch.Tensor:
        return functional.rms_norm(x, x.shape[-1:], eps=1e-6)

    def step() -> float:
        start = w["x_start"].expand(columns, 1, TOKENS)
        x = functional.linear(torch.cat([start, one_hot[tokens[:, :-1]]], dim=1), w["W_in"])
        x = x + functional.linear(context, w["W_context"])[:, None] + w["positions"][:T]
        for b in blocks:
            normed = rms(x)
            q, k, v = (functional.linear(normed, w[f"{b}/W_{name}"])[:, None] for name in "qkv")
            seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)[:, 0]
            x = x + functional.linear(seen, w[f"{b}/W_o"])
            inner = torch.relu(functional.linear(rms(x), w[f"{b}/W_1"], w[f"{b}/b_1"]))
            x = x + functional.linear(inner, w[f"{b}/W_2"], w[f"{b}/b_2"])
        logits = functional.linear(rms(x), w["W_out"], w["b_out"])
        loss = functional.cross_entropy(logits.flatten(0, 1), tokens.flatten())
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(w.values()), CLIP_NORM)
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


def compare(
    about: dict[str, object], here: Step, theirs: Step, others: tuple[Step, ...], rounds: int
) -> dict[str, object]:
    """Time both, and others without a loss to compare; print a line and return it."""
    losses = np.array([(here(), theirs()) for _ in range(5)])
    if not np.allclose(losses[:, 0], losses[:, 1], rtol=1e-4):
        raise SystemExit(f"{about}: the two do not train the same: losses {losses}")
    here_ms, torch_ms, *others_ms = alternate((here, theirs, *others), rounds)
    row = about | {
        "here_ms": round(here_ms, 3),
        "torch_ms": round(torch_ms, 3),
        "products_ms": round(others_ms[0], 3) if others_ms else None,
        "ratio": round(torch_ms / here_ms, 2),
    }
    print(
        f"{about['model']:>11} {about['hidden_dim']:>4} {about['steps']:>3} {about['batch']:>3} "
        f"{here_ms:>9.2f} {torch_ms:>12.2f} {row['ratio']:>6.2f} "
        + "".join(f"{ms:>13.2f}" for ms in others_ms),
        flush=True,
    )
    return row


def compare_cell(cell_type: str, hidden_dim: int, steps: int, rounds: int) -> dict[str, object]:
    rng = np.random.default_rng(0)
    shape = ModelShape(cell_type, FEATURES, TOKENS, hidden_dim, TOKENS)
    parameters, batch = initial_parameters(shape, rng), drawn_batch(steps, rng)
    about = {"model": cell_type, "hidden_dim": hidden_dim, "steps": steps, "batch": N}
    here, theirs = step_here(parameters, batch), step_in_torch(parameters, batch)
    return compare(about, here, theirs, (products_alone(parameters, batch),), rounds)


def compare_transformer(columns: int, steps: int, d: int, rounds: int) -> dict[str, object]:
    rng = np.random.default_rng(0)
    parameters = initial_transformer(transformer_shape(FEATURES, TOKENS, steps, d), rng)
    batch = drawn_batch(steps, rng, columns)
    about = {"model": "transformer", "hidden_dim": d, "steps": steps, "batch": columns}
    both = transformer_here(parameters, batch), transformer_in_torch(parameters, batch)
    return compare(about, *both, (), rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=25, help="blocks of 5 steps each (25)")
    parser.add_argument(
        "--cells", nargs="*", default=CELL_TYPES, help="beside the transformer (all of them)"
    )
    parser.add_argument("--json", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    try:
        import torch
    except ImportError:
        sys.exit("PyTorch is not installed here; tests/golden/make_torch_decoder.py says how.")

    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}; float32, one thread")
    print(
        f"{'model':>11} {'H, d':>4} {'T':>3} {'N':>3} {'here, ms':>9} {'PyTorch, ms':>12} "
        f"{'ratio':>6} {'products, ms':>13}"
    )
    rounds = arguments.rounds
    rows = [compare_transformer(*sizes, rounds) for sizes in TRANSFORMERS]
    rows += [
        compare_cell(cell_type, hidden_dim, steps, rounds)
        for cell_type in arguments.cells
        for hidden_dim in HIDDEN_DIMS
        for steps in LENGTHS
    ]
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
