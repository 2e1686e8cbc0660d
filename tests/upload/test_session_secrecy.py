"""The token goes to the store and to nobody else, and shows nowhere."""

from __future__ import annotations

import logging
import socket
import subprocess
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest

from pipeline import __version__
from pipeline.errors import ConfigError, StoreError, StoreIntercepted, StoreUnreachable, StoreUnsure
from pipeline.settings import load
from pipeline.store_address import StoreAddress
from pipeline.upload import Pacer, Session, StoreClient
from tests.servers import quick
from tests.upload.rawserver import (
    TOKEN,
    RawServer,
    answering,
    body,
    client_of_raw,
    hurried,
    raw_server,
    read_request,
)


def client_at(url: str, ca_file: Path | None = None) -> StoreClient:
    address = StoreAddress(base_url=url, token=TOKEN)
    return StoreClient(Session(address, quick(), Pacer(hurried), ca_file=ca_file))


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Go", "308 Go"])
def test_a_redirect_is_never_followed_and_the_token_never_sent_on(status: str, file: Path) -> None:
    with raw_server(answering(body('{"data": {"id": 666}}'))) as other:
        moved = body("", status, f"Location: {other.url}/catalog/products/158/images")
        with raw_server(answering(moved, moved)) as server:
            client = client_of_raw(server)
            with pytest.raises(StoreIntercepted, match="not followed"):
                client.list_images(158)
            with pytest.raises(StoreUnsure, match="not followed"):
                client.create_image(158, file, "a-0123456789.png")
        assert len(server.requests) == 2
        assert all(TOKEN.encode() in request for request in server.requests)
        assert other.connections == 0


def test_the_token_is_in_no_representation(tmp_path: Path) -> None:
    address = StoreAddress(base_url="https://example.com/v3", token=TOKEN)
    session = Session(address, quick(), Pacer(hurried))
    loaded = load({"home": tmp_path}, {"BIGCOMMERCE_ACCESS_TOKEN": TOKEN})
    for thing in (address, session, StoreClient(session), loaded, loaded.settings):
        for shown in (repr(thing), str(thing), f"{thing}"):
            assert TOKEN not in shown


