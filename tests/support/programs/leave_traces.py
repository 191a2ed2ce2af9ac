"""Leave something in every place that outlives a cell; print random numbers."""

import builtins
import os
import random

import numpy as np

open("/tmp/left", "w").write("x")
builtins.left = 1
np.left = 1
os.environ["LEFT"] = "1"
print(random.random(), np.random.random())
