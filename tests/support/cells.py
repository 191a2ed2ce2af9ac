"""Cells that run in a student's process."""

from __future__ import annotations

from course.grading.confinement.student_process import StudentProcess


def show(student: StudentProcess, source: str) -> str:
    """Run a cell; return the text that it shows."""
    _, outputs = student.run_cell(source)
    return "".join(
        output.get("text") or output.get("data", {}).get("text/plain") or output["evalue"]
        for output in outputs
    )
