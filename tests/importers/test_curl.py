"""A curl command is read as curl would send it, or refused with the reason; never wrong in silence."""

from __future__ import annotations

import base64
import contextlib
import time

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers import shell_words
from authwizard.importers.curl import NTLM_FIRST, is_curl, parse_curl
from authwizard.importers.curl_body import BOUNDARY
from authwizard.importers.curl_options import LONG, SHORT, long_option
from authwizard.importers.shell_words import split

A = "https://a.example.com/x"
FORM = "application/x-www-form-urlencoded"


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


def test_a_plain_get() -> None:
    request = parse_curl("curl https://api.example.com/v2/orders -H 'Authorization: Bearer abc'")
    assert (request.method, request.url, request.headers, request.body, request.notes) == (
        "GET", "https://api.example.com/v2/orders", [("Authorization", "Bearer abc")], None, (),
    )  # fmt: skip


def test_continuation_lines_and_double_quotes() -> None:
    request = parse_curl('curl -sS \\\n  -X PUT \\\n  -H "X-A: say \\"hi\\"" \\\n  "https://api.example.com/a?b=c"')
    assert (request.method, request.url, request.headers) == ("PUT", "https://api.example.com/a?b=c", [("X-A", 'say "hi"')])


@pytest.mark.parametrize(
    "before",
    [
        "",
        "$ ",
        "# what I ran\n",
        "#!/bin/sh\n\n",
        "PS C:\\Users\\me> ",
        "TOKEN=x A=b ",
        "A='b c' ",
        "sudo ",
        "/usr/bin/",
        "\ufeff",
        "C:\\bin\\",
        "C:\\Users\\me>",
        "me@box:~/dir$ ",
        "root@box:/# ",
        "(venv) me@mac dir % ",
        "\u276f ",
        "\u279c  api git:(main) \u2717 ",
        "> ",
        "```sh\n",
        "`",
    ],
)
def test_what_stands_before_the_command_is_passed_over(before: str) -> None:
    text = f"{before}curl{'.exe' if 'C:' in before else ''} {A}{'`' if '`' in before else ''}"
    assert is_curl(text)
    assert parse_curl(text).url == A


@pytest.mark.parametrize("text", ["curling is a sport", "wget https://a.example.com", "GET / HTTP/1.1", "", "eyJhbGciOi.curl"])
def test_other_text_is_no_curl_command(text: str) -> None:
    assert not is_curl(text)
    with pytest.raises(ValueError, match="does not begin with curl"):
        parse_curl(text)


# ── the body ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "body", "kind"),
    [
        ("-d a=1 -d b=2", "a=1&b=2", FORM),
        ("--data-raw @x", "@x", FORM),
        ("-d ''", "", FORM),
        ("--data-urlencode 'q=a b+c~é'", "q=a+b%2Bc~%C3%A9", FORM),
        ("--data-urlencode '=a b'", "a+b", FORM),
        ("--data-urlencode 'a b'", "a+b", FORM),
        ("--json '{\"a\":1}'", '{"a":1}', "application/json"),
        ("-d a --json b", "ab", "application/json"),
        ("--json a -d b", "a&b", "application/json"),
        ("--json {} -H 'content-type: application/merge-patch+json'", "{}", "application/merge-patch+json"),
    ],
)
def test_the_body(options: str, body: str, kind: str) -> None:
    request = parse_curl(f"curl {A} {options}")
    assert (request.method, request.body, request.header("content-type")) == ("POST", body.encode(), kind)


def test_a_body_without_its_content_type() -> None:
    request = parse_curl(f"curl {A} -d a -H 'Content-Type:' -X PATCH")
    assert (request.method, request.header("content-type"), request.body) == ("PATCH", None, b"a")


