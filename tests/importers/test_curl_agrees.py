"""The real curl is the judge: what it sends for a command is what the reader says it sends."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator

import pytest

from authwizard.importers.curl import parse_curl
from authwizard.importers.shell_words import curl_words

pytestmark = pytest.mark.services
OWN = {"host", "user-agent", "accept", "content-length", "connection", "expect", "http2-settings"}
"""Fields every curl adds, in its version's own words."""
U = "http://127.0.0.1:{port}/x"
COMMANDS = (
    U, f"{U} -H 'A: 1' -H 'a: 2' -H 'Empty;' -H 'Gone:' -H 'nocolon' -H 'Sp:  two'", f"-u a:b:c {U}", f"-u a: {U}", f"--oauth2-bearer T {U}",
    f"--oauth2-bearer T -u a:b {U}", f"--oauth2-bearer T -u a:b --basic {U}", f"--digest -u a:b {U}", f"--ntlm -u a:b {U}", f"--anyauth -u a:b {U}",
    f"--no-basic -u a:b {U}", f"-u a:b -H 'authorization: mine' {U}", f"-u a:b -H 'Authorization:' {U}", "http://us%3aer:p%40ss@127.0.0.1:{port}/x",
    "http://user@127.0.0.1:{port}/x", "127.0.0.1:{port}", "127.0.0.1:{port}?a=b", "'http://127.0.0.1:{port}/{{id}}/[1-3]?a#b'",
    "-g 'http://127.0.0.1:{port}/{{id}}'", "http://127.0.0.1:{port}/a/../b/./c/..", "--path-as-is http://127.0.0.1:{port}/a/../b",
    "http://127.0.0.1:{port}/é?ü=1", f"{U} -d a=1 -d b=2", f"{U} -d ''", f"{U} -d a -X GET", f"{U} -X patch -d a -H 'Content-Type: text/x'",
    f"{U} -d a -H 'Content-Type:'", f"{U} --data-raw @a", f"{U} --data-urlencode 'q=a b+c~é/' --data-urlencode '=&=' --data-urlencode 'x y'",
    f"{U} --json a --json b -d c", f"{U} -d a --json b", f"{U} --json a -H 'content-type: text/y'", f"-G {U}?z=1 -d a=1 --data-urlencode 'b=c d'",
    f"-G '{U}?' -d a", f"-GI {U} -d a", f"-I {U}", f"{U} -b a=1 -b 'b=2; c=3'", f"{U} -b a=1 -H 'Cookie: d=4'", f"{U} -b ''", f"{U} -A me -e 'http://r;auto'",
    f"{U} -A me -H 'User-Agent: you'", f"{U} -r 0-9", f"{U} -C 5", f"{U} --tr-encoding", f"{U} --http2", f"{U} -F a=b -F 'c={{{{}}}};type=application/json'",
    f"{U} --form-string 'a=@b;type=c' -X PUT", f"{U} --url-query 'a=b c' --url-query +d=%20", f"-sSvkLi0 {U}", f"--head {U} -X GET",
    f"{U} $'-H' $'X: \\u00e9\\x41'", f'{U} -H "X: say \\"hi\\" \\\\ there"',
)  # fmt: skip


class Recorder:
    """Answers one request a connection with an empty 200 and keeps what came."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.seen: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                self.seen.append(self._read(connection))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length is not None and len(body) < int(length[1]):
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def recorder(needs: Callable[..., None]) -> Iterator[Recorder]:
    needs("curl")
    made = Recorder()
    yield made
    made.close()


def fields(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((name.lower(), value.strip()) for name, value in headers if name.lower() not in OWN)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_reader_says_what_curl_sends(command: str, recorder: Recorder, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = f"curl {command.format(port=recorder.port)}"
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path_factory.getbasetemp())}
    recorder.seen.clear()
    arguments = ["curl", "-q", "-sS", "-o", os.devnull, "--noproxy", "*", "-m", "10", *curl_words(text)]
    subprocess.run(arguments, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=20)
    assert recorder.seen, "curl sent nothing"
    head, _, body = recorder.seen[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    sent = fields([(name, value) for name, _, value in (line.partition(":") for line in lines)])

    said = parse_curl(text)
    path = re.sub(r"^http://[^/?#]+", "", said.url) or "/"
    assert (said.method, path if path.startswith("/") else f"/{path}") == (method, target)
    boundary = re.search(r"boundary=(\S+)", dict(sent).get("content-type", ""))
    own = re.search(r"boundary=(\S+)", said.header("content-type") or "")
    rename = {own[1]: boundary[1]} if own and boundary else {}
    for old, new in rename.items():
        assert (said.body or b"").replace(old.encode(), new.encode()) == body
        assert [(n, v.replace(old, new)) for n, v in fields(said.headers)] == sent
    if not rename:
        assert fields(said.headers) == sent
        if "--digest" not in command and "--ntlm" not in command:
            assert (said.body or b"") == body
