"""Notifications on this desktop, where the setting `notify` asks for them."""

from __future__ import annotations

import logging
import queue
import threading
from typing import Final

from pipeline.errors import ConfigError
from pipeline.values import Photo
from pipeline.wording import shown

__all__ = ["Notifier"]

MOST_WAITING: Final = 20
"""Notifications that wait for a slow desktop; more at once nobody reads."""

_log = logging.getLogger(__name__)


class Notifier:
    """Tells of refusals, in a thread of its own: a desktop that hangs holds up no photograph."""

    def __init__(self) -> None:
        """Find the desktop's notifications.

        Raises:
            ConfigError: the library for it is not installed.
        """
        try:
            from desktop_notifier.sync import DesktopNotifierSync
        except ImportError as error:
            raise ConfigError(
                "the setting notify needs a library that is not installed: "
                "pip install 'photo-pipeline[notify]', or set notify = false"
            ) from error
        self._desktop = DesktopNotifierSync(app_name="photo-pipeline")
        self._waiting: queue.Queue[tuple[str, str]] = queue.Queue(MOST_WAITING)
        self._told = False
        threading.Thread(target=self._show, daemon=True).start()

    def refused(self, photo: Photo) -> None:
        """Tell of a photograph that was refused or failed."""
        try:
            self._waiting.put_nowait((f"{photo.path.name}: {photo.state}", photo.sentence))
        except queue.Full:
            _log.info("%s was not told of on the desktop: it shows no more", shown(photo.path))

    def _show(self) -> None:
        while True:
            title, sentence = self._waiting.get()
            try:
                self._desktop.send(title=title, message=sentence)
            except Exception as error:
                # No desktop, or one that shows nothing: photographs go on, and it is said once.
                if not self._told:
                    self._told = True
                    _log.warning("the desktop shows no notifications: %s", error)
