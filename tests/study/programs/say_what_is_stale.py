"""Say what is stale in the repository that the package lies in, as the package finds it."""

from pathlib import Path

from course.study import make_results, make_weights

print(make_weights.why_stale(Path()) or "fresh weights")
print(make_results.why_stale(Path()) or "fresh results")
