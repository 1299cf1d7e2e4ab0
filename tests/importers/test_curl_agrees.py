"""The real curl is the judge: what it sends for a command is what the reader says it sends."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from authwizard.importers.curl import parse_curl
from authwizard.importers.curl_body import BOUNDARY
from authwizard.importers.request import ImportedRequest

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
    f"{U} $'-H' $'X: \\u00e9\\x41'", f'{U} -H "X: say \\"hi\\" \\\\ there"', "http:/127.0.0.1:{port}/x?f[]=1", "http:///127.0.0.1:{port}/x?",
    "'http://127.0.0.1:{port}/\\{{x\\}}/{{a\\,b,c}}/[07-9:2]'", f"-G '{U}?a&' -d b --data-urlencode 'c=É/' --url-query d", f"{U} --url-query d=É",
    f"-G {U} -d 'a#b'", f"-G {U}?a -d ''", f"{U} -X M-SEARCH", f"-b a=b --next {U}", f"-:s {U}", f"{U} -:s -d x", f"{U} --request-target '/y?z'",
    f"{U} -z 'Tue, 01 Jan 2030 00:00:00 GMT'", f"{U} -z '-Tue, 01 Jan 2030 00:00:00 +0100'", f"{U} -H ':authority: x' -H 'X; ' -H 'Content-Type; ' -d a",
    f"{U} -F a=b -H 'Content-Type: multipart/mixed'", f"{U} -F a=b -H 'Content-Type: multipart/form-data'",
    f"""{U} -F 'a="b;\\"c"d;filename="q;r";type=x/y; charset=z;headers="X: y"' -F 'e= f;unknown=g' -F '=h' -F 'i"j=k'""",
    f"{U} -d $'\\xc3\\xa9\\303\\251\\ud83d\\cA\\E\\q' -d $'a\\0b'c -d $\"x\"",
    f"{U} -r 5 -d abc", f"{U} -r 5 --json ''", f"{U} -r 0-9 -F a=b", f"{U} -r 5 -C 3", f"{U} -C - -d a", f"{U} -H $'A:\\t\\u00a0' -H $'B: \\v'",
    f"{U} -F $'a=\\u00a0b\\u00a0;type=t/x'",
    f"{U} -r 5", f"{U} -r 7,9", f"{U} -r a5", f"{U} -r ''", f"{U} --tr-encoding -H 'Connection: a' -H 'connection: b'", f"{U} --tr-encoding -H 'Connection;'",
    f"{U} --digest -u a:b -d x=y", f"{U} --ntlm -u a:b -F x=y", f"{U} --negotiate -u : -d x", f"{U} --anyauth -u a:b -d x", f"{U} --digest -d x",
    f"{U} -F 'a=x;type=text/html;charset=u' -F 'b=x; type=t/x; charset=\"u\" ;filename=y.JPG' -F 'c=x;filename=z.pdf'",
    f"{U} -F a=@empty.bin -F 'b=@empty.bin;filename=x.html' -F 'c=<empty.txt;filename=y.json' -F 'd=@\"empty.txt\";filename=w'",
    f"{U} --form-escape -F 'a\"\\b=c'", "-T empty.txt http://127.0.0.1:{port}", "-T ./empty.txt 'http://127.0.0.1:{port}/a/?q=1'", f"-T empty.txt {U}",
    f"-T '[x]' {U}/ -g", f"-X POST -T empty.txt {U} -H 'Content-Type: a/b'", f"{U} -T ''", f"{U} --digest -u a:b -T empty.txt",
    "http://127.0.0.1:{port}/{{a,b}}", f"-d {{{{\"a\":1,\"b\":2}}}} --url {U}", f"{U} -H A:{{{{b}}}} -H B:{{{{c,}}}} -H C:{{{{3..1}}}} -H 'D:{{{{e,f}}}}'",
    f"{U} -H \\{{{{G:h,i}}}}",
    f"{U} -H A:{{{{a,b{{{{c,d}}}}}}}}{{{{01..3..2}}}} -H {{{{x..z}}}}:1", f"{U} -d '{{{{ \\\n}}}}' \\\n -H 'A: b'", f"{U} --upload ''",
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
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5)
                self.seen.append(self._read(connection))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data and (more := connection.recv(65536)):
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length is not None and len(body) < int(length[1]) and (more := connection.recv(65536)):
            body += more
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


def read_from(tmp: Path, recorder: Recorder, text: str) -> bytes | None:
    """Run a text with bash, with the real curl told to stay on this machine; return the first request it sent."""
    wrapper = tmp / "curl"
    if not wrapper.exists():
        options = f"-q -sS -o {os.devnull} --noproxy '*' -m 10 --connect-to ::127.0.0.1:{recorder.port}"
        wrapper.write_text(f'#!/bin/sh\nexec "{shutil.which("curl")}" {options} "$@"\n')
        wrapper.chmod(0o755)
    recorder.seen.clear()
    environ = {"PATH": f"{tmp}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp), "LC_ALL": "C.UTF-8"}
    subprocess.run(["bash", "-c", text], env=environ, cwd=tmp, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=20)
    return recorder.seen[0] if recorder.seen else None


def assert_same(said: ImportedRequest, seen: bytes, text: str) -> None:
    head, _, body = seen.partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    method, target, _ = first.split(" ")
    sent = fields([(name, value) for name, _, value in (line.partition(":") for line in lines)])
    path = re.sub(r"^http://[^/?#]+", "", said.url) or "/"
    assert (said.method, path if path.startswith("/") else f"/{path}") == (method, target), text
    boundary = re.search(r"boundary=(-+\w+)$", dict(sent).get("content-type", ""))
    own = BOUNDARY.encode()
    assert fields([(n, v.replace(BOUNDARY, boundary[1]) if boundary else v) for n, v in said.headers]) == sent, text
    assert (said.body or b"").replace(own, boundary[1].encode() if boundary else own) == body, text


@pytest.mark.parametrize("command", COMMANDS)
def test_the_reader_says_what_curl_sends(command: str, recorder: Recorder, tmp_path: Path) -> None:
    text = f"curl {command.format(port=recorder.port)}"
    for name in ("empty.txt", "empty.bin", "[x]"):
        (tmp_path / name).touch()
    seen = read_from(tmp_path, recorder, text)
    assert seen is not None, "curl sent nothing"
    assert_same(parse_curl(text), seen, text)


@pytest.mark.parametrize(
    "text",
    [
        'curl -d @- http://h.example/x <<EOF\n{"a": "b\\n\\"c\\"",\n \'d\': \\$e \\\\}\nEOF\n',
        "curl --data-binary @- http://h.example/x <<'EOF' -H 'X: y'\n$b `c`\n \\\\\nEOF\necho done",
        "curl --json @- http://h.example/x <<-END | cat\n\t{\n\t\t}\n\tEND",
        'curl http://h.example/x --data-urlencode n@- -H "X: y" <<"X"\na b\nX',
        "curl -H 'A: <<EOF' -d 'b\nEOF\nc' http://h.example/x",
        "curl -d @- http://h.example/x <<\\END-1 ; true\n$b\nEND-1\n",
        'curl --data-binary @- <<< {"a":1,"b":"c d"} -H "X: y" http://h.example/x',
        "curl --json @- http://h.example/x <<< 'a  b'",
        "echo -n 'a=b' | curl -d @- http://h.example/x -d c",
        "echo 'a=b'  c | curl --data-binary @- http://h.example/x",
        "printf %s 'a|curl b' | curl --data-binary @- http://h.example/x",
        "cat <<EOF | curl -d @- http://h.example/x\na\nEOF\n",
        'curl -K - -H \'A: b\' <<\'EOF\'\n# who\nuser = "u:p\\tq"\n-d x y\nheader: "B: \\"c\\""\n\n  silent\nurl=http://h.example/x\nEOF\n',
        "curl -d a http://h.example/x -d b\\\t",
        "curl -d a http://h.example/x -d b \\\n",
        "echo 'user = u:p' | curl -K - http://h.example/x",
    ],
)
def test_what_the_shell_feeds_to_curl_is_read(text: str, recorder: Recorder, tmp_path: Path) -> None:
    seen = read_from(tmp_path, recorder, text)
    assert seen is not None, "curl sent nothing"
    assert_same(parse_curl(text), seen, text)


VALUES = (
    "a", "a=b", "x y", "it's", 'say "hi"', "back\\slash", "é", "日本", "$5", "100%", "a&b=c", "{}", "[1]", "tab\there", "nl\nline", "semi;colon", "#hash",
    "~", "*", "!bang", "`tick`", "", "=", "%20", "k: v", "\\n", "^caret", "'", '"', "\\", "$(id)", '{"a":[1,"b"]}', "a=b;type=text/x", '"q;r";type=t/x',
)  # fmt: skip
HEADERS = ("X-A", "Authorization", "authorization", "Cookie", "Content-Type", "User-Agent", "Referer", "Accept-Encoding", "Connection")
HOSTS = (
    "h.example",
    "127.0.0.1",
    "a.b.example:81",
    "H.Example",
    "[::1]:90",
    "u:p@h.example",
    "u@h.example",
    "u%40x:p%3A@h.example",
    ":p@[::1]",
    "u:p:q@h",
)
PATHS = (
    "",
    "/",
    "/x",
    "/a/../b",
    "/./x",
    "/a%20b",
    "//x",
    "/a/..",
    "/é",
    "/[1-3]",
    "/{a,b}",
    "/x y",
    "/{}",
    "/a|b",
    "/a\\b",
    "/...",
    "/a/%2e%2e/b",
    "/<id>",
)
QUERIES = ("", "", "?a=b", "?", "?q=é", "?a=b?c", "?x={y}", "?f[]=1", "?a#f", "#f", "?a=b&", "?a%5B%5D=1", "?a=b c", "?d=<e>")
FLAGS = (
    "-G", "-I", "-L", "-k", "-skv", "-g", "--path-as-is", "--compressed", "--tr-encoding", "--http2", "-0", "--basic", "--no-basic", "--anyauth",
    "--no-compressed", "--no-keepalive", "-N", "--next", "2>&1", "> /dev/null", "-m 5", "--retry 0", "-c /dev/null", "--max-redirs 2",
)  # fmt: skip


def quoted(text: str, chance: random.Random) -> str:
    """Write a word in one of the ways bash knows."""
    way = chance.randrange(4)
    if way == 0 or not text:
        return "'" + text.replace("'", "'\\''") + "'"
    if way == 1:
        return '"' + re.sub(r'([\\"$`])', r"\\\1", text) + '"'
    if way == 2:
        return "$'" + "".join(in_ansi_c(char, chance) for char in text) + "'"
    return "".join(char if re.match(r"[\w./:=@,+-]", char, re.ASCII) else "'\n'" if char == "\n" else f"\\{char}" for char in text)


def in_ansi_c(char: str, chance: random.Random) -> str:
    if char in "'\\":
        return f"\\{char}"
    data = char.encode()
    ways = [
        char,
        "".join(f"\\x{byte:02x}" for byte in data),
        "".join(f"\\{byte:03o}" for byte in data),
        f"\\u{ord(char):04x}",
        f"\\U{ord(char):08x}",
    ]
    return chance.choice(ways if chance.random() < 0.2 else ways[:1])


def an_option(chance: random.Random) -> str:
    value = chance.choice(VALUES)
    if chance.random() < 0.3:
        return chance.choice(FLAGS)
    name, text = chance.choice(
        [
            ("-d", value), ("--data-raw", value), ("--data-urlencode", value), ("--data-bin", value), ("--json", value), ("-F", f"a={value}"),
            ("--form-string", f"b={value}"), ("--url-query", value), ("-u", chance.choice(["u:p", "u:", "u", "u:p:q", ":p", "é:ü", "d\\u:p"])),
            ("--oauth2-bearer", chance.choice(["T", "a b"])), ("-A", value.replace("\n", " ")), ("-e", chance.choice(["http://r", "r;auto", ";auto"])),
            ("-b", chance.choice(["a=b", "a=b; c=d", "=", "a=b;", "é=ü"])), ("-X", chance.choice(["GET", "put", "PATCH", "HEAD", "M-SEARCH", "A_B"])),
            *[("-H", chance.choice(HEADERS) + chance.choice([";", ":", ":  ", *(before + value.replace("\n", " ") for before in (":", ": "))]))] * 5,
        ]
    )  # fmt: skip
    return f"{name}{chance.choice(['', ' ']) if len(name) == 2 and text else ' '}{quoted(text, chance)}"


def a_command(chance: random.Random) -> str:
    address = "http://h.example/x" if chance.random() < 0.5 else ""
    address = address or chance.choice(["http://", "HTTP://", "", "http:/"]) + chance.choice(HOSTS) + chance.choice(PATHS) + chance.choice(
        QUERIES
    )
    words = [an_option(chance) for _ in range(chance.randint(0, 5))]
    words.insert(chance.randint(0, len(words)), f"{chance.choice(['', '--url '])}{quoted(address, chance)}")
    parted = [chance.choice([" ", " ", " \\\n  ", "\t"]) + word for word in words]
    return (
        chance.choice(["", "", "# a remark\n", "A='b c' "])
        + "curl"
        + "".join(parted)
        + chance.choice(["", "", " | cat", " # why", "; true"])
    )


def test_generated_commands_are_read_as_bash_and_curl_read_them(recorder: Recorder, tmp_path: Path) -> None:
    chance = random.Random(20)
    read = 0
    for _ in range(300):
        text = a_command(chance)
        seen = read_from(tmp_path, recorder, text)
        if seen is None:
            continue
        assert_same(parse_curl(text), seen, text)
        read += 1
    assert read > 150
