"""A real local store in a process of its own, and a client that holds it to its description."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import jsonschema
import requests

from tests import posix
from tests.forkserver import ROOT, Forked, can_fork

DESCRIPTION = json.loads((ROOT / "pipeline/localstore/openapi.json").read_text(encoding="utf-8"))
TOKEN = "test-token"
READ_ONLY = "reading-token"


class StoreProcess:
    """`python -m pipeline.localstore`, from its first line of output to its end."""

    def __init__(
        self,
        data: Path,
        *options: str,
        token: str | None = TOKEN,
        as_described: bool = True,
    ) -> None:
        environment = {**os.environ, "LOCALSTORE_READ_ONLY_TOKEN": READ_ONLY}
        environment.pop("LOCALSTORE_TOKEN", None)
        if token is not None:
            environment["LOCALSTORE_TOKEN"] = token
        self.data = data
        self.log = data.with_name(f"{data.name}.log")
        self.process: subprocess.Popen[bytes] | Forked
        if can_fork(environment):
            self.process, line = self._forked(options, environment)
        else:
            self.process, line = self._started(options, environment)
        assert line, f"the store did not start: {self.log.read_text()}"
        said = json.loads(line)
        self.url: str = said["url"]
        self.page: str = said["page"]
        self.pid: int = said["pid"]
        self.token: str = said["token"]
        self._as_described = as_described
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-Auth-Token"] = self.token
        self.session.headers["Accept"] = "application/json"

    def _forked(self, options: Sequence[str], environment: Mapping[str, str]) -> tuple[Forked, str]:
        said = self.data.with_name(f"{self.data.name}.said")
        posix.mkfifo(said)
        self.log.touch()
        process = Forked(
            "pipeline.localstore", self._arguments(options), environment, said, self.log
        )
        # Opening it waits for the other side to do so.
        with said.open(encoding="utf-8") as stdout:
            said.unlink()
            return process, stdout.readline()

    def _started(
        self, options: Sequence[str], environment: Mapping[str, str]
    ) -> tuple[subprocess.Popen[bytes], str]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "pipeline.localstore", *self._arguments(options)],
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                cwd=ROOT,
            )
        assert process.stdout is not None
        with process.stdout as stdout:
            return process, stdout.readline().decode()

    def _arguments(self, options: Sequence[str]) -> list[str]:
        return ["--data", str(self.data), *options]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        """End it as a service manager would; return its exit status."""
        self.session.close()
        self.process.terminate()
        return self.process.wait(60)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.session.close()
        self.process.send_signal(posix.SIGKILL)
        self.process.wait(60)

    def forget_peak(self) -> None:
        """Begin anew to note its greatest resident size."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def memory(self) -> int:
        """Return its greatest resident size, in bytes, since its start or `forget_peak`."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", text)
        assert found is not None
        return int(found[1]) * 1024

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Make a request below `/v3`; its answer must be as the description has it."""
        options.setdefault("timeout", 30)
        answer = self.session.request(method, self.url + path, **options)
        if self._as_described:
            hold_to_description(method, path.partition("?")[0], answer)
        return answer

    def control(self, method: str, path: str, **options: Any) -> requests.Response:
        """Make a request to one of the routes outside the API, without a token."""
        headers = {"X-Auth-Token": None, "Accept": None}
        return self.session.request(
            method, self.page + path, headers=headers, timeout=30, **options
        )

    def keep_alive(self) -> socket.socket:
        """Keep the store alive, as a run does, until the connection is closed."""
        parts = urlsplit(self.page)
        kept = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)
        kept.sendall(b"GET /_hold HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert kept.recv(1) == b"H"
        return kept

    # What nearly every test does.

    def upload(
        self, product: int, content: bytes, name: str = "picture.png", **fields: str
    ) -> requests.Response:
        return self.call(
            "POST",
            f"/catalog/products/{product}/images",
            files={"image_file": (name, content)},
            data=fields,
        )

    def original(self, image: int) -> bytes:
        """The bytes that were uploaded for an image."""
        answer = self.control("GET", f"_originals/{image}")
        assert answer.status_code == 200
        return answer.content

    def images(self, product: int) -> list[dict[str, Any]]:
        answer = self.call("GET", f"/catalog/products/{product}/images?limit=250")
        if answer.status_code == 204:
            return []
        assert answer.status_code == 200
        data: list[dict[str, Any]] = answer.json()["data"]
        return data

    def put(self, product: int, image: int, **change: Any) -> requests.Response:
        return self.call("PUT", f"/catalog/products/{product}/images/{image}", json=change)

    def misbehave(self, *rules: dict[str, Any]) -> None:
        answer = self.control("PUT", "_faults", json=list(rules))
        assert answer.status_code == 200, answer.text

    def seen(self) -> list[dict[str, Any]]:
        requests_seen: list[dict[str, Any]] = self.control("GET", "_log").json()["requests"]
        return requests_seen


def refused_start(*options: str) -> str:
    """Start a store that must not come up; return what it says."""
    run = subprocess.run(
        [sys.executable, "-m", "pipeline.localstore", *options],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 2
    assert run.stdout == ""
    assert "Traceback" not in run.stderr
    return run.stderr


def hold_to_description(method: str, path: str, answer: requests.Response) -> None:
    """Compare an answer with the OpenAPI document that the store serves."""
    for template, item in DESCRIPTION["paths"].items():
        if re.fullmatch(re.sub(r"\{[^}]+\}", r"\\d+", template), path):
            operation = item.get("get" if method == "HEAD" else method.lower())
            break
    else:
        return
    if operation is None:
        assert answer.status_code in (405, 406)
        return
    described = operation["responses"].get(str(answer.status_code))
    assert described is not None, f"{answer.status_code} is not described: {answer.text}"
    described = _resolved(described)
    for name in described["headers"]:
        if "Rate-Limit" in name:
            assert answer.headers[name].isdigit()
    if "content" not in described or method == "HEAD":
        assert answer.content == b""
        return
    assert answer.headers["Content-Type"] == "application/json"
    schema = described["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator(
        {**schema, "components": DESCRIPTION["components"]},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    ).validate(answer.json())


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = DESCRIPTION
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node
