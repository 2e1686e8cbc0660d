"""The command `pipeline`, also as `python -m pipeline`."""

from __future__ import annotations

import os
import sys

from pipeline.home import make_files_private
from pipeline.streams import fill_gaps

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its status."""
    fill_gaps()
    make_files_private()
    if "_PIPELINE_COMPLETE" in os.environ:
        # A person has pressed Tab, and waits.
        from pipeline.cli.completing import answer

        answer(sys.argv[1:])
        sys.exit(0)
    if sys.argv[1:2] == ["hook"]:
        # A camera stands still while its hook runs: the plain call does not wait for Click.
        from pipeline.hook.call import run_hook

        status = run_hook(sys.argv[2:])
        if status is not None:
            sys.exit(status)
    import gc

    # All that is loaded stays: to look for what could be thrown away is a twentieth of the start.
    # It is looked for again as soon as the command is loaded (`cli/main.py`).
    gc.disable()
    from pipeline.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
