"""`pipeline config`: every value and where it came from, and the settings file changed."""

from __future__ import annotations

import os
import re
import shlex
import stat
import sys
import tomllib
from pathlib import Path

import pytest

from pipeline.settings import SETTINGS, judge_file
from tests.stories.commands import Command, Ended


def test_config_shows_each_value_with_its_source_and_never_the_token(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "pipeline.toml").write_text("longest_side = 1600\nmax_bytes = 500000\n")
    secret = {"BIGCOMMERCE_ACCESS_TOKEN": "a-very-secret-token", "PIPELINE_MAX_BYTES": "600000"}
    pipeline = Command(home)
    run = pipeline("config", "show", "--json", environment=secret).well()
    force = run.document
    assert force["longest_side"] == {"value": 1600, "source": str(home / "pipeline.toml")}
    assert force["max_bytes"]["value"] == 600_000
    assert "PIPELINE_MAX_BYTES" in force["max_bytes"]["source"]
    assert force["uploads"]["source"] == "default"
    plain = pipeline("config", "show", environment=secret).well()
    for text in (run.out, run.err, plain.out, plain.err):
        assert "a-very-secret-token" not in text
    assert "•" in plain.out


MINE = (
    "# Ours, since 2019.\nuploads = 3   # the line is slow\n\n# for the proofs\nexclude = ['a']\n"
)


def told(pipeline: Command, *words: str, status: int = 0) -> str:
    ended = pipeline("config", *words)
    assert ended.status == status, ended.err
    return f"{ended.out}{ended.err}"


