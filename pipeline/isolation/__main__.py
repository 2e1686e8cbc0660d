"""`python -m pipeline.isolation`: one worker process, started by the pool."""

from __future__ import annotations

from pipeline.isolation.worker import main

if __name__ == "__main__":
    main()
