"""A learner's own function, called safely: it may loop for ever, print, or return anything."""
