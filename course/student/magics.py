"""Magics that a notebook's kernel has and a bare IPython shell has not, or has otherwise."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class
from IPython.core.magics.config import ConfigMagics
from IPython.core.magics.execution import ExecutionMagics


@magics_class
class KernelMagics(Magics):
    """What needs a notebook's page does nothing; what shows a file prints it."""

    @line_magic
    def autosave(self, line: str) -> None:
        """Save nothing: there is no page."""

    @line_magic
    def clear(self, line: str) -> None:
        """Clear nothing: there is no terminal."""

    @line_magic
    def config(self, line: str) -> Any:
        """Change settings, those of figures too, which a kernel knows before there are any."""
        if "InlineBackend" in line:
            # Not earlier: it imports matplotlib, which takes long.
            from matplotlib_inline.config import InlineBackend

            backend = InlineBackend.instance(parent=self.shell)
            if backend not in self.shell.configurables:
                self.shell.configurables.append(backend)
        return ConfigMagics(self.shell).config(line)

    @line_magic
    def connect_info(self, line: str) -> None:
        """Say that nothing can connect."""
        print("There is no kernel to connect to where answers are graded.")

    @line_magic
    def less(self, line: str) -> None:
        """Print a file."""
        print(Path(line.strip().strip("'\"")).read_text(encoding="utf-8", errors="replace"))

    @line_magic
    def man(self, line: str) -> None:
        """Say that there are no pages."""
        print(f"No manual entry for {line}")

    @line_cell_magic
    def time(self, line: str = "", cell: str | None = None) -> Any:
        """Time a statement as IPython does; a cell, statement by statement as any cell."""
        if cell is None:
            return ExecutionMagics(self.shell).time(line, None, self.shell.user_ns)
        begin, begin_cpu = time.perf_counter(), time.process_time()
        self.shell.run_cell(cell)
        cpu, wall = time.process_time() - begin_cpu, time.perf_counter() - begin
        print(f"CPU times: total: {1000 * cpu:.3g} ms\nWall time: {1000 * wall:.3g} ms")
        return None


def add_kernel_magics(shell: InteractiveShell) -> None:
    """Give a shell the magics of a notebook's kernel."""
    magics = KernelMagics(shell)
    shell.register_magics(magics)
    shell.register_magic_function(magics.connect_info, magic_name="qtconsole")
    shell.register_magic_function(magics.connect_info, magic_name="subshell")
    shell.register_magic_function(magics.less, magic_name="more")
    shell.extension_manager.load_extension("storemagic")
