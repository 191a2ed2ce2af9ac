"""Write ``digits.npz`` and ``surnames.npz`` from the packages that ship them.

Neither package is a requirement of the course. To make the files again, in an environment of
its own: ``pip install scikit-learn names==0.3.0 numpy``, then ``python course/tasks/data/make.py``.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
MOST_COMMON = 20_000


def main() -> None:
    """Write both files."""
    pixels = import_module("sklearn.datasets").load_digits().data.astype(np.uint8)
    np.savez_compressed(HERE / "digits.npz", pixels=pixels)

    census = Path(str(import_module("names").__file__)).parent / "dist.all.last"
    lines = census.read_text(encoding="ascii").splitlines()[:MOST_COMMON]
    surnames = "\n".join(line.split()[0].lower() for line in lines)
    np.savez_compressed(
        HERE / "surnames.npz", text=np.frombuffer(surnames.encode("ascii"), np.uint8)
    )


if __name__ == "__main__":
    main()