def test_a_form_in_parts() -> None:
    request = parse_curl(f"curl {A} -F name=x -F 'doc={{}};type=application/json' --form-string 'raw=@y;type=z' -F file=@/tmp/a.txt")
    assert request.method == "POST"
    assert request.header("content-type") == f"multipart/form-data; boundary={BOUNDARY}"
    assert request.body is not None
    parts = request.body.decode().split(f"--{BOUNDARY}")
    assert parts[1] == '\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n'
    assert parts[2] == '\r\nContent-Disposition: form-data; name="doc"\r\nContent-Type: application/json\r\n\r\n{}\r\n'
    assert parts[3].endswith('name="raw"\r\n\r\n@y;type=z\r\n')
    assert 'filename="a.txt"' in parts[4]
    assert parts[5] == "--\r\n"
    assert any("from a file" in note for note in request.notes)


@pytest.mark.parametrize("options", ["-d @body.json", "--data-urlencode @file", "--data-urlencode n@file", "--data-binary @-", "--json @x"])
def test_a_file_is_not_read_and_that_is_said(options: str) -> None:
    request = parse_curl(f"curl {A} {options}")
    assert request.method == "POST"
    assert "file" in " ".join(request.notes)
    assert b"body.json" not in (request.body or b"")


# ── the address ──────────────────────────────────────────────────────────────────────────────────────────────────────


@for_each(
    ("words", "url"),
    [
        ("a.example.com", "http://a.example.com"),
        ("a.example.com?x=1", "http://a.example.com?x=1"),
        ("--proto-default https a.example.com", "https://a.example.com"),
        ("'HTTPS://A.example.com/X#part'", "https://A.example.com/X"),
        ("https://a.example.com/a/../b/./c", "https://a.example.com/b/c"),
        ("--path-as-is https://a.example.com/a/../b", "https://a.example.com/a/../b"),
        ("'https://a.example.com/{id}/[1-3]'", "https://a.example.com/id/1"),
        ("-g 'https://a.example.com/{id}?f[0]=1'", "https://a.example.com/{id}?f[0]=1"),
        ("'http://[::1]:8080/x'", "http://[::1]:8080/x"),
        ("https://a.example.com/é", "https://a.example.com/%c3%a9"),
        ("-G https://a.example.com/x?a=1 --data-urlencode 'q=a b'", "https://a.example.com/x?a=1&q=a+b"),
        ("-G 'https://a.example.com/x?' -d a", "https://a.example.com/x?a"),
        ("https://a.example.com/x --url-query 'a=b c' --url-query +d=%20", "https://a.example.com/x?a=b+c&d=%20"),
        ("--url https://a.example.com/x", A),
        ("https:/a.example.com/x", A),
        ("'https://a.example.com/x?f[]=1'", "https://a.example.com/x?f[]=1"),
        ("'https://a.example.com/\\{id\\}/{a\\,b,c}'", "https://a.example.com/{id}/a,b"),
        ("-G https://a.example.com/x --data-urlencode 'q=a/b' --url-query c", "https://a.example.com/x?q=a%2fb"),
        ("--request-target /y?z https://a.example.com/x", "https://a.example.com/y?z"),
        ("https://a.example.com/x?a=1&b=<id> -s", "https://a.example.com/x?a=1&b=<id>"),
        ("'https://a.example.com/x'?a=1\\&b=2&c=3 -s", "https://a.example.com/x?a=1&b=2&c=3"),
        ("https://a.example.com/x;v=1?a=1;b=2 -s; echo x", "https://a.example.com/x;v=1?a=1;b=2"),
        ("a.example.com/x?a=1&b=2 -s", "http://a.example.com/x?a=1&b=2"),
    ],
)
def test_the_address(words: str, url: str) -> None:
    request = parse_curl(f"curl {words}")
    assert (request.url, request.method, request.body) == (url, "GET", None)


def test_of_several_requests_the_first_is_read_and_that_is_said() -> None:
    several = parse_curl(f"curl {A} https://b.example.com")
    assert (several.url, several.urls, several.notes) == (A, 2, ("The command names 2 URLs; the first was read.",))
    following = parse_curl(f"curl {A} -H 'X: 1' --next https://b.example.com -d x")
    assert (following.method, following.headers) == ("GET", [("X", "1")])
    assert "--next" in following.notes[0]


