"""The command line: parsing, printing, exit statuses. Nothing else prints.

Exit statuses: 0 all is well, 1 some photographs were refused or failed, 2 the call or the
settings are wrong, 130 interrupted.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its status."""
    if sys.argv[1:2] == ["hook"]:
        # A camera stands still while its hook runs: the plain call does not wait for Click.
        from pipeline.cli.shot import hook_called

        status = hook_called(sys.argv[2:])
        if status is not None:
            sys.exit(status)
    from pipeline.cli.group import main as group_main

    group_main()