def test_config_path_says_where_the_file_is_or_would_be(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    assert told(pipeline, "path") == f"{tmp_path / 'home' / 'pipeline.toml'}\n"
    other = tmp_path / "other.toml"
    assert told(pipeline, "path", "--config", str(other)) == f"{other}\n"


def test_what_is_set_is_in_force_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home", plain_ids=False)
    pipeline.home.mkdir(0o700)
    file = pipeline.home / "pipeline.toml"
    file.write_text(MINE)
    told(pipeline, "set", "uploads", "5")
    told(pipeline, "set", "exclude", "*_raw.*", "Old, really")
    told(pipeline, "set", "plain_ids", "yes")
    told(pipeline, "set", "ca_file", "~/office.pem")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name != "posix"
    assert told(pipeline, "get", "uploads") == "5\n"
    assert told(pipeline, "get", "exclude") == "*_raw.*\nOld, really\n"
    assert told(pipeline, "get", "plain_ids") == "true\n"
    assert told(pipeline, "get", "ca_file") == f"{Path('~/office.pem').expanduser()}\n"
    assert "# Ours, since 2019.\nuploads = 5   # the line is slow\n" in file.read_text()
    told(pipeline, "unset", "uploads")
    assert told(pipeline, "get", "uploads") == "16\n"
    assert "does not stand in" in told(pipeline, "unset", "uploads")
    assert "# for the proofs" in file.read_text()


def test_what_is_not_set_prints_nothing_and_ends_with_1(tmp_path: Path) -> None:
    ended = Command(tmp_path / "home")("config", "get", "store_hash")
    assert (ended.status, ended.out) == (1, "")
    assert "store_hash is not set" in ended.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("uploads", "many"), "pipeline config set uploads 16"),
        (("uploads", "65"), "pipeline config set uploads 16"),
        (("uploads", "5", "6"), "uploads has one value"),
        (("recipe", "quick"), "pipeline config set recipe best"),
        (("notify", "perhaps"), "pipeline config set notify true"),
        (("store_url", "my-shop.com"), "https://api.bigcommerce.com/stores/HASH/v3"),
        (("uplaods", "5"), "is uploads meant?"),
        (("zebra", "round"), "there is no setting zebra; there are"),
        (("home", "/elsewhere"), "PIPELINE_HOME"),
        (("access_token", "t0p-s3cret"), "pipeline login"),
    ],
)
def test_what_is_wrong_is_not_written_and_what_would_be_right_is_said(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    pipeline = Command(tmp_path / "home")
    said = told(pipeline, "set", *words, status=2)
    assert sentence in said
    assert "t0p-s3cret" not in said
    assert not (pipeline.home / "pipeline.toml").exists()


def test_a_variable_that_is_over_the_file_is_said(tmp_path: Path) -> None:
    said = told(Command(tmp_path / "home", uploads=4), "set", "uploads", "5")
    assert "PIPELINE_UPLOADS is set, which is over the settings file" in said


def test_the_token_is_got_from_nowhere(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    pipeline.environment["BIGCOMMERCE_ACCESS_TOKEN"] = "t0p-s3cret"
    said = told(pipeline, "get", "access_token")
    assert "t0p-s3cret" not in said
    assert "•" in said


def test_a_name_that_is_no_setting_can_be_taken_out_of_the_file(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    pipeline.home.mkdir(0o700)
    (pipeline.home / "pipeline.toml").write_text("uplaods = 3\n\n[limits]\nmax = 4\n")
    told(pipeline, "unset", "uplaods")
    told(pipeline, "unset", "limits")
    assert told(pipeline, "get", "uploads") == "16\n"
    assert "there is no setting colour" in told(pipeline, "unset", "colour", status=2)


class Editor:
    """`pipeline config edit`, with an editor that writes what it is told to."""

    def __init__(self, folder: Path) -> None:
        self.pipeline = Command(folder / "home")
        self.file = self.pipeline.home / "pipeline.toml"
        self.draft = self.pipeline.home / "pipeline.draft.toml"
        self.program = folder / "editor.py"
        self.seen = folder / "seen"
        words = [sys.executable, str(self.program)]
        self.pipeline.environment["VISUAL"] = shlex.join(words)

    def writes(self, text: str, status: int = 0, *, and_meanwhile: str | None = None) -> Ended:
        other = (
            ""
            if and_meanwhile is None
            else f"Path({str(self.file)!r}).write_text({and_meanwhile!r})"
        )
        self.program.write_text(
            "import sys\nfrom pathlib import Path\nfile = Path(sys.argv[1])\n"
            f"Path({str(self.seen)!r}).write_text(file.read_text('utf-8'), 'utf-8')\n"
            f"file.write_text({text!r})\n{other}\nsys.exit({status})\n"
        )
        return self.pipeline("config", "edit")


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    return Editor(tmp_path)


def test_what_was_edited_is_taken_over_when_it_is_right(editor: Editor) -> None:
    editor.pipeline.home.mkdir(0o700)
    editor.file.write_text(MINE)
    editor.writes(MINE.replace("3", "7")).well()
    assert editor.seen.read_text() == MINE
    assert editor.file.read_text() == MINE.replace("3", "7")
    assert stat.S_IMODE(editor.file.stat().st_mode) == 0o600 or os.name != "posix"
    assert not editor.draft.exists()


def test_without_a_file_it_begins_with_all_that_may_be_set(editor: Editor) -> None:
    editor.writes("").well()
    begun = editor.seen.read_text("utf-8")
    assert set(re.findall(r"(?m)^# (\w+) = ", begun)) == set(SETTINGS) - {"home", "access_token"}
    uncommented = re.sub(r"(?m)^# (?=\w+ = )", "", begun)
    judge_file(tomllib.loads(uncommented), editor.file)
    assert editor.writes(begun).well().out.count("Nothing was changed") == 0
    editor.file.unlink()
    assert "Nothing was changed" in editor.writes(begun).well().out
    assert not editor.file.exists()


def test_what_is_wrong_is_said_and_the_draft_is_there_the_next_time(editor: Editor) -> None:
    editor.pipeline.home.mkdir(0o700)
    editor.file.write_text(MINE)
    for wrong, sentence in (
        ("uploads = 99\n", "uploads"),
        ("uplaods = 9\n", "is uploads meant?"),
        ("uploads = \n", "pipeline.draft.toml"),
        ("home = '/x'\n", "PIPELINE_HOME"),
    ):
        ended = editor.writes(wrong)
        assert ended.status == 2, ended.out
        assert sentence in ended.err
        assert "is kept" in ended.err
        assert "Traceback" not in ended.err
        assert editor.file.read_text() == MINE
        assert editor.draft.read_text() == wrong
        if os.name == "posix":
            assert stat.S_IMODE(editor.draft.stat().st_mode) & 0o077 == 0
    ended = editor.writes("uploads = 9\n").well()
    assert "goes on with" in ended.err
    assert editor.seen.read_text() == "home = '/x'\n"
    assert editor.file.read_text() == "uploads = 9\n"


def test_an_editor_that_fails_changes_nothing(editor: Editor) -> None:
    ended = editor.writes("uploads = 9\n", status=1)
    assert ended.status == 2
    assert "the editor did not end well" in ended.err
    assert not editor.file.exists()


def test_a_file_that_changed_under_the_editor_is_kept(editor: Editor) -> None:
    ended = editor.writes("uploads = 9\n", and_meanwhile="uploads = 4\n")
    assert ended.status == 2
    assert "was changed meanwhile" in ended.err
    assert editor.file.read_text() == "uploads = 4\n"
    assert editor.draft.read_text() == "uploads = 9\n"


def test_a_broken_file_can_be_mended_by_the_editor(editor: Editor) -> None:
    editor.pipeline.home.mkdir(0o700)
    editor.file.write_text("uploads = \n")
    editor.writes("uploads = 5\n").well()
    assert told(editor.pipeline, "get", "uploads") == "5\n"


def test_a_token_without_quotation_marks_is_told_by_every_command(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    pipeline.home.mkdir(0o700)
    (pipeline.home / "pipeline.toml").write_text("# ours\naccess_token = t0p-s3cret\n")
    for words in (("status",), ("config", "show"), ("config", "set", "uploads", "4"), ("run", ".")):
        ended = pipeline(*words)
        assert ended.status == 2
        assert 'line 2: access_token needs quotation marks: access_token = "…"' in ended.err
        assert "t0p-s3cret" not in ended.out + ended.err


def test_a_shop_that_is_not_there_is_not_put_in_use_nor_the_one_in_use_taken_away(
    tmp_path: Path,
) -> None:
    pipeline = Command(tmp_path / "home")
    pipeline.home.mkdir(0o700)
    file = pipeline.home / "pipeline.toml"
    file.write_text('[shops.town]\nstore_hash = "abc"\n')
    assert "there is no shop 'twon'" in told(pipeline, "set", "shop", "twon", status=2)
    told(pipeline, "set", "shop", "town")
    assert "there is no shop 'town'" in told(pipeline, "unset", "shops", status=2)
    text = file.read_text()
    assert 'shop = "town"' in text
    assert "[shops.town]" in text
    # A file that is wrong already can be mended a setting at a time.
    file.write_text("uploads = 99\nworkers = 99\n")
    told(pipeline, "set", "uploads", "4")
    told(pipeline, "unset", "workers")
    assert told(pipeline, "get", "uploads") == "4\n"


def test_a_token_in_the_place_of_the_hash_is_told(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    token = "q7w2e9r4t1y6u3i8o5p0a7s2d9f4g1h"
    said = told(pipeline, "set", "store_hash", token, status=2)
    assert "is it the access token?" in said
    assert token not in said
