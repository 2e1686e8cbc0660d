"""What people and programs see of the program, frozen: the files here change on purpose alone.

`WRITE_GOLDEN=1 python -m pytest tests/stories/test_golden.py tests/stories/test_fault_names.py
tests/validate/test_check_reference.py`
writes them anew; what has changed is then to be read in the diff.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

__all__ = ["GOLDEN", "compare", "normalised"]

GOLDEN: Final = Path(__file__).resolve().parent

_OF_EACH_RUN: Final = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>"),
    (r'(?<=: ")[a-z2-7]{16}(?=")', "<uuid>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00)?", "<time>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(?=  )", "<time>"),
    (r"\b[A-Z][a-z]+day \d\d:\d\d", "<day>"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
    (r"\blocal-[0-9a-f]{8}\b", "local-<hash>"),
    (r'"pid": \d+', '"pid": "<pid>"'),
    (r"\bprocess \d+", "process <pid>"),
    (r'"stored_today": \d+', '"stored_today": "<number>"'),
    (r"\b[0-9a-z]/\d{3}/", "<x>/<nnn>/"),
    (r"__\d{5}\b", "__<number>"),
    (r"\.\d{10}\.", ".<seconds>."),
)


def normalised(text: str, **folders: Path) -> str:
    """Return a text without what differs from run to run: ids, times, ports and these folders."""
    for name, folder in folders.items():
        text = text.replace(str(folder), f"<{name}>")
    for pattern, name in _OF_EACH_RUN:
        text = re.sub(pattern, name, text)
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def compare(name: str, text: str) -> None:
    """Hold a text against the golden file of that name, or write that file where it is wanted."""
    file = GOLDEN / name
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8", newline="\n")
    assert text == file.read_text(encoding="utf-8"), f"tests/golden/{name} says otherwise"
