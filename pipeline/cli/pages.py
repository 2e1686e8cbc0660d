"""The manual page, made from the help of all commands: in the language of `man`, and plainly.

`pipeline/manual/pipeline.1` is what it makes; a test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import click

from pipeline import __version__
from pipeline.cli.description import all_commands
from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, EXIT_WRONG
from pipeline.settings import ENVIRONMENT, SETTINGS

__all__ = ["escaped", "manual_page", "manual_text"]

_WIDTH: Final = 80

_STATUSES: Final = {
    EXIT_OK: "All is well.",
    EXIT_TROUBLE: "Some photographs were refused, failed or are left for the next run, or a "
    "question found trouble.",
    EXIT_WRONG: "The call or the settings are wrong, the token or our records cannot be used, or "
    "the shop refuses one photograph after another alike.",
    EXIT_INTERRUPTED: "It was interrupted.",
}

_UNWRAPPED: Final = "\b\n"
"""Where Click leaves a paragraph's lines as they are."""


def manual_page() -> str:
    """Return the manual page, in the language of `man`, in ASCII."""
    (_, program), *others = all_commands()
    about = (program.help or "").strip().rstrip(".")
    lines = [
        f'.TH PIPELINE 1 "" "photo\\-pipeline {__version__}" "User Commands"',
        ".nh",
        ".ad l",
        ".SH NAME",
        f"pipeline \\- {escaped(about[0].lower() + about[1:])}",
        ".SH SYNOPSIS",
        "\\fBpipeline\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]",
        ".SH DESCRIPTION",
        *_paragraphs(program.help or ""),
        *_options(program, ("pipeline",)),
        ".SH COMMANDS",
    ]
    for words, command in others:
        lines += _command(("pipeline", *words), command)
    lines += [".SH EXIT STATUS"]
    for status, sentence in _STATUSES.items():
        lines += [".TP", f"\\fB{status}\\fR", escaped(sentence)]
    lines += [
        ".SH ENVIRONMENT",
        "Each of these is a setting, whose name in the settings file stands behind it.",
    ]
    for name, setting in SETTINGS.items():
        about = f"{setting.description[0].upper()}{setting.description[1:]}."
        lines += [".TP", f"\\fB{escaped(ENVIRONMENT[name])}\\fR ({escaped(name)})", escaped(about)]
    lines += [
        ".SH FILES",
        ".TP",
        "\\fBpipeline.toml\\fR",
        escaped("The settings file, in the home folder; `pipeline config` shows what is in force."),
    ]
    return "".join(f"{line}\n" for line in lines)


def manual_text() -> str:
    """Return the help of all commands, one after another, as lines of 80 characters at most."""
    pages = []
    for words, command in all_commands():
        name = " ".join(("pipeline", *words))
        pages.append(f"{name}\n\n{_context(command, name).get_help()}\n")
    return "\n\n".join(pages)


def escaped(text: str) -> str:
    """Return a text so that it means itself in a manual page; what stands in ` ` becomes bold.

    No line of it begins a request, and no sign in it is one of the language's own.
    """
    text = text.replace("\\", "\0").replace("-", "\\-")
    text = re.sub(r"`([^`\n]+)`", r"\\fB\1\\fR", text)
    for sign, name in (("\0", "\\(rs"), ("'", "\\(aq"), ("`", "\\(ga"), ("^", "\\(ha")):
        text = text.replace(sign, name)
    text = text.replace("|", "|\\:")  # a line may end behind it
    text = text.replace("~", "\\(ti").replace('"', "\\(dq")
    text = "".join(sign if sign.isascii() else f"\\[u{ord(sign):04X}]" for sign in text)
    return re.sub(r"^(?=\.)", r"\\&", text, flags=re.MULTILINE)


def _context(command: click.Command, name: str) -> click.Context:
    return click.Context(
        command,
        info_name=name,
        max_content_width=_WIDTH,
        terminal_width=_WIDTH,
        help_option_names=["-h", "--help"],
        show_default=True,
    )


def _command(words: tuple[str, ...], command: click.Command) -> Iterator[str]:
    context = _context(command, " ".join(words))
    if isinstance(command, click.Group):
        return  # its commands stand by themselves
    pieces = escaped(" ".join(command.collect_usage_pieces(context)))
    yield f'.SS "{escaped(" ".join(words))} {pieces}"'
    yield from _paragraphs(command.help or "")
    yield from _options(command, words)


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(filter(None, text.split("\n\n"))):
        if number:
            yield ".PP"
        if paragraph.startswith(_UNWRAPPED):
            yield ".nf"
            yield from (escaped(line) for line in paragraph[len(_UNWRAPPED) :].split("\n"))
            yield ".fi"
        else:
            yield escaped(" ".join(paragraph.split()))


def _options(command: click.Command, words: tuple[str, ...]) -> Iterator[str]:
    context = _context(command, " ".join(words))
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1]:
            names, about = record
            yield from (".TP", f"\\fB{escaped(names)}\\fR", escaped(" ".join(about.split())))
