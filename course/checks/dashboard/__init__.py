"""What a learner sees of an answer: which claims hold, and of the first that fails why."""
