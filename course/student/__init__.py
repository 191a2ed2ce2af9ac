"""The student's side of grading: the process in which a submission's own cells run.

It holds the locked setup cells and what the student wrote, and answers calls over a wire on
which only data travels. It knows nothing of hidden tests, and nothing that it sends is believed
without a look: see `course.grading` for the other side.
"""
