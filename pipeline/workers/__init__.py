"""Isolation: foreign bytes are decoded in worker processes with bounded memory and time.

`Workers` checks and renders as `pipeline.validate.check` and `pipeline.prepare.render` do. A
crash or a hang of a codec costs the photograph it is about, not the program: `PhotoRefused` with
`decoder_crashed` or `too_slow`.
"""

from __future__ import annotations

from pipeline.workers.confinement import Protection
from pipeline.workers.messages import Setup
from pipeline.workers.pool import Workers

__all__ = ["Protection", "Setup", "Workers"]
