"""A log on a terminal does nothing to it, whatever an error says of itself."""

from __future__ import annotations

import logging
import sys

from pipeline.plain_line import PlainLine

EVIL = "\x1b]0;owned\x07\x1b[2J\r\x08\x7f\u2028\u202e"


def test_a_log_on_the_terminal_is_harmless_with_its_traceback() -> None:
    try:
        raise ValueError(EVIL)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "%s", (EVIL,), sys.exc_info())
    said = PlainLine("%(message)s").format(record)
    assert "owned" in said
    assert "Traceback" in said
    assert all(sign.isprintable() or sign == "\n" for sign in said)
