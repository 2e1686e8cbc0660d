"""`python -m tests.stories.skewed …`: the real command on a machine whose clock is set meanwhile.

`SKEW` is three numbers: by how many seconds the clock is off from the start, after how many
seconds it is set, and by how many.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

from pipeline.__main__ import main
from pipeline.service.clock import SystemClock

OFF, AFTER, JUMP = map(float, os.environ["SKEW"].split(","))
BEGAN = time.monotonic()


def now(clock: SystemClock) -> datetime:
    jumped = JUMP if time.monotonic() - BEGAN > AFTER else 0.0
    return datetime.now(UTC) + timedelta(seconds=OFF + jumped)


if __name__ == "__main__":
    setattr(SystemClock, "now", now)  # noqa: B010 - for mypy a method cannot be replaced
    main()
