"""The course as nbgrader knows it: `nbgrader --help-all` explains each setting."""

import os
import re
import sys
from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader import preprocessors as steps

from course.grading.execute import Judge
from course.grading.feedback import EscapeNames, FeedbackExporter
from course.grading.handedin import drop_what_cannot_be_copied
from course.grading.release import ClearFirstSentences, HideTests
from course.grading.restore import RestoreCells, SubmissionExporter
from course.lessons import course_root

c = get_config()

# nbgrader calls `alembic` by its bare name, also where the environment was not activated.
scripts = str(Path(sys.executable).parent)
if scripts not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])

root = Path(__file__).resolve().parent
c.CourseDirectory.root = str(root)
c.CourseDirectory.course_id = "teacher_forcing"
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    # The instructor's, and the grader's: neither travels with a notebook.
    "misconceptions.py",
    "*_slips.py",
    "*.diagnosis.json",
]

# The gradebook is gradebook.db here, or the database that COURSE_GRADEBOOK names for this course.
# A copy of these settings, as `course demo` makes one, never gets at that database.
if root == course_root() and os.environ.get("COURSE_GRADEBOOK"):
    url = os.environ["COURSE_GRADEBOOK"]
    c.CourseDirectory.db_url = re.sub("^postgres(ql)?:", "postgresql+psycopg2:", url)

# Everything that is exchanged stays inside the course, so that nothing needs root.
c.Exchange.root = str(root / "exchange")

# What is released is made from source/, so making it again is never a loss; without this, nbgrader
# skips a lesson whose release is there already, and does not enter it into the gradebook.
c.GenerateAssignment.force = True
c.GenerateAssignment.preprocessors = [
    steps.IncludeHeaderFooter,
    steps.InstantiateTests,
    ClearFirstSentences,
    steps.LockCells,
    steps.ClearSolutions,
    steps.ClearOutput,
    steps.CheckCellMetadata,
    steps.ComputeChecksums,
    steps.SaveCells,
    steps.ClearHiddenTests,
    steps.ClearMarkScheme,
    steps.ComputeChecksums,
    steps.CheckCellMetadata,
]

# A submission is made whole, then judged in two processes instead of run by `Execute`.
c.Autograde.pre_convert_hook = drop_what_cannot_be_copied
c.Autograde.exporter_class = SubmissionExporter
c.Autograde.sanitize_preprocessors = [
    steps.ClearOutput,
    RestoreCells,
    steps.DeduplicateIds,
    steps.OverwriteKernelspec,
    steps.OverwriteCells,
    steps.CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    Judge,
    steps.IgnorePattern,
    ClearMetadataPreprocessor,
    steps.LimitOutput,
    steps.SaveAutoGrades,
    steps.AssignLatePenalties,
    steps.CheckCellMetadata,
]

# Submissions that come as a zip from Canvas or Moodle: `nbgrader zip_collect LESSON`.
c.ZipCollectApp.extractor_plugin = "course.grading.zips.ZipExtractor"
c.ZipCollectApp.collector_plugin = "course.grading.zips.LmsCollector"

# Of formgrader's page for one submission.
c.HTMLExporter.preprocessors = [EscapeNames]

# Feedback shows what was handed in and what was said of it, never a hidden test. The page runs
# nothing and loads nothing.
c.GenerateFeedback.exporter_class = FeedbackExporter
c.GenerateFeedback.preprocessors = [
    steps.GetGrades,
    HideTests,
    CSSHTMLHeaderPreprocessor,
]