# ── the credential ───────────────────────────────────────────────────────────────────────────────────────────────────


@for_each(
    ("words", "value"),
    [
        (f"-u user:pa:ss {A}", basic("user:pa:ss")),
        (f"-uuser:pass {A}", basic("user:pass")),
        ("https://us%3aer:p%40ss@a.example.com/", basic("us:er:p@ss")),
        ("https://user:pa%3Ass@a.example.com/ -u user:other", basic("user:other")),
        ("https://user@a.example.com/", basic("user:")),
        (f"-u a:b --no-basic {A}", basic("a:b")),
        (f"--oauth2-bearer T {A}", "Bearer T"),
        (f"--oauth2-bearer T -u a:b {A}", "Bearer T"),
        (f"-u a:b --ntlm {A}", NTLM_FIRST),
        (f"-u a:b -H 'authorization: X y' {A}", "X y"),
        (f"-u a:b -H 'Authorization:' {A}", None),
        (f"-u a:b --digest {A}", None),
        (f"-u a:b --anyauth {A}", None),
        (f"-u a:b --oauth2-bearer T --basic {A}", None),
    ],
)
def test_the_credential_of_the_first_request(words: str, value: str | None) -> None:
    assert parse_curl(f"curl {words}").header("Authorization") == value


def test_a_login_that_waits_for_the_challenge_is_kept_apart_and_said() -> None:
    request = parse_curl(f"curl --digest -u a:b {A}")
    assert (request.login, request.login_by) == ("a:b", "digest")
    assert "without a credential" in request.notes[0]
    assert "a:b" not in " ".join(request.notes)


def test_a_user_name_alone_is_marked() -> None:
    assert parse_curl(f"curl -u name {A}").asks_password
    assert not parse_curl(f"curl -u name: {A}").asks_password


def test_cookies_and_the_fields_that_options_make() -> None:
    request = parse_curl(f"curl {A} -b a=1 -b 'b=2; c=3' -A me -e 'http://r;auto' -r 0-9 --compressed -H 'X-Empty;' -H 'nocolon'")
    assert dict(request.headers) == {
        "X-Empty": "", "User-Agent": "me", "Referer": "http://r", "Cookie": "a=1;b=2; c=3", "Range": "bytes=0-9",
        "Accept-Encoding": "deflate, gzip, br, zstd",
    }  # fmt: skip
    assert request.notes == ("A header (-H) has no colon, so curl does not send it.",)
    assert parse_curl(f"curl {A} -H 'Cookie: a=1' -b b=2").headers == [("Cookie", "a=1")]
    assert dict(parse_curl(f"curl {A} -z 'Tue, 01 Jan 2030 01:00:00 +0100'").headers) == {
        "If-Modified-Since": "Tue, 01 Jan 2030 00:00:00 GMT"
    }
    assert "no HTTP date" in parse_curl(f"curl {A} -z yesterday").notes[0]
    assert "blank around" in parse_curl(f"curl {A} -H 'Authorization : x'").notes[0]
    assert "no name" in parse_curl(f"curl {A} -H ':authority: x'").notes[0]
    assert "file" in parse_curl(f"curl {A} -b cookies.txt").notes[0]
    assert "netrc" in parse_curl(f"curl -n {A}").notes[0]
    assert parse_curl("curl --http2 http://a.example.com").header("Upgrade") == "h2c"


