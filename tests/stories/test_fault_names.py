"""The names of the fault points are the same: plans and reports of faults go by them.

`WRITE_GOLDEN=1 python -m pytest tests/stories/test_fault_names.py` writes the list anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.golden import compare
from tests.stories.faultworld import SCENARIOS, FaultWorld

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs are forked")


def test_the_fault_points_have_the_names_that_they_had(tmp_path: Path) -> None:
    text = ""
    with FaultWorld(tmp_path) as world:
        for scenario in SCENARIOS:
            names = {place.rpartition("@")[0] for place in world.places(scenario)}
            text += f"{scenario}\n" + "".join(f"    {name}\n" for name in sorted(names))
    compare("fault_points.txt", text)
