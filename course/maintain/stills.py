"""Still pictures of the labs, for a notebook that is read without a kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from course.engine import Feed, context_from, forward, scheduled_sampling
from course.figures import cards
from course.figures.sheet import cards_sheet, charts_sheet
from course.labs.divergence.state import Divergence
from course.labs.harm import Harm
from course.labs.page import models
from course.labs.page.controls import SHORT
from course.labs.trained.state import TrainedHow
from course.maintain import curve
from course.tasks import find_task

TASK, CELL, SAMPLING_PROB = "osc", "gru", 0.5


def unrolled() -> str:
    """Draw lab 1 as it is after its last step."""
    parameters = models.teacher_forced(TASK, CELL)
    batch = find_task(TASK).draw_test(1, np.random.default_rng(2015))
    T = len(batch.tokens)
    feed = scheduled_sampling(T, 1, SAMPLING_PROB, "argmax", np.random.default_rng(4))
    context = context_from(parameters, batch.features)
    logits = forward(CELL, parameters, context, batch.tokens, feed).logits
    names, said = cards.token_names(TASK), logits.argmax(axis=1)[:, 0]
    return cards_sheet(
        f"{_decoder(TASK, CELL)} at {SAMPLING_PROB}: T was fed the truth, O its own",
        [names[token] for token in batch.tokens[:, 0]],
        [names[token] for token in said],
        "S" + "".join("O" if own else "T" for own in feed.own[1:, 0]),
        T - 1,
    )


def divergence() -> str:
    """Draw lab 2 with a decoder that does what it should."""
    state = _complete(Divergence(_right_answer, models.teacher_forced, TASK, CELL, SAMPLING_PROB))
    title = f"{_decoder(TASK, CELL)}, fed its own token with probability {SAMPLING_PROB}"
    return charts_sheet(title, state.charts())


def trained() -> str:
    """Draw lab 3 for teacher forcing."""
    state = _complete(TrainedHow(models.ways, models.spread, TASK, CELL))
    title = f"{_decoder(TASK, CELL)}: above, teacher forcing; below, every way"
    return charts_sheet(title, state.charts(), columns=2)


def training() -> str:
    """Draw lab 4 after a training with the settings that it opens with."""
    state = curve.kept()
    title = f"{_decoder(state.task, state.cell)}; chosen way: {state.way}"
    return charts_sheet(title, state.charts(), columns=2)


def harm() -> str:
    """Draw lab 5 for half of the tokens."""
    state: Harm = models.harm()
    state.sampling_prob = SAMPLING_PROB
    return charts_sheet("Where scheduled sampling harms", _complete(state).charts(), columns=2)


def _decoder(task: str, cell: str) -> str:
    return f"{SHORT[task].capitalize()}, {cell.upper()}"


def generate(out_root: Path) -> list[Path]:
    """Write all of them below a folder; return what was written."""
    drawn = {
        "source/02_teacher_forcing/images/lab_unrolled.svg": unrolled(),
        "source/03_scheduled_sampling/images/lab_divergence.svg": divergence(),
        "source/03_scheduled_sampling/images/lab_training.svg": training(),
        "source/04_exposure_bias/images/lab_divergence.svg": divergence(),
        "source/04_exposure_bias/images/lab_trained.svg": trained(),
        "source/04_exposure_bias/images/lab_harm.svg": harm(),
    }
    written = []
    for name, drawing in drawn.items():
        path = Path(out_root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(drawing, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _complete(state: Any) -> Any:
    while state.advance(1.0):
        pass
    return state


def _right_answer(
    context_vector: Any,
    target_seq: Any,
    decoder_params: Any,
    sampling_prob: float,
    cell_type: str,
    rng: np.random.Generator,
) -> Any:
    """Run the engine's decoder as a learner's, with coins as lesson 3's solution throws them."""
    own = np.array([t > 0 and rng.random() < sampling_prob for t in range(len(target_seq))])
    return forward(
        cell_type,
        decoder_params,
        context_vector[:, None],
        target_seq[:, :, None],
        Feed(own[:, None]),
    ).logits[:, :, 0]
