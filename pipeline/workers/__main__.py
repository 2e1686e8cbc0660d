"""`python -m pipeline.workers`: one worker process, started by the pool."""

from __future__ import annotations

from pipeline.workers.worker import main

if __name__ == "__main__":
    main()
