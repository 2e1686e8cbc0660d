"""A shop's token, as `login` and `shop add` have it: tried at a real store, and kept once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.cli.credentials import KeptToken
from pipeline.setting_kinds import Secret
from tests.cli.test_login import Person, asked
from tests.localstore.process import READ_ONLY, TOKEN, StoreProcess
from tests.stories.commands import ROOT, Ended

Way = Callable[[Person, str, str], Ended]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    folder = tmp_path_factory.mktemp("credentials")
    with StoreProcess(folder, "--open", "--read-only-token", READ_ONLY) as process:
        yield process


def called(person: Person, stdin: str, *words: str) -> Ended:
    process = subprocess.run(
        [sys.executable, "-m", "pipeline", *words],
        input=stdin,
        capture_output=True,
        text=True,
        env=person.pipeline.environment,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in process.stderr
    assert TOKEN not in process.stdout + process.stderr
    return Ended(process.returncode, process.stdout, process.stderr)


def by_login(person: Person, token: str, url: str) -> Ended:
    return called(person, f"{token}\n", "login", "town", "--store", url, "--token-stdin")


def by_shop_add(person: Person, token: str, url: str) -> Ended:
    return called(person, f"{token}\n", "shop", "add", "town", "--url", url, "--token-stdin")


WAYS = pytest.mark.parametrize("way", [by_login, by_shop_add])


@WAYS
@pytest.mark.parametrize("keyring", [True, False])
def test_either_way_the_token_is_tried_and_kept_in_the_same_place(
    tmp_path: Path, store: StoreProcess, way: Way, keyring: bool
) -> None:
    person = Person(tmp_path, keyring=keyring)
    said = way(person, TOKEN, store.url).well()
    assert "answers, and the token may change its products" in said.out
    in_file = "" if keyring else f'access_token = "{TOKEN}"\n'
    assert person.file.read_text() == (
        f'shop = "town"\n\n[shops.town]\nstore_url = "{store.url}"\n{in_file}'
    )
    assert (person.kept.exists() and TOKEN in person.kept.read_text()) == keyring
    assert ("in the system's keyring" in said.out) == keyring
    assert ("which only you can read (this system" in said.out) == (not keyring)


@WAYS
@pytest.mark.parametrize("keyring", [True, False])
def test_either_way_nothing_is_kept_that_does_not_work(
    tmp_path: Path, store: StoreProcess, way: Way, keyring: bool
) -> None:
    person = Person(tmp_path, keyring=keyring)
    for token, url, sentence in (
        ("another-token", store.url, "does not take this token"),
        (READ_ONLY, store.url, "give its API account the scope “Products: modify”"),
        (TOKEN, "http://127.0.0.1:9/stores/abc/v3", "could not be asked"),
        (TOKEN, store.url.replace("/v3", "/elsewhere/v3"), "there is no shop"),
        ("two words", store.url, "the access token is wrong"),
    ):
        ended = way(person, token, url)
        assert (ended.status, sentence in ended.err) == (2, True), (url, ended.err)
        assert not person.file.exists()
        assert not person.kept.exists()


def test_a_token_that_the_keyring_has_is_tried_and_not_asked_for(
    tmp_path: Path, store: StoreProcess
) -> None:
    person = Person(tmp_path, keyring=True)
    by_shop_add(person, TOKEN, store.url).well()
    called(person, "", "shop", "remove", "town", "--yes").well()
    assert "nobody can be asked" in called(person, "", "shop", "add", "a", "--url", store.url).err
    person.kept.write_text(f'{{"photo-pipeline {store.url}": "{TOKEN}"}}')
    said = called(person, "", "shop", "add", "town", "--url", store.url).well()
    assert person.file.read_text() == f'shop = "town"\n\n[shops.town]\nstore_url = "{store.url}"\n'
    assert "answers, and the token may change its products" in said.out
    person.kept.write_text(f'{{"photo-pipeline {store.url}": "of-last-year"}}')
    refused = called(person, "", "shop", "add", "town")
    assert (refused.status, refused.out) == (2, "")
    assert f"`pipeline login town --store {store.url}` puts in another" in refused.err


@pytest.mark.skipif(os.name != "posix", reason="a terminal is POSIX's")
def test_a_person_who_adds_a_shop_is_asked_and_the_token_is_not_shown(
    tmp_path: Path, store: StoreProcess
) -> None:
    person = Person(tmp_path, keyring=False)
    words = ("shop", "add", "town", "--url", store.url)
    status, said = asked(person.pipeline, [("not shown", TOKEN)], *words)
    assert (status, TOKEN in said) == (0, False), said
    assert TOKEN in person.file.read_text()


def test_an_older_token_in_the_file_does_not_stay_before_the_keyring(
    tmp_path: Path, store: StoreProcess
) -> None:
    person = Person(tmp_path, keyring=True)
    person.file.write_text(f'[shops.town]\nstore_url = "{store.url}"\naccess_token = "older"\n')
    person.file.chmod(0o600)
    assert "nobody can be asked" in called(person, "", "shop", "add", "town").err
    by_shop_add(person, TOKEN, store.url).well()
    assert "older" not in person.file.read_text()
    assert TOKEN in person.kept.read_text()


def test_a_shop_without_a_name_takes_its_token_to_the_keyring(
    tmp_path: Path, store: StoreProcess
) -> None:
    person = Person(tmp_path, keyring=True)
    person.file.write_text(f'store_url = "{store.url}"\naccess_token = "{TOKEN}"\n')
    person.file.chmod(0o600)
    called(person, "", "shop", "add", "town", "--url", store.url).well()
    assert TOKEN not in person.file.read_text()
    assert TOKEN in person.kept.read_text()


def test_a_shop_that_cannot_be_reached_yet_is_kept_where_nobody_wants_it_tried(
    tmp_path: Path,
) -> None:
    person = Person(tmp_path, keyring=False)
    words = ("shop", "add", "town", "--url", "http://127.0.0.1:9/stores/abc/v3", "--token-stdin")
    refused = called(person, f"{TOKEN}\n", *words)
    assert (refused.status, "--no-try keeps them untried" in refused.err) == (2, True)
    assert not person.file.exists()
    said = called(person, f"{TOKEN}\n", *words, "--no-try").well()
    assert "Try it: pipeline doctor --shop town" in said.out
    assert TOKEN in person.file.read_text()


def test_where_a_token_is_kept_is_told_without_the_token() -> None:
    file = Path(os.sep, "home", "pipeline.toml")
    kept = KeptToken(in_file=Secret(TOKEN), trouble="there is none")
    assert kept.sentence("the shop town", file) == (
        f"Kept: the token and the shop town in {file}, which only you can read (there is none)."
    )
    assert TOKEN not in repr(kept)
