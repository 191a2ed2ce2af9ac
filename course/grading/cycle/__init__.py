"""nbgrader's commands around grading: collecting, what is made again, pages, and their release."""
