"""The access token shows nowhere: everything that the program writes is searched for it."""

from __future__ import annotations

import base64
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

TOKEN = "tok3n-c0ffee-q7x9z2"

FORMS = (
    TOKEN.encode(),
    TOKEN[::-1].encode(),
    base64.b64encode(TOKEN.encode()).rstrip(b"="),
    TOKEN.encode().hex().encode(),
    TOKEN.encode("utf-16-le"),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreProcess]:
    with StoreProcess(
        tmp_path / "store", "--open", "--plan", "unlimited", token=TOKEN, as_described=False
    ) as process:
        yield process


class Watched:
    """Runs commands, keeps what they print, and reads the command lines of all processes."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.printed: list[str] = []
        self.lines: set[bytes] = set()

    def __call__(self, *arguments: object, **environment: str) -> int:
        over = threading.Event()
        looker = threading.Thread(target=self._look, args=(over,))
        looker.start()
        try:
            run = self.command(*arguments, environment=environment)
        finally:
            over.set()
            looker.join()
        self.printed += [run.out, run.err]
        return run.status

    def _look(self, over: threading.Event) -> None:
        while not over.wait(0.2):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.lines.add(file.read_bytes())
                except OSError:
                    continue


def holders(folder: Path) -> list[str]:
    """Return the files below a folder that hold the token in any form."""
    return [
        str(file)
        for file in folder.rglob("*")
        if file.is_file() and any(form in file.read_bytes() for form in FORMS)
    ]


def test_nothing_that_is_written_or_printed_holds_the_token(
    tmp_path: Path, store: StoreProcess
) -> None:
    watched = Watched(Command(tmp_path / "home", store, settle_after=0.5, patience=3))
    shop = tmp_path / "shop"
    for number in range(4):
        photograph(shop / "158" / f"{number}.jpg", number)
    (shop / "158" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    create = {"method": "POST", "path": "/catalog/products/*/images", "times": 1}
    store.misbehave(
        {"do": "answer", "status": 504, "when": "after", "body": "html", **create},
        {"do": "answer", "status": 422, "skip": 1, **create},
        {"do": "drop", "when": "mid-body", "how": "reset", "skip": 2, **create},
    )
    watched("run", shop)
    store.misbehave()
    for arguments in (
        ("run", "--json", shop),
        ("run", "--dry-run", shop),
        ("status", "--json"),
        ("list", "--json"),
        ("history", shop / "158" / "0.jpg"),
        ("retry", "--failed"),
        ("verify",),
        ("ledger", "check"),
        ("ledger", "backup"),
        ("images", "list", "158"),
        ("images", "get", "158", "999999"),
        ("doctor",),
        ("config", "show"),
        ("config", "show", "--json"),
        ("no-such-command",),
    ):
        watched(*arguments)
    # Where it is not accepted, where nobody answers, and where the address is wrong.
    watched("run", shop, BIGCOMMERCE_ACCESS_TOKEN=TOKEN[::-1])
    watched("run", shop, PIPELINE_STORE_URL="http://127.0.0.1:9/stores/x/v3")
    watched("doctor", PIPELINE_STORE_URL="https://127.0.0.1:9/stores/x/v3")
    watched("run", shop, PIPELINE_STORE_URL="http://api.example.com/v3")
    watched("run", shop, BIGCOMMERCE_ACCESS_TOKEN=f"{TOKEN}\n{TOKEN}")
    watched("run", shop, PIPELINE_FAULT_POINTS="fail:before deliver@1;fail:after render@1")
    printed = "\n".join(watched.printed).encode()
    assert len(printed) > 2000
    assert not [form for form in FORMS if form in printed]
    assert holders(tmp_path / "home") == []
    assert not [line for line in watched.lines if TOKEN.encode() in line]
    if sys.platform.startswith("linux"):
        assert any(b"pipeline.workers" in line for line in watched.lines)


def test_a_worker_that_looks_into_foreign_bytes_does_not_even_know_the_token(
    tmp_path: Path, store: StoreProcess
) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("looks into /proc")
    command = Command(tmp_path / "home", store)
    path = photograph(tmp_path / "158" / "large.png", 1, (5000, 4000))
    process = command.start("run", "--quiet", path)
    knowing: set[bytes] = set()
    workers = 0
    while process.poll() is None:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if b"pipeline.workers" in (folder / "cmdline").read_bytes():
                    workers += 1
                    environment = (folder / "environ").read_bytes()
                    knowing |= {environment} if TOKEN.encode() in environment else set()
            except OSError:
                continue
        time.sleep(0.01)
    process.communicate()
    assert workers > 0
    assert knowing == set()


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
@pytest.mark.parametrize(("mode", "status"), [(0o600, 0), (0o640, 2), (0o604, 2)])
def test_a_file_with_the_token_must_be_readable_by_its_owner_alone(
    tmp_path: Path, store: StoreProcess, mode: int, status: int
) -> None:
    command = Command(tmp_path / "home")
    command.home.mkdir()
    file = command.home / "pipeline.toml"
    file.write_text(f'store_url = "{store.url}"\naccess_token = "{TOKEN}"\n')
    file.chmod(mode)
    ended = command("run", photograph(tmp_path / "158" / "a.jpg"))
    assert ended.status == status
    assert TOKEN not in ended.out + ended.err
    if status:
        assert "chmod 600" in ended.err


KEYRING = f"""
from keyring.backend import KeyringBackend

class Kept(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        if (service, username) == ("photo-pipeline", WHERE):
            return "{TOKEN}"

    def set_password(self, service, username, password): ...
    def delete_password(self, service, username): ...
"""


def test_the_token_comes_from_the_keyring_where_nothing_else_names_one(
    tmp_path: Path, store: StoreProcess
) -> None:
    pytest.importorskip("keyring")
    (tmp_path / "kept.py").write_text(KEYRING.replace("WHERE", repr(store.url)))
    command = Command(tmp_path / "home", store)
    del command.environment["BIGCOMMERCE_ACCESS_TOKEN"]
    command.environment |= {
        "PYTHON_KEYRING_BACKEND": "kept.Kept",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")])),
    }
    ended = command("run", photograph(tmp_path / "158" / "a.jpg")).well()
    assert len(store.images(158)) == 1
    shown = command("config", "show", "--json").well()
    assert shown.document["access_token"]["source"] == "the keyring"
    assert TOKEN not in ended.out + ended.err + shown.out + shown.err


def test_the_environment_goes_before_the_keyring(tmp_path: Path, store: StoreProcess) -> None:
    command = Command(tmp_path / "home", store)
    # A keyring that cannot even be loaded is not asked.
    command.environment["PYTHON_KEYRING_BACKEND"] = "no.such.keyring"
    command("run", photograph(tmp_path / "158" / "a.jpg")).well()
