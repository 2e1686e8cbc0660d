"""Desktop notifications, on a message bus of the test's own with a desktop that notes them down."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import Reason
from pipeline.service import notify
from pipeline.service.logs import LogObserver
from pipeline.values import Photo
from tests.makers import ManualClock, arrival

DESKTOP = """
import asyncio, json, sys
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, method

class Desktop(ServiceInterface):
    @method()
    def GetCapabilities(self) -> "as": return ["body"]
    @method()
    def GetServerInformation(self) -> "ssss": return ["test", "test", "1", "1.2"]
    @method()
    def Notify(self, app: "s", replaces: "u", icon: "s", title: "s", text: "s", actions: "as",
               hints: "a{sv}", timeout: "i") -> "u":
        print(json.dumps([title, text]), flush=True)
        return 1

async def main():
    bus = await MessageBus().connect()
    bus.export("/org/freedesktop/Notifications", Desktop("org.freedesktop.Notifications"))
    await bus.request_name("org.freedesktop.Notifications")
    print("ready", flush=True)
    await bus.wait_for_disconnect()

asyncio.run(main())
"""

TELL = """
import subprocess, sys, time
from tests.service.test_notify import refused_photo
from pipeline.service.notify import Notifier
from pathlib import Path
desktop = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, text=True)
assert desktop.stdout.readline() == "ready\\n"
Notifier().refused(refused_photo(Path(sys.argv[2])))
print(desktop.stdout.readline())
desktop.kill()
"""


def refused_photo(folder: Path) -> Photo:
    ledger = open_ledger(folder / "ledger.sqlite3", "shop", "watch", ManualClock().now)
    photo = ledger.receive_refused(arrival("/in/158_1.jpg"), Reason.EMPTY, "the file is empty")
    ledger.close()
    return photo


@pytest.mark.skipif(
    shutil.which("dbus-run-session") is None or importlib.util.find_spec("dbus_fast") is None,
    reason="needs a message bus and the extra `notify`",
)
def test_a_refusal_is_shown_on_the_desktop(tmp_path: Path) -> None:
    shown = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", TELL, DESKTOP, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert json.loads(shown.stdout) == ["158_1.jpg: refused", "the file is empty"]


def test_only_what_is_refused_or_failed_is_told_and_no_raw_file(tmp_path: Path) -> None:
    told: list[Photo] = []
    observer, photo = LogObserver(), refused_photo(tmp_path)
    observer.on_refusal = told.append
    observer.ended(photo)
    observer.ended(photo)
    observer.ended(replace(photo, id="raw", reason=Reason.NOT_FOR_UPLOAD))
    assert told == [photo]


def test_without_the_library_the_setting_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "desktop_notifier.sync", None)
    with pytest.raises(ConfigError, match=r"pip install 'photo-pipeline\[notify\]'"):
        notify.Notifier()
