"""`python -m pipeline.workers`: one worker process, started by the pool."""

from __future__ import annotations

import signal

if __name__ == "__main__":
    # A Ctrl-C is for the program as a whole, which lets what is in hand be finished. It reaches a
    # worker, too, also one that still loads what it needs: so this comes before all else.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)

    from pipeline.workers.worker import main

    main()