# ── the shell ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "value"),
    [
        ('curl "https://a.example.com/x" ^\n  -H "A: b" ^\n  -H "X-P: a^&b"', "a&b"),
        ('curl ^"https://a.example.com/x^" ^\r\n  -H ^"X-P: ^{^\\^"a^\\^": ^\\^"^%^20^$^`\\\\n^\\^"^}^" ^\r\n -s', '{"a": "%20$`\\n"}'),
        ('curl "https://a.example.com/x" ^\n -H "X-P: a^b^" -s', "a^b^"),
        ('curl "https://a.example.com/x" ^\n -H "X-P: {""a"":\\"b\\\\d\\"}"', '{"a":"b\\\\d"}'),
        ('curl ^"https://a.example.com/x^" -H ^"X-P: a^\n\nb^"', "a\nb"),
        ('curl "https://a.example.com/x" -H "A: b" -H "X-P: {""a"":""50"%"20\\\\n""}"', '{"a":"50%20\\n"}'),
        ('curl "https://a.example.com/x" ^\n  -H "X-P: ^{a^\n\nb^}"', "{a\nb}"),
        ('curl https://a.example.com/x ^\n -H "X-P: it\'s & so" & echo done', "it's & so"),
    ],
)
def test_windows_carets(command: str, value: str) -> None:
    request = parse_curl(command)
    assert (request.url, request.header("X-P")) == (A, value)


def test_a_caret_in_single_quotes_is_no_windows_command() -> None:
    assert parse_curl(f"""curl {A} -d '{{"re": "^"}}'""").body == b'{"re": "^"}'


def test_powershell() -> None:
    request = parse_curl(f'PS C:\\> curl.exe {A} `\n  -H "X-A: say `"hi`"" `\r\n  -d x')
    assert (request.header("X-A"), request.body) == ('say "hi"', b"x")


@pytest.mark.parametrize(
    "text",
    [
        f"curl {A} \\ \n -H 'X: y'", f"curl {A}\n  -H 'X: y'", f"curl -H 'X: y'\n  '{A}'\n", f"curl -H 'X: y' {A} \\\n\n",
        f"T=$(curl {A} -H 'X: y' | jq -r .t)",
        f'export T="$(curl -s {A} -H \'X: y\')"\necho $T', f"curl {A} 2>/dev/null -H 'X: y' > out.txt", f"curl {A} &> /dev/null -H 'X: y' && true",
    ],
)  # fmt: skip
def test_lines_and_redirections(text: str) -> None:
    request = parse_curl(text)
    assert (request.url, request.header("X"), request.urls) == (A, "y", 1)


def test_ansi_c_quotes() -> None:
    assert parse_curl("curl https://a.example.com -H $'X-A: it\\'s\\u0041'").headers == [("X-A", "it'sA")]
    assert parse_curl(f"curl {A} -d $'\\xc3\\xa9\\303\\251\\ud83d\\cA'$\"b\"").body == "éé".encode() + b"\xed\xa0\xbd\x01b"


def test_what_follows_a_pipe_is_not_the_commands() -> None:
    assert split("curl -v https://a.example.com 2>&1 | grep -i auth") == ["curl", "-v", "https://a.example.com"]


