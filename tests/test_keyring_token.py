"""The token is in the keyring where there is one that works; without one there is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.stories.commands import ROOT

ASK = "from pipeline.keyring_token import token_in_keyring; print(token_in_keyring('abc'))"


def asked(
    folder: Path, backend: str, *, with_keyring: bool = True
) -> subprocess.CompletedProcess[str]:
    """Ask in a process of its own: which keyring there is, is known once for a process."""
    (folder / "locked.py").write_text(LOCKED)
    before = "" if with_keyring else "import sys; sys.modules['keyring'] = None; "
    return subprocess.run(
        [sys.executable, "-c", before + ASK],
        env={
            "PYTHON_KEYRING_BACKEND": backend,
            "PYTHONPATH": f"{ROOT}:{folder}",
            "HOME": str(folder),
        },
        cwd=folder,
        capture_output=True,
        text=True,
    )


LOCKED = """
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

class Locked(KeyringBackend):
    priority = 1
    def get_password(self, service, username):
        raise KeyringLocked("hidden words of it")
    def set_password(self, service, username, password): ...
    def delete_password(self, service, username): ...
"""


def test_where_no_keyring_works_or_none_is_installed_there_is_no_token(tmp_path: Path) -> None:
    for with_keyring in (True, False):
        ended = asked(tmp_path, "keyring.backends.fail.Keyring", with_keyring=with_keyring)
        assert (ended.stdout, ended.returncode) == ("None\n", 0), ended.stderr


def test_a_keyring_that_is_locked_is_said_with_what_mends_it(tmp_path: Path) -> None:
    ended = asked(tmp_path, "locked.Locked")
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert "ConfigError: the keyring cannot be asked" in last
    assert "unlock it, or set BIGCOMMERCE_ACCESS_TOKEN" in last
    assert "hidden" not in last
