"""Upload: the store's client, sending once, looking for what was sent, and the pace of it.

Takes a `StoreAddress`, pictures and placements; returns `StoredImage`. Raises the `StoreError`
family; `StoreUnsure` only where a create call's answer was lost.
"""

from __future__ import annotations

from pipeline.upload.client import Probe, StoreClient
from pipeline.upload.deliver import deliver, find
from pipeline.upload.rate_limit import Pacer
from pipeline.upload.session import UNSTOPPED, Session, Timeouts

__all__ = [
    "UNSTOPPED",
    "Pacer",
    "Probe",
    "Session",
    "StoreClient",
    "Timeouts",
    "deliver",
    "find",
]