ANSWERS = {
    "refused": body("{}", "401 No"),
    "broken": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
    "nonsense": body("hello"),
    "trouble": body("<html>", "503 No"),
    "throttled": body("", "429 Slow"),
    "redirect": body("", "302 Found", "Location: http://elsewhere.example/"),
    "strange": b"HTTP/1.1 200 OK\r\n: \r\nX\r\n\r\n",
    "said back": body(f'{{"title": "no {TOKEN}"}}', "500 No"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_token_is_in_no_error_no_traceback_and_no_log(
    name: str, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with raw_server(answering(ANSWERS[name], ANSWERS[name])) as server:
        client = client_of_raw(server)
        with pytest.raises(StoreError) as asked:
            client.list_images(158)
        with pytest.raises(StoreError) as created:
            client.create_image(158, file, "a-0123456789.png")
    for error in (asked.value, created.value):
        assert TOKEN not in str(error) + repr(error)
        assert TOKEN not in "".join(traceback.format_exception(error))
    assert server.requests, "it was sent to the store itself"
    assert TOKEN not in caplog.text
    assert all(TOKEN not in str(vars(record)) for record in caplog.records)


@pytest.mark.parametrize("token", [f"{TOKEN}\n", f" {TOKEN}", f"{TOKEN}\r\nX: y", "", "caf\u00e9"])
def test_a_token_that_no_header_can_hold_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ConfigError) as error:
        StoreAddress(base_url="https://example.com/v3", token=token)
    assert TOKEN not in str(error.value)


def test_netrc_and_proxies_of_the_environment_are_not_for_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with raw_server(answering(body('{"data": []}'))) as server:
        assert client_of_raw(server).list_images(158) == []
    assert b"authorization" not in server.requests[0].lower()


def test_a_proxy_that_lets_nobody_through_sees_no_token_and_made_nothing(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    refusal = body("", "403 Forbidden")
    with raw_server(answering(refusal, refusal)) as proxy:
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://me:hidden@127.0.0.1:{proxy.port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        client = client_at("https://store.invalid/stores/abc/v3")
        with pytest.raises(StoreUnreachable, match="proxy") as error:
            client.create_image(158, file, "a-0123456789.png")
        with pytest.raises(StoreUnreachable, match="proxy"):
            client.create_image_from_url(158, {"image_url": "https://example.com/a.png"})
    assert "hidden" not in str(error.value)
    assert len(proxy.requests) == 2
    assert all(request.startswith(b"CONNECT store.invalid:443") for request in proxy.requests)
    assert all(TOKEN.encode() not in request for request in proxy.requests)


def test_a_host_that_nobody_knows_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    # The one thing that is made up: a name server must not be asked from a test.
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    client = client_at("https://store.invalid/stores/abc/v3")
    with pytest.raises(StoreUnreachable, match="host name is not known"):
        client.create_image_from_url(158, {"image_url": "https://example.com/a.png"})
    with pytest.raises(StoreUnreachable, match="host name is not known"):
        client.create_image(158, file, "a-0123456789.png")


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[tuple[RawServer, Path]]:
    """A server with a certificate that nobody has signed but itself."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        f"-addext subjectAltName=DNS:localhost -keyout {key} -out {certificate}"
    )
    try:
        subprocess.run(command.split(), check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no openssl to make a certificate with")
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    lock = threading.Lock()

    def behave(server: RawServer, connection: socket.socket) -> None:
        with lock, suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
            if read_request(server, tls):
                tls.sendall(body('{"data": {"id": 666}}'))

    with raw_server(behave) as server:
        yield server, certificate


def test_a_certificate_that_no_setting_vouches_for_is_not_trusted(
    tls_server: tuple[RawServer, Path], monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    server, certificate = tls_server
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(certificate))
    client = client_at(f"https://localhost:{server.port}/stores/abc/v3")
    with pytest.raises(StoreUnreachable, match="certificate"):
        client.create_image(158, file, "a-0123456789.png")
    with pytest.raises(StoreUnreachable, match="certificate"):
        client.create_image_from_url(158, {"image_url": "https://example.com/a.png"})
    assert server.requests == []


@pytest.mark.parametrize("named_by", ["file", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_certificate_that_the_settings_vouch_for_is_trusted(
    tls_server: tuple[RawServer, Path], tmp_path: Path, named_by: str
) -> None:
    server, certificate = tls_server
    home = tmp_path / "home"
    home.mkdir()
    if named_by == "file":
        (home / "pipeline.toml").write_text(f"ca_file = '{certificate}'\n")
    settings = load({"home": home}, {named_by: str(certificate)}).settings
    client = client_at(f"https://localhost:{server.port}/stores/abc/v3", settings.ca_file)
    assert client.get_image(158, 666).id == 666


@pytest.mark.parametrize("content", [None, b"", b"no certificate", bytes(range(256))])
def test_a_file_without_certificates_is_named_before_anything_is_sent(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "office.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"office\.pem cannot be used: .* ca_file"):
        client_at("https://store.invalid/stores/abc/v3", file)


def test_the_user_agent_names_the_version_and_the_home_page_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "photo_pipeline-9.dist-info"
    package.mkdir()
    (package / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: photo-pipeline\nVersion: 9\n"
        "Project-URL: Homepage, https://photos.example/pipeline\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with raw_server(answering(body('{"data": []}'))) as server:
        assert client_of_raw(server).list_images(158) == []
    wanted = f"photo-pipeline/{__version__} (+https://photos.example/pipeline)"
    assert f"User-Agent: {wanted}\r\n".encode() in server.requests[0]
