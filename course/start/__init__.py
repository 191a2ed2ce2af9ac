"""The way in: environment, the learner's copy of the lessons, start page, JupyterLab."""
