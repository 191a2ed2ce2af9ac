"""The course as nbgrader knows it: `nbgrader --help-all` explains each setting."""

import os
import sys
from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader import preprocessors as steps

from course.grading.cycle import exchange, sentences
from course.grading.cycle.converters import SubmissionExporter
from course.grading.cycle.made_from import CurrentFeedback
from course.grading.cycle.mended import is_nbgraders_process, mend
from course.grading.cycle.pages import EscapeNames, GivenMarks, HideTests
from course.grading.records.opening import gradebook_of
from course.grading.releasing.claims import ShowClaims
from course.grading.releasing.first_sentences import ClearFirstSentences
from course.grading.releasing.generate import SaveLesson
from course.grading.releasing.pictures import EmbedPictures
from course.grading.steps.execute import Judge
from course.grading.steps.marks import SaveMarks
from course.grading.steps.restore import RestoreCells
from course.lessons.misconceptions import INSTRUCTORS

c = get_config()

# nbgrader calls `alembic` by its bare name, also where the environment was not activated.
scripts = str(Path(sys.executable).parent)
if scripts not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])

root = Path(__file__).resolve().parent
if is_nbgraders_process():
    mend(root)
c.CourseDirectory.root = str(root)
c.CourseDirectory.course_id = "teacher_forcing"
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    # The instructor's, and the grader's: neither travels with a notebook.
    INSTRUCTORS,
    "*.diagnosis.json",
]

# The gradebook is gradebook.db here, or the database that COURSE_GRADEBOOK names for this course.
c.CourseDirectory.db_url = gradebook_of(root)

# Where no other settings name a place for the exchange, it is exchange/ here, so that nothing needs
# root. A server's own settings say `c.Exchange.root`, and that counts.
c.ExchangeFactory.update(exchange.OWN)

# What is released is made from source/, so making it again is never a loss; without this, nbgrader
# skips a lesson whose release is there already, and does not enter it into the gradebook.
c.GenerateAssignment.force = True
c.GenerateAssignment.preprocessors = [
    steps.IncludeHeaderFooter,
    steps.InstantiateTests,
    ClearFirstSentences,
    EmbedPictures,
    steps.LockCells,
    steps.ClearSolutions,
    steps.ClearOutput,
    steps.CheckCellMetadata,
    steps.ComputeChecksums,
    SaveLesson,
    steps.ClearHiddenTests,
    steps.ClearMarkScheme,
    ShowClaims,
    steps.ComputeChecksums,
    steps.CheckCellMetadata,
]

# A submission is made whole, then judged in two processes instead of run by `Execute`.
c.Autograde.exporter_class = SubmissionExporter
# On a hub, submissions are of people whom the instructor need not know.
if "JUPYTERHUB_API_URL" in os.environ:
    c.Judge.require_sandbox = True
# `RestoreCells` takes from source/ what nbgrader's own steps look up in the gradebook.
c.Autograde.sanitize_preprocessors = [RestoreCells]
c.Autograde.autograde_preprocessors = [
    Judge,
    steps.IgnorePattern,
    ClearMetadataPreprocessor,
    steps.LimitOutput,
    SaveMarks,
    steps.AssignLatePenalties,
]
# What `python3 -m course late` has set; without that, c.LateSubmissionPlugin.penalty_method.
c.AssignLatePenalties.plugin_class = "course.grading.cycle.late.LateByPolicy"

# Submissions that come as a zip from Canvas or Moodle: `nbgrader zip_collect LESSON`.
c.ZipCollectApp.extractor_plugin = "course.grading.lms.zips.ZipExtractor"
c.ZipCollectApp.collector_plugin = "course.grading.lms.zips.LmsCollector"

# `nbgrader export`: nbgrader's own exporter quotes nothing, and a comma in a name shifts the rest.
c.ExportApp.plugin_class = "course.grading.lms.export.GradesExport"

# Of formgrader's page for one submission: below each comment are sentences to choose from.
c.HTMLExporter.preprocessors = [EscapeNames, sentences.OfferSentences]
c.HTMLExporter.template_file = sentences.TEMPLATE
c.HTMLExporter.extra_template_paths = [str(sentences.TEMPLATES)]

# Feedback shows what was handed in and what was said of it, never a hidden test. The page runs
# nothing and loads nothing.
c.GenerateFeedback.exporter_class = CurrentFeedback
c.GenerateFeedback.preprocessors = [
    GivenMarks,
    HideTests,
    CSSHTMLHeaderPreprocessor,
]
