"""One request, one answer: time-outs, limits, and no repetition of any kind."""

from __future__ import annotations

import math
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPException
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from threading import Event
from typing import Any, Final

import requests
from requests.utils import default_headers, get_environ_proxies
from requests_toolbelt import MultipartEncoderMonitor
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from pipeline import __version__
from pipeline.errors import (
    ConfigError,
    StoreError,
    StoreThrottled,
    StoreUnavailable,
    StoreUnreachable,
    StoreUnsure,
)
from pipeline.faultpoints import reach
from pipeline.store_address import StoreAddress
from pipeline.upload.one_store import PIECE_BYTES, Asked, StoreAdapter, StoreSession, Template
from pipeline.upload.rate_limit import Pacer
from pipeline.upload.responses import Answer, date_of
from pipeline.upload.under_way import UnderWay

__all__ = ["UNSTOPPED", "AnswerTooLong", "Session", "Timeouts"]

UNSTOPPED: Final = Event().wait
"""Waits for calls by hand, which nobody stops but the operating system."""

PACKAGE: Final = "photo-pipeline"

MOST_ANSWER_BYTES: Final = 16 << 20
"""A listing of 250 images has some 250 kB; what goes far beyond is no answer of the store."""

MOST_AHEAD: Final = timedelta(days=366)
"""A clock that is further off than this tells nothing."""

REST_SECONDS: Final = 2.0
"""After this long without a request a connection is not trusted with a create call."""


class AnswerTooLong(StoreUnavailable):
    """The answer goes beyond what one question is worth: less may be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long a request may take, in seconds.

    Attributes:
        connect: to connect, and (measured) also to hand over one more piece of the body.
        read: until the next piece of the answer.
        whole: from the last byte of the request to the last of the answer; no other limit ends
            an answer that drips.
    """

    connect: float = 15.0
    read: float = 60.0
    whole: float = 120.0


