"""Look for what `leave_traces` leaves; print random numbers."""

import builtins
import os
import random

import numpy as np

print(os.path.exists("/tmp/left"), hasattr(builtins, "left"))
print(hasattr(np, "left"), "LEFT" in os.environ)
print(random.random(), np.random.random())