@for_each(
    ("command", "reason"),
    [
        ('curl -H "Authorization: Bearer $TOKEN" https://a.example.com', "shell variable TOKEN"),
        ('curl -H "Authorization: Basic $(echo -n a:b | base64)" https://a.example.com', "runs another command"),
        ("curl -d @- https://a.example.com <<EOF\n$TOKEN\nEOF", "shell variable TOKEN"),
        ('curl -d "pa$5word" https://a.example.com', "single quotes"),
        ("curl \u2013X POST https://a.example.com", "long dash"),
        ("curl \u201chttps://a.example.com\u201d", "curly quotes"),
        ("curl https://me:p@ss@a.example.com", "%40"),
        ("curl ftp.example.com/x", "ftp"),
        ("curl -G -d 'a b' https://a.example.com", "%20"),
        ("curl --request-target '*' https://a.example.com", "no path"),
        ("curl 'https://a.example.com/[3-1]'", "-g"),
        ("curl https://a.example.com --unknown-thing x", "--unknown-thing"),
        ("curl https://a.example.com --dat x", "ambiguous"),
        ("curl https://a.example.com -Ĳ", "not understood"),
        ("curl -H 'X: y'", "no URL"),
        ("curl 'https://a.example.com", "not closed"),
        ("curl -H", "lacks its value"),
        ("curl 'https://a.example.com/a b'", "%20"),
        ("curl 'https://a.example.com/[x'", "-g"),
        ("curl ftp://a.example.com/", "ftp"),
        ("curl 'https://{{host}}/x'", "placeholder"),
        ("curl 'https://$HOST/x'", "single quotes"),
        ("curl a.example.com:?x", "host and port"),
        ("curl https://a.example.com:port/", "host and port"),
        ("curl -T f -d x https://a.example.com/", "uploads a file"),
        ("curl -K - https://a.example.com/ <<< 'user = \"a:b'", "not closed"),
        ("curl -K - https://a.example.com/ <<< 'user ='", "lacks its value"),
        ("curl -K - https://a.example.com/ <<< '=x'", "names no option"),
        ("curl --httpsig-key k https://a.example.com/", "--httpsig"),
        ("curl --variable T=x --expand-url 'https://a.example.com/{{T}}'", "values filled in"),
        ("curl --silent=yes https://a.example.com/", "takes no value"),
        ("curl -H @<(echo 'X: y') https://a.example.com/", "<(...)"),
        ("curl -d {1..999} https://a.example.com/", "more than a hundred words"),
        ("curl -F 'a=(b)' https://a.example.com/", "--form-string"),
        ("curl -F 'a=b;type=c' https://a.example.com/", "media type"),
        ("curl -F 'a=b;encoder=base64' https://a.example.com/", "encoder="),
        ("curl https://a.example.com/\necho done", "second command"),
        ('curl -Uri https://a.example.com/ -Headers @{"X"="y"}', "PowerShell"),
        ("curl -K f https://a.example.com/", "from a file"),
        ("curl --aws-sigv4 aws:amz https://a.example.com/", "AWS"),
        ("curl -X 'A B' https://a.example.com/", "no HTTP method"),
        ("curl -X $'A\\nB' https://a.example.com/", "no HTTP method"),
        ("curl -X '' https://a.example.com/", "no HTTP method"),
        ("curl -I -d x https://a.example.com/", "refuses"),
        ("curl -F a=b -d x https://a.example.com/", "refuses"),
        ("curl -F noname https://a.example.com/", "form field"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_reason(command: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z]") as caught:
        parse_curl(command)
    assert reason in str(caught.value)


@for_each(
    ("command", "remark"),
    [
        (f"curl {A}\n  -H 'X: y'", shell_words.NOT_CONTINUED),
        (f"curl {A} \\ \n  -H 'X: y'", shell_words.NOT_CONTINUED),
        (f"curl -H 'X: y' {A}?a=1&b=2", shell_words.GLUED),
        (f"curl -H 'X: y' {A}/(id)", shell_words.GLUED),
        (f"curl -H 'X: y' {A} -d {{a,b}}", shell_words.TAKEN_APART),
        (f'curl -H \'X: y\' {A}\n{{"error": "no"}}\n', shell_words.BELOW),
        (f"curl -H 'X: y' {A} \\\n  # -d a\n  -H 'Z: z'", shell_words.BELOW),
        (f"curl -H 'X: y' {A} | jq .\ncurl {A}", shell_words.ONLY_FIRST),
        (f"curl -H 'X: y' {A} -d @- <<E\na\nE\ncurl {A}", shell_words.ONLY_FIRST),
        (f"curl -H 'X: y' {A} --etag-compare f", "ETag"),
        (f"curl -H 'X: y' {A} -d x --crlf", "--crlf"),
        (f"curl -H 'X: y' {A} --haproxy-protocol", "--haproxy-protocol"),
        (f"curl '--header=X: y' {A}", "8.16"),
        (f"curl -H 'X: y' {A} -T f", "not read"),
        (f"curl -H 'X: y' {A} -u a:b --ntlm -d x", "without credential and body"),
        (f"curl -H 'X: y' {A} -u a:b --digest -d x", "without credential and body"),
    ],
)
def test_what_a_shell_or_curl_does_otherwise_is_said(command: str, remark: str) -> None:
    request = parse_curl(command)
    assert (request.url[: len(A)], request.header("X"), request.header("Z")) == (A, "y", None)
    assert any(remark in note for note in request.notes), request.notes


@pytest.mark.parametrize("after", ["", "\n", " \\\n", " \\", " \\  ", "\n\n# done", "\n)", " | jq -r .a", " > out.txt", " # why"])
def test_nothing_is_remarked_of_a_plain_command(after: str) -> None:
    assert parse_curl(f"curl -H 'X: y' \\\n  '{A}?a=1&b={{c,d}}'{after}").notes == ()


@pytest.mark.parametrize(
    "command",
    [
        "curl --hheader='Authorization: Bearer s3cret' a.example.com",
        "curl -H 'Authorization: Bearer s3cret a.example.com",
        'curl -u "a:s3cret$(x)',
        "curl ${TOKEN:-s3cret} a.example.com",
        "curl a.example.com/${A/s3cret/b}?x=${9:-s3cret}",
        "curl -X $'s3cret\\n' a.example.com",
        "curl --silent=s3cret a.example.com",
        "curl -K - a.example.com <<< '=s3cret'",
        "curl a.example.com\ns3cret",
    ],
)
def test_a_reason_holds_nothing_of_a_value(command: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z]") as caught:
        parse_curl(command)
    assert "s3cret" not in str(caught.value)


def test_an_open_quote_is_placed() -> None:
    with pytest.raises(ValueError, match="double quote is not closed, behind -d") as caught:
        parse_curl(f"curl {A} -d 'don\\'t \"x'")
    assert "guards nothing" in str(caught.value)


def test_a_token_request_keeps_its_body_though_curl_sends_it_second() -> None:
    request = parse_curl(f"curl {A} --digest -u a:b -d grant_type=client_credentials")
    assert (request.is_token_request, request.body) == (True, b"grant_type=client_credentials")


def test_every_option_is_known_by_its_names_and_no_two_share_one() -> None:
    assert len(LONG) > 250
    assert {long_option(name)[0].long for name in LONG} == set(LONG)
    assert len({option.long for option in SHORT.values()}) == len(SHORT)
    assert long_option("no-keepalive") == (LONG["keepalive"], True)
    assert long_option("no-buffer")[0] is SHORT["N"]
    assert long_option("heade")[0].long == "header"
    assert (long_option("haproxy")[0].long, long_option("upload")[0].long) == ("haproxy-protocol", "upload-file")


def test_a_literal_substitution_in_single_quotes_stays_literal() -> None:
    assert parse_curl("curl https://a.example.com -H 'Authorization: Bearer $(cat t)'").headers == [("Authorization", "Bearer $(cat t)")]


def test_the_request_never_shows_itself() -> None:
    assert "s3cret" not in repr(parse_curl("curl https://a.example.com -H 'Authorization: Bearer s3cret' -u a:s3cret --digest"))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_curl("curl " + text)
    is_curl(text)


OPTION = st.sampled_from(sorted({f"--{name}" for name in LONG} | {f"-{letter}" for letter in SHORT}))


@given(st.lists(OPTION | st.sampled_from(["a=b", "@f", "a.example.com", "https://u:p@h/{a,b}", "x;type=y", "'", '"']), max_size=8))
def test_any_options_are_read_or_refused(words: list[str]) -> None:
    with contextlib.suppress(ValueError):
        parse_curl(f"curl {' '.join(words)}")


@pytest.mark.parametrize(
    "text", ["A=b " * 50_000 + "curl h", "curl h ^\n" + "-\n" * 50_000, "curl 'https://h/x'" + "&a" * 50_000, "$ " * 50_000 + "curl h"]
)
def test_a_long_text_is_read_at_once(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(ValueError):
        parse_curl(text)
    assert time.process_time() - began < 2