class Session:
    """Speaks HTTP with one store; threads may share it.

    Only what makes nothing is repeated, once, where its connection broke: a store or a proxy may
    end one at any time. `requests` repeats nothing: it would send the headers of a streamed body
    again without its body. No redirect is followed: the token would go along to the other host.
    The environment's proxies are used, but not `.netrc`; whose certificates are trusted is a
    setting.
    """

    def __init__(
        self,
        address: StoreAddress,
        timeouts: Timeouts,
        pacer: Pacer,
        wait: Callable[[float], bool] = UNSTOPPED,
        *,
        ca_file: Path | None = None,
        patience: float = math.inf,
    ) -> None:
        """Connect to nothing yet.

        Args:
            address: of the store, with the token.
            timeouts: of one request.
            pacer: says when the next request may be made, and learns from every answer.
            wait: waits so many seconds for that, and returns whether the program was asked to stop.
            ca_file: the certificates of the authorities that are trusted, in PEM (or a folder of
                them); None for the usual ones.
            patience: seconds, at most, that a request waits for its turn.

        Raises:
            ConfigError: that file cannot be read, or holds no certificate.
        """
        tls = address.base_url.startswith("https:")
        self._verify = _trusted(ca_file) if tls and ca_file is not None else True
        self._user_agent = _user_agent()
        self._template = Template(
            address.base_url,
            {"User-Agent": self._user_agent, "X-Auth-Token": address.token, **_HEADERS},
        )
        self._wait = wait
        self._address = address
        self._timeouts = timeouts
        self._pacer = pacer
        self._patience = patience
        self._under_way = UnderWay()
        self._keeps = True
        self._threads = threading.local()
        self.clock_ahead = timedelta()
        """By how much the store's clock is ahead of ours, by its last answer."""

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
        body: MultipartEncoderMonitor | None = None,
        creating: bool = False,
    ) -> Answer:
        """Make one request and read the whole answer, whatever its status.

        Args:
            method: the HTTP method.
            path: below the store's base address, beginning with a slash.
            query: parameters of the address.
            document: sent as JSON.
            body: a fresh multipart body, streamed.
            creating: whether a lost answer leaves open if something was made.

        Raises:
            StoreThrottled: it is not this request's turn for long, or nothing is asked any more.
            StoreUnavailable: the store was not reached, or did not get the whole request.
            StoreUnsure: a create call's body was sent whole and no whole answer came.
        """
        asked = Asked(method=method, path=path, query=query, document=document, body=body)
        rested = (REST_SECONDS if self._keeps else 0.0) if creating else math.inf
        try:
            return self._exchange(asked, rested)
        except _FAILURES as error:
            broke = _broke(error)
            self._keeps = self._keeps and not broke
            if not (broke and method == "GET") or self._under_way.over:
                sent = body is None or body.bytes_read >= body.len
                raise self._lost(error, creating=creating and sent) from None
        try:
            return self._exchange(asked, rested=0.0)
        except _FAILURES as error:
            raise self._lost(error, creating=False) from None

    def got_on(self) -> None:
        """Note that more of the body has gone that this thread sends."""
        self._under_way.moved()

    def let_go(self, rest: float) -> None:
        """Ask nothing any more, and end what has not got on for so many seconds."""
        self._under_way.end(rest)

    def _exchange(self, asked: Asked, rested: float) -> Answer:
        """Make a request by a connection that has rested for `rested` seconds, at most."""
        wait = partial(self._under_way.wait, self._wait)
        if not self._pacer.turn(wait, self._patience, asks=asked.method == "GET"):
            raise _not_its_turn(self._pacer.pause())
        try:
            reach("before request")
            session = self._session(rested)
            seconds = (self._timeouts.connect, self._timeouts.read)
            with (
                self._under_way.request(),
                session.heard(self._template, asked, seconds) as heard,
            ):
                reach("answer begun")
                self._pacer.learn(heard.status, heard.headers)
                self._compare_clocks(heard.headers.get("date"))
                content = _read(heard.status, heard.pieces)
            reach("after request")
        finally:
            self._pacer.over()
        if heard.status >= 300:
            # A gateway's page may repeat the request, and what it says is shown and kept.
            content = content.replace(self._address.token.encode(), b"(the token)")
        return Answer(status=heard.status, headers=heard.headers, body=content)

    def fetch(self, url: str) -> bytes:
        """Return what lies at an address that the store named, of bounded size and in bounded time.

        Neither the token nor anything else of ours goes along, and nowhere else is gone to. It
        is no question to the store's API, whose pace it does not touch.

        Raises:
            StoreUnavailable: there is nothing, or it is no address of the web.
        """
        schemes = ("https://", "http://") if self._address.base_url[:5] == "http:" else "https://"
        if not url.lower().startswith(schemes):
            raise StoreUnavailable("the shop names an address that is none")
        try:
            with (
                self._under_way.request(),
                self._session(math.inf).get(
                    url,
                    timeout=(self._timeouts.connect, self._timeouts.read),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                if response.status_code != 200:
                    raise StoreUnavailable(f"it cannot be fetched ({response.status_code})")
                return _read(response.status_code, response.iter_content(PIECE_BYTES))
        except _FAILURES as error:
            raise StoreUnavailable(f"it cannot be fetched: {_what(error)}") from None

    def _compare_clocks(self, date: str | None) -> None:
        theirs = date_of(date)
        if theirs is not None and abs(ahead := theirs - datetime.now(UTC)) < MOST_AHEAD:
            self.clock_ahead = ahead

    def _lost(self, error: Exception, *, creating: bool) -> StoreError:
        what = "the shop did not answer in time" if self._under_way.over else _what(error)
        sentence = f"{what} ({self._address.base_url})"
        if _never_sent(error):
            return StoreUnreachable(sentence)
        if creating:
            return StoreUnsure(sentence)
        too_long = isinstance(error, _Endless)
        return AnswerTooLong(sentence) if too_long else StoreUnavailable(sentence)

    def _session(self, rested: float) -> StoreSession:
        """Return this thread's session; a connection that rested for longer is dropped.

        A store that closes a resting connection just as the next request arrives leaves it open
        whether it saw the request. One that did it once is not trusted to keep any.
        """
        session: StoreSession | None = getattr(self._threads, "session", None)
        now = time.monotonic()
        if session is not None and now - self._threads.used >= rested:
            session.close()
        self._threads.used = now
        if session is None:
            session = StoreSession()
            for scheme in ("https://", "http://"):
                adapter = StoreAdapter(self._timeouts.whole, self._under_way.connected)
                session.mount(scheme, adapter)
            session.verify = self._verify
            session.proxies = (
                {} if self._address.is_local else get_environ_proxies(self._address.base_url)
            )
            session.headers["User-Agent"] = self._user_agent
            self._threads.session = session
        return session


_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": default_headers()["Accept-Encoding"],
    "Connection": "keep-alive",
}
"""What every request to the store's API says, whatever it asks."""

_FAILURES: Final = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError)
"""All that the libraries of HTTP raise where there is no whole answer."""


