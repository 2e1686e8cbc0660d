"""The quick part of `pipeline hook`: note shots down and have somebody take them in.

A camera waits meanwhile, so a call in its plain shape never reaches Click, and nothing is imported
here that Python has not loaded already when it starts. Everything else (`--help`, `--print`,
`--wait`, a call that is wrong) is left to `pipeline.cli.hook`, which notes shots down through here.
"""

from __future__ import annotations

import os
import sys
import time

from pipeline.home import (
    BACKGROUND_LOCK,
    LOG_FOLDER,
    PRIVATE_FILE,
    WATCH_LOCK,
    WATCH_SHOPS_FILE,
    close_home,
    closed_sentence,
    home_given,
    of_shop,
)
from pipeline.hook.copying import copy_photograph
from pipeline.hook.inbox import (
    copy_of,
    current_product,
    is_locked,
    make_durable,
    new_entry,
    remove_entry,
    stamp_of,
    table_set_at,
    write_entry,
)
from pipeline.streams import fill_gaps

__all__ = ["files_called_with", "note_down", "run_hook", "shop_word", "start_background"]

_VALUES = ("--home", "--config", "--shop", "--product", "--sku")


def run_hook(arguments: list[str]) -> int | None:
    """Run `pipeline hook` where it is called in its plain shape.

    Args:
        arguments: what follows `hook` on the command line.

    Returns:
        The exit status; None where the full command line is to look at the call.
    """
    fill_gaps()  # gphoto2 closes standard input
    options, files = _split(arguments)
    if options is None or ("--product" in options and "--sku" in options):
        return None
    if not options.get("--product", "1").isdecimal() or os.environ.get("PIPELINE_TEST_SHOP"):
        return None
    if not files:
        action = os.environ.get("ACTION")
        if action is None or action == "init":
            return None
        if action != "download":
            return 0
    home = home_given(options.get("--home"))
    product = {name[2:]: options[name] for name in ("--product", "--sku") if name in options}
    files = files_called_with(files)
    shop = shop_word(options.get("--shop") or os.environ.get("PIPELINE_SHOP") or "")
    noted = note_down(home, files, product, shop=shop)
    if "--no-start" not in options:
        start_background(home, options.get("--config"), shop)
    return 0 if files and len(noted) == len(files) else 1


def files_called_with(files: list[str]) -> list[str]:
    """Return the photographs of a call: its arguments, or what gphoto2 says in the environment.

    A program that does not quote its arguments breaks a path at its blanks: it is put together
    again where that gives a file.
    """
    if not files:
        return [os.environ["ARGUMENT"]] if os.environ.get("ARGUMENT") else []
    whole = " ".join(files)
    if len(files) > 1 and os.path.isfile(whole):
        return [whole]
    return files


def shop_word(shop: str) -> str:
    """Return a shop's name as it can stand in a file's name; whether there is one is seen later."""
    return "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in shop)[:40]


def note_down(
    home: str,
    files: list[str],
    product: dict[str, str],
    *,
    shop: str = "",
    awaited: bool = False,
) -> list[tuple[str, dict[str, str]]]:
    """Make photographs, copies and inbox entries of them durable; return entries' paths and fields.

    A photograph that cannot be noted down is missing there, and why is said on standard error; so
    it is where one is noted down and cannot be copied.

    Args:
        home: the home folder.
        files: their paths, also relative ones.
        product: `product` or `sku`, where the caller named it; else the environment counts
            (`PIPELINE_PRODUCT`, `PIPELINE_SKU`), and else the current product.
        shop: the name of the shop that the caller named (`shop_word`); empty where it named none.
        awaited: the caller takes them in itself, too: whoever is quicker leaves it the copies.
    """
    fields = product or _product_in_environment() or _current_product(home, shop)
    noted: list[tuple[str, dict[str, str]]] = []
    if closed := close_home(home, whole=False):
        print(f"pipeline: {closed_sentence(home, closed)}", file=sys.stderr)
    if not files:
        print("pipeline: the hook was called without a photograph", file=sys.stderr)
    for number, file in enumerate(files):
        try:
            noted.append(_note_down(home, number, file, fields, shop, awaited=awaited))
        except (OSError, ValueError) as error:
            print(f"pipeline: {_shown(file)} is not noted down: {_cause(error)}", file=sys.stderr)
    return noted


def start_background(home: str, config: str | None, shop: str = "") -> None:
    """Have an engine take in what was noted down, if none is there to do it.

    The lock that says so is taken here and handed on, so that of many hooks at once only one
    starts an engine. Failing to start one is said and no more: the shots are safe, and the next
    hook, watcher or run takes them in.

    Args:
        home: the home folder.
        config: the settings file, where it is named.
        shop: the shop that the call names, or `--test-shop`; empty where it names none.
    """
    if is_locked(home, WATCH_LOCK) and _watcher_takes(home, shop):
        return
    command = [sys.executable, "-P", "-m", "pipeline", "hook", "--background", "--home", home]
    if config is not None:
        command += ["--config", os.path.abspath(config)]
    if shop:
        command += [shop] if shop.startswith("--") else ["--shop", shop]
    try:
        _start_detached(home, command, of_shop(BACKGROUND_LOCK, shop))
    except OSError as error:
        print(f"pipeline: nothing was started to send it: {error.strerror}", file=sys.stderr)


