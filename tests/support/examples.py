"""How many examples Hypothesis makes up."""

from __future__ import annotations

import os

from tests.support.matrix import FULL

_chosen = int(os.environ.get("HYPOTHESIS_EXAMPLES", "0"))
"""Another number from the environment: random histories by the thousand."""
_is_ci = bool(os.environ.get("CI"))

MANY = _chosen or (200 if _is_ci else 25)
"""For each property, where an example takes microseconds."""

HISTORIES = _chosen or (200 if FULL else 50 if _is_ci else 12)
"""Where an example is a history on a database, of which a hundred take seconds: `MATRIX=full` tries them all."""

SAME = _is_ci and not _chosen
"""True if the examples are the same each time, so that CI fails for a change and not by chance."""
