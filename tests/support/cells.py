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


def said(process: StudentProcess, source: str) -> str:
    """Run a cell in which nothing may fail; return what it printed."""
    failures, outputs = process.run_cell(source)
    assert not failures, outputs
    return "".join(output.get("text", "") for output in outputs).strip()
