"""The learner's side: a copy of the lessons, start page, JupyterLab, and the check at home."""