if sys.platform == "win32":

    def _start_detached(home: str, command: list[str], locked_by: str) -> None:
        import subprocess

        if is_locked(home, locked_by):
            return
        flags = getattr(subprocess, "DETACHED_PROCESS", 0)
        flags |= getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        subprocess.Popen(  # noqa: S603 - our own module, no shell
            command,
            cwd=home,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=flags,
            close_fds=True,
        )

else:

    def _start_detached(home: str, command: list[str], locked_by: str) -> None:
        import fcntl

        lock = os.open(os.path.join(home, locked_by), os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return
        logs = os.path.join(home, LOG_FOLDER)
        os.makedirs(logs, exist_ok=True)
        adding = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        said = os.open(os.path.join(logs, "background.out"), adding, PRIVATE_FILE)
        if os.fork() == 0:
            try:
                os.setsid()
                os.dup2(os.open(os.devnull, os.O_RDWR), 0)
                os.dup2(said, 1)
                os.dup2(said, 2)
                os.set_inheritable(lock, True)
                os.chdir(home)
                os.execve(command[0], [*command, "--lock", str(lock)], _environment())  # noqa: S606
            finally:
                os._exit(127)
        os.close(said)
        os.close(lock)


def _watcher_takes(home: str, shop: str) -> bool:
    """Whether the watcher takes in shots of that shop; where it says nothing: those of none."""
    try:
        with open(os.path.join(home, WATCH_SHOPS_FILE), encoding="utf-8") as file:
            return shop in file.read().split("\n")[:-1]
    except (OSError, ValueError):
        return not shop


def _note_down(
    home: str, number: int, file: str, product: dict[str, str], shop: str, *, awaited: bool
) -> tuple[str, dict[str, str]]:
    path, here = os.path.abspath(file), os.getcwd()
    folder = os.path.dirname(path)
    # What is read later is read through no link below its root, and this path was given by name.
    below = path.startswith(os.path.join(here, "")) and os.path.realpath(folder) == folder
    entry = {
        "path": path,
        "root": here if below else folder,
        "seen": str(time.time()),
        **product,
    }
    make_durable(path)
    place = new_entry(home, number, shop)
    try:
        if copy_photograph(path, copy_of(place)):
            entry["copy"] = "awaited" if awaited else "free"
    except OSError as error:
        # What lies there when it is taken in may be another shot: that is said then.
        entry["uncopied"] = stamp_of(path)
        print(
            f"pipeline: {_shown(path)} is noted down, but could not be copied ({_cause(error)}): "
            "let no other shot overwrite it before it is in the shop",
            file=sys.stderr,
        )
    try:
        write_entry(place, entry)
    except BaseException:
        if not os.path.lexists(place):
            remove_entry(place)
        raise
    return place, entry


def _shown(path: str) -> str:
    return repr(path.encode("utf-8", "backslashreplace").decode("utf-8"))


def _cause(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _environment() -> dict[str, str]:
    """Return the environment without what concerns one call of the hook alone."""
    mine = ("ACTION", "ARGUMENT", "PIPELINE_PRODUCT", "PIPELINE_SKU", "PIPELINE_SHOP")
    return {name: value for name, value in os.environ.items() if name not in mine}


def _product_in_environment() -> dict[str, str]:
    product, sku = os.environ.get("PIPELINE_PRODUCT"), os.environ.get("PIPELINE_SKU")
    if product and product.isdecimal():
        return {"product": product}
    # What is no number is no product id: as a SKU the store does not know, it waits and is said.
    return {"sku": product or sku or ""} if product or sku else {}


def _current_product(home: str, shop: str) -> dict[str, str]:
    # Before it is read: what is set meanwhile is later than that.
    since = table_set_at(home, shop)
    fields = current_product(home, shop)
    said = {} if since is None else {"table_since": str(since)}
    return {**fields, "table": "1", **said} if fields else said


def _split(arguments: list[str]) -> tuple[dict[str, str] | None, list[str]]:
    """Part options from files; None for the options where the shape is not the plain one."""
    options: dict[str, str] = {}
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        name, equals, value = rest.pop(0).partition("=")
        if name == "--" and not equals:
            break
        if name == "--no-start" and not equals:
            options[name] = ""
        elif name in _VALUES and (equals or rest):
            value = value if equals else rest.pop(0)
            several = name == "--sku" and name in options
            options[name] = f"{options[name]},{value}" if several else value
        else:
            return None, []
    else:
        if any(argument.startswith("-") for argument in rest):
            return None, []
    return options, rest
