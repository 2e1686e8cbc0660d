"""Intake: finds files, reads them once, and says whose photographs they are.

`scan` yields an `Arrival` for every file that the `Choice` takes; `accept` makes it an `Original`,
known by its SHA-256; `take_in_inbox` hands on what the hook has noted down. `Assigner` gives the
`Placement`. Raises `PhotoRefused` for what cannot be read, `NotReady` for what is still being
written, `ProductUnknown` for what nobody can place. The watcher (`pipeline.intake.watching`) is
imported by itself: only who watches needs watchdog.
"""

from __future__ import annotations

from pipeline.intake.accept import accept
from pipeline.intake.assign import Assigner
from pipeline.intake.choice import Choice, NewerThan
from pipeline.intake.inbox import arrival_of, take_in_awaited, take_in_inbox
from pipeline.intake.scan import copies_left_out, natural, scan

__all__ = [
    "Assigner",
    "Choice",
    "NewerThan",
    "accept",
    "arrival_of",
    "copies_left_out",
    "natural",
    "scan",
    "take_in_awaited",
    "take_in_inbox",
]
