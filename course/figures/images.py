"""Write the diagrams that lessons and README show."""

from __future__ import annotations

from pathlib import Path

from course.figures.unrolled import cells_svg, two_unrolled_svg, unrolled_svg


def diagrams() -> dict[str, str]:
    """Return every diagram's SVG by the path of its file in the repository."""
    return {
        "source/01_decoder_cells/images/decoder_cells.svg": cells_svg(),
        "source/02_teacher_forcing/images/teacher_forcing.svg": unrolled_svg(
            "TTT",
            "Teacher forcing: every step is fed the true token before it",
            "A decoder unrolled over four steps. Step 0 is fed x_start; each later step t is fed "
            "target_seq[t-1], whatever the model said. Each step's logits are compared with "
            "target_seq[t].",
        ),
        "source/02_teacher_forcing/images/free_running.svg": unrolled_svg(
            "OOO",
            "Free running: every step is fed the model's own token",
            "A decoder unrolled over four steps. Step 0 is fed x_start; each later step t is fed "
            "the one-hot vector of argmax(logits[t-1]). There are no true tokens.",
            targets=False,
        ),
        "source/03_scheduled_sampling/images/scheduled_sampling.svg": unrolled_svg(
            "OTO",
            "Scheduled sampling: at every step a coin chooses",
            "A decoder unrolled over four steps. Before each step after the first a coin chooses "
            "between target_seq[t-1] and the one-hot vector of argmax(logits[t-1]). Here the coins "
            "gave own, truth, own.",
            coins=True,
        ),
        "source/04_exposure_bias/images/two_prefixes.svg": two_unrolled_svg(
            "One decoder on two prefixes",
            "Two decoders unrolled over four steps, with the same weights. Above, on the true "
            "prefix, each step is fed the true token before it, and the loss compares its logits "
            "with the truth. Below, on its own prefix, each step is fed its own token.",
            "On the true prefix: what the training loss sees",
            "On its own prefix: what happens in use",
        ),
        "docs/images/unrolled.svg": two_unrolled_svg(
            "What a decoder is fed in training and in generation",
            "Two decoders unrolled over four steps. Above, teacher forcing: each step is fed the "
            "true token before it. Below, free running: each step is fed the model's own token.",
            "Training with teacher forcing: the truth is fed",
            "Generation by free running: the model's own tokens are fed",
        ),
    }


def generate(out_root: Path) -> list[Path]:
    """Write all diagrams below a folder.

    Parameters
    ----------
    out_root : Path
        The repository, or a folder to compare it with.

    Returns
    -------
    list of Path
        What was written.
    """
    written = []
    for name, drawing in diagrams().items():
        path = Path(out_root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(drawing, encoding="utf-8", newline="\n")
        written.append(path)
    return written
