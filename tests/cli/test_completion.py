"""`pipeline completion`: what makes a shell complete commands, options, SKUs and states."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.cli.completion import SCRIPTS
from pipeline.home import LEDGER_FILE
from pipeline.ledger.sqlite import open_ledger
from tests.makers import START
from tests.stories.commands import ROOT, Command

BASH, ZSH, FISH, POWERSHELL = (shutil.which(name) for name in ("bash", "zsh", "fish", "pwsh"))


@pytest.fixture
def pipeline(tmp_path: Path) -> Command:
    """The command under its name in PATH, in a home that keeps two SKUs."""
    command = Command(tmp_path / "home")
    command.home.mkdir()
    with closing(open_ledger(command.home / LEDGER_FILE, "shop", "run", lambda: START)) as ledger:
        age = ledger.catalogue_age()
        ledger.age_catalogue(age, age)
        ledger.keep_skus({158: ["SM-13"], 159: ["SM-14"], 21: ["Two $words"]})
    program = tmp_path / "bin" / "pipeline"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pipeline "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}:{command.environment['PATH']}"
    command.environment |= {"PATH": path, "PYTHONPATH": str(ROOT)}
    return command


def said(program: str, script: str, environment: Mapping[str, str], folder: Path) -> list[str]:
    """Return the lines that a shell prints, which reads a script."""
    ended = subprocess.run(
        [program, "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.stderr == "", ended.stderr
    return ended.stdout.splitlines()


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_script_is_printed_for_each_shell(pipeline: Command, shell: str) -> None:
    assert pipeline("completion", shell).well().out == SCRIPTS[shell]


def test_a_shell_that_is_not_known_is_told_with_those_that_are(pipeline: Command) -> None:
    asked = pipeline("completion", "tcsh")
    assert asked.status == 2
    assert "bash" in asked.err


@pytest.mark.skipif(BASH is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("stat",), ["status"]),
        (("table", "SM"), ["SM-13", "SM-14"]),
        (("run", "--sku", "two"), [r"two\ \$words"]),
        (("list", "--state", "fa"), ["failed"]),
        (("list", "--state", "=", "fa"), ["failed"]),
        (("run", "--dry"), ["--dry-run"]),
        (("nonsense", "x"), []),
    ],
)
def test_bash_offers_what_may_come_next(
    pipeline: Command, tmp_path: Path, typed: tuple[str, ...], offered: list[str]
) -> None:
    words = " ".join(f"'{word}'" for word in ("pipeline", *typed))
    script = (
        'eval "$(pipeline completion bash)"\n'
        f"COMP_WORDS=({words}) COMP_CWORD={len(typed)}\n"
        f"_pipeline_completion pipeline '{typed[-1]}' ''\n"
        'complete -p pipeline\n[ ${#COMPREPLY[@]} = 0 ] || printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert BASH is not None
    first, *found = said(BASH, script, pipeline.environment, tmp_path)
    assert first == "complete -F _pipeline_completion pipeline"
    assert found == offered


@pytest.mark.skipif(BASH is None, reason="there is no bash here")
def test_bash_completes_a_line_that_somebody_types(pipeline: Command, tmp_path: Path) -> None:
    """The real thing: a key is pressed in an interactive shell, and the line goes on by itself."""
    pty = pytest.importorskip("pty")
    import os

    (tmp_path / "photographs").mkdir()
    assert BASH is not None
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.execve(BASH, [BASH, "--norc", "--noprofile", "-i"], dict(pipeline.environment))
    try:
        os.write(terminal, b'eval "$(pipeline completion bash)"; PS1=; echo rea""dy\n')
        _read_until(terminal, b"ready")
        os.write(terminal, b": ; pipeline completi\tfis\t | head -n 1\n")
        _read_until(terminal, b"# Completion of pipeline for fish.")
        os.write(terminal, b"pipeline names --config photogr\t")
        _read_until(terminal, b"photographs/")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def _read_until(terminal: int, wanted: bytes) -> None:
    import os

    found = b""
    while wanted not in found:
        found += os.read(terminal, 1_000)


@pytest.mark.skipif(ZSH is None, reason="there is no zsh here")
def test_zsh_offers_what_may_come_next(pipeline: Command, tmp_path: Path) -> None:
    script = (
        "autoload -Uz compinit; compinit -u -D\n"
        'eval "$(pipeline completion zsh)"\n'
        '_describe() { print -rl -- "${(@P)5:-${(@P)4}}"; }\n_files() { print files "$@"; }\n'
        "words=(pipeline table SM) CURRENT=3; _pipeline\n"
        "words=(pipeline watch '') CURRENT=3; _pipeline\n"
        'print -r -- "$_comps[pipeline]"'
    )
    assert ZSH is not None
    found = said(ZSH, script, pipeline.environment, tmp_path)
    assert found == ["SM-13:product 158", "SM-14:product 159", "files -/", "_pipeline"]


@pytest.mark.skipif(FISH is None, reason="there is no fish here")
def test_fish_offers_what_may_come_next(pipeline: Command, tmp_path: Path) -> None:
    script = "pipeline completion fish | source; complete -C 'pipeline table SM'"
    assert FISH is not None
    found = said(FISH, script, {**pipeline.environment, "HOME": str(tmp_path)}, tmp_path)
    assert found == ["SM-13\tproduct 158", "SM-14\tproduct 159"]


@pytest.mark.skipif(POWERSHELL is None, reason="there is no PowerShell here")
def test_powershell_offers_what_may_come_next(pipeline: Command, tmp_path: Path) -> None:
    script = (
        "pipeline completion powershell | Out-String | Invoke-Expression; "
        "(TabExpansion2 'pipeline table SM' 17).CompletionMatches.CompletionText"
    )
    assert POWERSHELL is not None
    assert said(POWERSHELL, script, pipeline.environment, tmp_path) == ["SM-13", "SM-14"]
