"""`pipeline login` and `logout`: tried against a real store, kept once, and never shown."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import posix
from tests.localstore.process import READ_ONLY, TOKEN, StoreProcess
from tests.stories.commands import ROOT, Command, Ended, photograph

KEYRING = '''
"""A keyring that keeps what it is given in a file, as those of systems do."""
import json, os
from pathlib import Path
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

FILE = Path(os.environ["KEYRING_FILE"])

class Kept(KeyringBackend):
    priority = 1

    def _all(self):
        return json.loads(FILE.read_text()) if FILE.exists() else {}

    def get_password(self, service, username):
        return self._all().get(f"{service} {username}")

    def set_password(self, service, username, password):
        FILE.write_text(json.dumps({**self._all(), f"{service} {username}": password}))

    def delete_password(self, service, username):
        kept = self._all()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("not there")
        FILE.write_text(json.dumps(kept))
'''


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    folder = tmp_path_factory.mktemp("login")
    with StoreProcess(folder, "--open", "--read-only-token", READ_ONLY) as process:
        yield process


class Person:
    """Somebody at a machine whose keyring works, or does not."""

    def __init__(self, folder: Path, *, keyring: bool) -> None:
        (folder / "filed_keyring.py").write_text(KEYRING)
        self.pipeline = Command(folder / "home")
        self.pipeline.home.mkdir(0o700)
        self.file = self.pipeline.home / "pipeline.toml"
        self.kept = folder / "keyring.json"
        path = [str(folder), str(ROOT)]
        self.pipeline.environment |= {
            "PYTHON_KEYRING_BACKEND": (
                "filed_keyring.Kept" if keyring else "keyring.backends.null.Keyring"
            ),
            "KEYRING_FILE": str(self.kept),
            "PYTHONPATH": os.pathsep.join(path),
        }

    def logs_in(self, token: str, *words: object) -> Ended:
        """Hand the token over on standard input."""
        process = subprocess.run(
            [sys.executable, "-m", "pipeline", "login", "--token-stdin", *map(str, words)],
            input=f"{token}\n",
            capture_output=True,
            text=True,
            env=self.pipeline.environment,
            cwd=ROOT,
            timeout=120,
        )
        assert not token or token not in process.stdout + process.stderr
        assert "Traceback" not in process.stderr
        return Ended(process.returncode, process.stdout, process.stderr)


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path, keyring=False)


@pytest.fixture
def with_keyring(tmp_path: Path) -> Person:
    return Person(tmp_path, keyring=True)


def test_without_a_keyring_the_token_is_kept_in_the_file_for_its_owner_alone(
    person: Person, store: StoreProcess, tmp_path: Path
) -> None:
    person.file.write_text("# ours\nuploads = 3\n")
    said = person.logs_in(TOKEN, "--store", f"{store.url}/").well()
    assert "the token may change its products" in said.out
    assert "which only you can read (this system has no keyring that works)" in said.out
    text = person.file.read_text()
    assert text.startswith("# ours\nuploads = 3\n")
    assert f'store_url = "{store.url}"' in text
    assert f'access_token = "{TOKEN}"' in text
    if os.name == "posix":
        assert stat.S_IMODE(person.file.stat().st_mode) == 0o600
    person.pipeline("run", photograph(tmp_path / "158" / "a.jpg")).well()
    assert len(store.images(158)) == 1


def test_with_a_keyring_that_works_the_token_is_kept_there_and_in_no_file(
    with_keyring: Person, store: StoreProcess
) -> None:
    person = with_keyring
    # An older token in the file would go before the keyring.
    person.file.write_text('store_hash = "old"\naccess_token = "older"\n')
    person.file.chmod(0o600)
    said = person.logs_in(TOKEN, "--store", store.url).well()
    assert "Kept: the token in the system's keyring" in said.out
    assert person.file.read_text() == f'store_url = "{store.url}"\n'
    assert TOKEN in person.kept.read_text()
    shown = person.pipeline("config", "show", "--json").well().document
    assert shown["access_token"]["source"] == "the keyring"
    assert "token is accepted" in person.pipeline("doctor").out


@pytest.mark.parametrize("keyring", [True, False])
def test_what_does_not_work_is_not_kept_and_what_was_kept_stays(
    tmp_path: Path, store: StoreProcess, keyring: bool
) -> None:
    person = Person(tmp_path, keyring=keyring)
    person.file.write_text("# ours\n")
    wrong_path = re.sub(r"/v3$", "/elsewhere/v3", store.url)
    for token, where, sentence in (
        ("another-token", store.url, "does not take this token"),
        (READ_ONLY, store.url, "give its API account the scope “Products: modify”"),
        (TOKEN, "http://127.0.0.1:9/stores/abc/v3", "could not be asked"),
        (TOKEN, wrong_path, "there is no shop"),
        (TOKEN, "my shop", "that names no shop"),
        ("two words", store.url, "the access token is wrong"),
        ("", store.url, "the access token is wrong"),
    ):
        ended = person.logs_in(token, "--store", where)
        assert ended.status == 2, (where, ended.err)
        assert sentence in ended.err
        assert person.file.read_text() == "# ours\n"
        assert not person.kept.exists()


def test_the_store_need_not_be_named_again_for_another_token(
    person: Person, store: StoreProcess
) -> None:
    assert "give --store HASH" in person.logs_in(TOKEN).err
    person.logs_in(TOKEN, "--store", store.url).well()
    person.logs_in(TOKEN).well()


def test_a_shop_that_has_a_name_is_kept_in_its_table(
    with_keyring: Person, store: StoreProcess
) -> None:
    person = with_keyring
    person.logs_in(TOKEN, "town", "--store", store.url).well()
    assert person.file.read_text() == f'shop = "town"\n\n[shops.town]\nstore_url = "{store.url}"\n'
    assert "token is accepted" in person.pipeline("doctor").out
    # Without its name it is the one in use.
    person.logs_in(TOKEN).well()
    again = person.logs_in(TOKEN, "outlet", "--store", store.url)
    assert again.status == 2
    assert "has a name already: `pipeline login town`" in again.err
    for words in (("login", "twon"), ("logout", "twon"), ("logout", "outlet"), ("login", "a b")):
        ended = person.pipeline(*words)
        assert ended.status == 2, words
        assert "town" in ended.err or "letters, digits" in ended.err
    person.pipeline("logout", "town", "--yes").well()
    assert TOKEN not in person.kept.read_text()
    assert "[shops.town]" in person.file.read_text()


def test_the_token_of_one_shop_is_put_in_and_that_of_another_stays(
    person: Person, store: StoreProcess
) -> None:
    there = '[shops.town]\nstore_hash = "abc"\naccess_token = "of-town"  # Anna has it\n'
    person.file.write_text(there)
    person.file.chmod(0o600)
    person.logs_in(TOKEN, "seaside", "--store", store.url).well()
    text = person.file.read_text()
    assert there in text
    assert f'[shops.seaside]\nstore_url = "{store.url}"\naccess_token = "{TOKEN}"\n' in text
    person.pipeline("logout", "seaside", "--yes").well()
    assert there in person.file.read_text()
    assert TOKEN not in person.file.read_text()


def test_what_is_set_in_the_shell_and_goes_before_is_said(
    person: Person, store: StoreProcess
) -> None:
    person.pipeline.environment["BIGCOMMERCE_ACCESS_TOKEN"] = "another"
    said = person.logs_in(TOKEN, "--store", store.url).well()
    assert "BIGCOMMERCE_ACCESS_TOKEN is set, which goes before what is kept" in said.err


@pytest.mark.parametrize("keyring", [True, False])
def test_logout_removes_the_token_from_wherever_it_is_and_the_shop_stays_set(
    tmp_path: Path, store: StoreProcess, keyring: bool
) -> None:
    person = Person(tmp_path, keyring=keyring)
    person.logs_in(TOKEN, "--store", store.url).well()
    asked = person.pipeline("logout")
    assert asked.status == 2
    assert "Remove the access token of the shop from" in asked.err
    assert "give --yes" in asked.err
    assert any(kept.exists() and TOKEN in kept.read_text() for kept in (person.file, person.kept))
    said = person.pipeline("logout", "--yes").well()
    assert ("the system's keyring" in said.out) == keyring
    assert (str(person.file) in said.out) == (not keyring)
    for kept in (person.file, person.kept):
        assert not kept.exists() or TOKEN not in kept.read_text()
    assert person.file.read_text() == f'store_url = "{store.url}"\n'
    ended = person.pipeline("run", tmp_path)
    assert ended.status == 2
    assert "no access token" in ended.err
    assert "No access token is kept here" in person.pipeline("logout").well().out


def test_a_token_on_the_command_line_is_not_taken(person: Person) -> None:
    ended = person.pipeline("login", "--token", TOKEN)
    assert ended.status == 2


@pytest.mark.skipif(os.name != "posix", reason="a terminal is POSIX's")
def test_a_person_is_asked_and_the_token_is_not_shown(person: Person, store: StoreProcess) -> None:
    typed = [("Store hash or API path", "my shop"), ("Store hash or API path", store.url)]
    status, said = asked(person.pipeline, [*typed, ("not shown", TOKEN)], "login")
    assert status == 0, said
    assert "that names no shop" in said
    assert TOKEN not in said
    assert TOKEN in person.file.read_text()


def asked(pipeline: Command, typed: list[tuple[str, str]], *words: str) -> tuple[int, str]:
    """Run a command on a pseudo-terminal; type each line once the words before it were said."""
    ours, theirs = posix.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=pipeline.environment,
        cwd=ROOT,
        start_new_session=True,
    )
    os.close(theirs)
    said = fresh = ""
    # Where the last process has left a terminal, Linux says so by an error.
    with suppress(OSError):
        while piece := os.read(ours, 65_536).decode():
            said, fresh = said + piece, fresh + piece
            if typed and re.search(rf"{typed[0][0]}[^\n]*: $", fresh):
                os.write(ours, f"{typed.pop(0)[1]}\n".encode())
                fresh = ""
    os.close(ours)
    return process.wait(60), said