def _not_its_turn(pause: float) -> StoreThrottled:
    what = (
        f"the shop asks for a pause of {math.ceil(pause)} seconds"
        if pause
        else "it was not its turn"
    )
    return StoreThrottled(what, pause)


def _trusted(ca_file: Path) -> str:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
            **{"capath" if ca_file.is_dir() else "cafile": str(ca_file)}
        )
    except OSError as error:
        # That of the library of TLS is one as well, and has no number of the system's.
        missing = not isinstance(error, ssl.SSLError)
        wrong = error.strerror if missing else "there is no certificate in it"
        raise ConfigError(
            f"the certificates in {ca_file} cannot be used: {wrong} (the setting ca_file, else "
            "REQUESTS_CA_BUNDLE, else SSL_CERT_FILE names them)"
        ) from error
    return str(ca_file)


def _user_agent() -> str:
    """Name the program, its version, and (where the package says one) its home page."""
    try:
        pages = metadata(PACKAGE).get_all("Project-URL") or []
    except PackageNotFoundError:
        pages = []
    for page in pages:
        label, _, url = str(page).partition(",")
        if label.strip().casefold() == "homepage":
            return f"{PACKAGE}/{__version__} (+{url.strip()})"
    return f"{PACKAGE}/{__version__}"


class _Endless(requests.RequestException):
    """The answer is longer than any that the store gives."""


class _Interim(requests.RequestException):
    """It is an answer that nobody asked for, and the real one may be on its way."""


def _read(status: int, coming: Iterable[bytes]) -> bytes:
    if status < 200:
        raise _Interim
    pieces: list[bytes] = []
    size = 0
    for piece in coming:
        pieces.append(piece)
        size += len(piece)
        if size > MOST_ANSWER_BYTES:
            raise _Endless
    return b"".join(pieces)


def _broke(error: Exception) -> bool:
    """Whether the connection ended in the middle: neither the time was up nor the answer odd."""
    if isinstance(error, requests.exceptions.SSLError) or _timed_out(error) or _never_sent(error):
        return False
    return isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError)


def _timed_out(error: Exception) -> bool:
    return isinstance(error, requests.Timeout) or "timed out" in str(error)


def _never_sent(error: Exception) -> bool:
    """Whether nothing at all was sent to the store, for there was no connection to it."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reason = _reason(error)
    certificate = reason.args[0] if reason is not None and reason.args else None
    return isinstance(reason, NewConnectionError) or isinstance(
        certificate, ssl.SSLCertVerificationError
    )


def _reason(error: Exception) -> Exception | None:
    """Return the error of the library below, which `requests` wraps."""
    reason: Exception | None = getattr(error.args[0], "reason", None) if error.args else None
    return reason


def _what(error: Exception) -> str:
    """Say what went wrong without the library's own text, which may hold what must not show."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the shop's certificate does not fit"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not let us through"
    if isinstance(error, requests.ConnectTimeout):
        return "the shop did not answer the call in time"
    if _timed_out(error):
        return "the shop took too long to answer"
    if isinstance(error, _Endless):
        return "the shop's answer does not end"
    reason = _reason(error)
    if isinstance(reason, NameResolutionError):
        return "the shop's host name is not known"
    if isinstance(reason, NewConnectionError):
        return "the shop does not take the connection"
    return "the connection to the shop broke"
