"""Reading 2: a rule set as column expressions, so that a whole register is judged in one pass.

Agrees with `explain` on every firm: a test draws the lines themselves and generated firms through both.
"""

from registry.rules.columns.dialect import POLARS, Dialect, spark_dialect
from registry.rules.columns.frames import Frames, frames_of
from registry.rules.columns.judge import columns_needed, judge, outputs, plan

__all__ = ["POLARS", "Dialect", "Frames", "columns_needed", "frames_of", "judge", "outputs", "plan", "spark_dialect"]
