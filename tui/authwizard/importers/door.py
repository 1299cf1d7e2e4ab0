"""The one door: says what a pasted text is and makes from it what a run needs, with secrets in memory only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Literal

from authwizard.importers.curl import is_curl, parse_curl
from authwizard.importers.foreign_command import COPY, other_program
from authwizard.importers.har import looks_like_har, read_har
from authwizard.importers.pasted_answer import read_pasted
from authwizard.importers.raw_http import is_masked, read_transcript
from authwizard.importers.request import ImportedRequest
from authwizard.importers.request_profile import api_profile, code_of, left_out, token_profile
from authwizard.importers.sent import exchange_of, read_logged, read_sent, reported_of
from authwizard.importers.terminal import command_and_output
from authwizard.importers.transcript import ImportedAnswer, Transcript
from authwizard.knowledge import explain
from authwizard.model.evidence import Baseline, Evidence, PastedCode, Reported
from authwizard.model.exchange import Exchange
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import CredentialSpec, Profile
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line
from authwizard.protocol.jose import inspect_token
from authwizard.protocol.redaction import Redactor

Kind = Literal["curl", "token request", "curl -v", "har", "response", "token", "url", "nothing"]
NAME = "pasted"
NO_NETWORK = frozenset({Cost.C0})
LONGEST_PATH = 1024
HELP = "Paste a curl command, curl -v or -i text, a HAR file, a raw response, a token or a URL."


@dataclass(frozen=True)
class Pasted:
    """What a text was recognised as. `problem` set = nothing can be run, and why."""

    kind: Kind
    sentence: str
    profile: Profile | None = None
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    options: RunOptions = field(default_factory=RunOptions)
    reported: Reported | None = None
    """The request and answer the user's own program had, where the text shows them."""
    answer: Exchange | None = None
    """A pasted answer that is judged in place of one the tool would ask for itself."""
    problem: str = ""
    code: PastedCode | None = None
    """What a pasted token request redeems, where its grant is one of a sign-in."""

    @property
    def given(self) -> tuple[Evidence, ...]:
        """Evidence that was brought along and is not looked for again."""
        answered = (Baseline(self.answer),) if self.answer is not None else ()
        return (*answered, self.code) if self.code is not None else answered


def recognise(text: str, options: RunOptions | None = None) -> Pasted:
    """Say what a pasted text is. Never raises: what cannot be used is a `problem` in one sentence, without the text."""
    base = options or RunOptions()
    stripped = text.strip().lstrip("\ufeff").strip()
    if not stripped:
        return _problem(f"Nothing was pasted. {HELP}")
    if is_curl(stripped):
        return _curl(stripped, base)
    if looks_like_har(stripped):
        return _har(stripped, base)
    logged = _logged(stripped, base)
    if logged is not None:
        return logged
    if _looks_like_http(stripped):
        return _transcript(stripped, base)
    if re.match(r"https?://\S+$", stripped, re.IGNORECASE):
        return _url(stripped, base)
    other = other_program(stripped)
    if other:
        return _problem(f"This is {other}, which is not read here. {COPY}")
    if _is_file_name(stripped):
        return _problem("This is the name of a file, not what is in it. Paste its text, or hand the file in: authwizard - < FILE")
    return (
        _address_alone(stripped, base)
        or _token(text, base)
        or _answer_alone(stripped, base)
        or _problem(f"This was not recognised. {HELP}")
    )


_NAMES_FILE = late_pattern(
    r"(?:~|\.{1,2})[/\\]\S.*|[A-Za-z]:\\\S.*|(?:/|[\w.-]+/)?\S(?:.*\S)?\.(?:har|json|ya?ml|txt|log|env|pem|sh|py)", re.IGNORECASE
)


def _is_file_name(text: str) -> bool:
    """Tell whether one line is a path: by its beginning or its ending, or since there is such a file."""
    if "\n" in text or len(text) > LONGEST_PATH:
        return False
    quoted = text[1:-1] if text[:1] == text[-1:] and text[:1] in "\"'" else text
    return _NAMES_FILE.fullmatch(quoted) is not None or (quoted.startswith("/") and Path(quoted).is_file())


def _problem(sentence: str) -> Pasted:
    return Pasted("nothing", "", problem=sentence)


def _looks_like_http(text: str) -> bool:
    return bool(re.search(r"^(?:[<>*] )?(?:HTTP/\d|[A-Z]{3,7} \S+ HTTP/\d)", text, re.MULTILINE))


def _curl(text: str, base: RunOptions) -> Pasted:
    try:
        request = parse_curl(text)
    except ValueError as error:
        seen = command_and_output(text)
        if seen is not None:
            return _seen(seen, "curl -v", "A curl command and what it printed", base)
        why = "it holds half a character, which nothing can send." if isinstance(error, UnicodeError) else safe_line(str(error))
        return _problem(f"This is a curl command, but it cannot be used as it is: {why}")
    if request.is_token_request:
        return _token_request(request, base)
    return _api_request(request, "curl", "A curl command", base, None)


def _token_request(request: ImportedRequest, base: RunOptions) -> Pasted:
    try:
        profile, secrets = token_profile(NAME, request)
    except ValueError as error:
        return _problem(f"This is a token request, but it cannot be tried: {error}")
    assert profile.oauth is not None
    where = safe_line(_bare(Redactor().redact_url(profile.oauth.token_url)))
    sentence = (
        f"A token request: {profile.oauth.grant} at {where}. It is sent as step 3, and no other request but, where the client is refused, "
        "the same with the client identified in another way."
    )
    if profile.oauth.grant == "refresh_token":
        sentence = f"A token request that spends a refresh token at {where}: it is sent only with your leave (--allow refresh), and once."
    code = code_of(request)
    if code is not None:
        what = "a device code" if profile.oauth.grant == "device_code" else "an authorization code"
        sentence = (
            f"A token request that redeems {what} at {where}: a code works once, so it is sent only with your leave (--allow refresh), and once; "
            "the tokens it brings stay in memory and end with authwizard."
        )
        secrets = {**secrets, **code.secrets}
    sentence += _remarks(request)
    return Pasted("token request", sentence, profile, secrets, replace(base, costs=base.costs - {Cost.C2, Cost.C3}), code=code)


def _api_request(request: ImportedRequest, kind: Kind, words: str, base: RunOptions, seen: Transcript | None) -> Pasted:
    try:
        profile, secrets = api_profile(NAME, request)
    except ValueError as error:
        return _problem(f"{words}, but it cannot be tried: {error}")
    what = _credential_words(profile, secrets)
    base = base if secrets else _without_credential(base)
    sentence = f"{words}: {safe_line(request.method)} {_address(profile)} with {what}.{_remarks(request)}"
    reported = None
    answer = seen.answer if seen is not None else None
    if seen is not None and answer is not None:
        sentence += f" It was answered with {answer.status}."
        reported = reported_of(seen, seen.source, None)
    failed = answer is not None and answer.status in (400, 401, 403)
    return Pasted(kind, sentence, profile, secrets, replace(base, reported_401=base.reported_401 or failed), reported)


def _remarks(request: ImportedRequest) -> str:
    """Say where the run differs from what was pasted."""
    left = [safe_line(part) for part in left_out(request)]
    said = f" Left out of it: {', '.join(left)}." if left else ""
    said += "".join(f" {note}" for note in request.notes)
    if request.is_token_request and request.is_json:
        said += " Its JSON body is sent as a form (RFC 6749 4.4.2)."
    return said + (" Certificates are checked all the same." if request.insecure and request.url.lower().startswith("https") else "")


def _without_credential(options: RunOptions) -> RunOptions:
    """The request goes out as it is, without a credential: an invalid one beside it would tell nothing."""
    return replace(options, costs=options.costs - {Cost.C3}, without_credential=True)


def _credential_words(profile: Profile, secrets: Mapping[str, Secret]) -> str:
    if not secrets:
        return "no credential"
    spec = profile.credential
    kind = {"bearer": "a bearer token", "basic": "a user name and password", "api_key": "an API key", "cookie": "a session cookie"}.get(
        spec.kind, spec.kind
    )
    place = "the query" if spec.place == "query" else "the Cookie header" if spec.place == "cookie" else f"the {spec.name} header"
    return f"{kind} in {place}"


def _har(text: str, base: RunOptions) -> Pasted:
    """Run the refused request of a HAR file; where the browser left its credential out, judge the answer alone."""
    try:
        seen = read_har(text)
    except ValueError as error:
        return _problem(str(error))
    if seen.request is None or seen.request.is_token_request:
        return _problem("The refused request in this HAR file asks for a token; paste it as a curl command (Copy as cURL in the browser).")
    if not seen.sanitised:
        return _seen(seen, "har", "A HAR file: the refused request", base)
    if seen.answer is None:
        return _problem(
            "The browser left credentials out of this HAR file, and the request in it got no answer. Save it with sensitive data, or paste the "
            "request as a curl command (Copy as cURL in the browser)."
        )
    judged = _response(seen, base)
    left = f"The browser left credentials out of it, so the answer of {_bare(_shown_url(seen))} is judged by what it says; nothing is sent."
    return replace(judged, kind="har", sentence=f"A HAR file. {left}")


def _logged(text: str, base: RunOptions) -> Pasted | None:
    """Run the request in a log of a program's HTTP library; where the log shows no header fields, judge the answer alone."""
    try:
        seen = read_logged(text)
    except ValueError as error:
        return _problem(str(error))
    if seen is None:
        return None
    if seen.fields_known or seen.answer is None:
        return _seen(seen, "curl -v", f"From {seen.source}: a request", base)
    judged = _response(seen, base)
    return replace(
        judged, sentence=f"From {seen.source}: the answer of {_bare(_shown_url(seen))} is judged by what it says; nothing is sent."
    )


def _shown_url(seen: Transcript) -> str:
    return safe_line(Redactor().redact_url(seen.request.url)) if seen.request is not None else "the API"


def _transcript(text: str, base: RunOptions) -> Pasted:
    try:
        seen = read_transcript(text)
    except ValueError as error:
        return _problem(f"This looks like HTTP, but {str(error)[0].lower()}{str(error)[1:]} {HELP}")
    return _seen(seen, "curl -v", "A request" + (" and its answer" if seen.answer else ""), base)


def _seen(seen: Transcript, kind: Kind, words: str, base: RunOptions) -> Pasted:
    usable = seen.request is not None and not any(
        is_masked(v) for n, v in seen.request.headers if n.lower() in ("authorization", "x-api-key")
    )
    if seen.request is not None and usable and not seen.request.is_token_request:
        return _api_request(seen.request, kind, words, base, seen)
    if seen.answer is None:
        return _problem(
            "The credential in this request was masked and there is no answer with it, so there is nothing to judge. Paste the answer too."
        )
    return _response(seen, base)


def _response(seen: Transcript, base: RunOptions) -> Pasted:
    assert seen.answer is not None
    url = seen.request.url if seen.request is not None else ""
    profile = Profile(NAME, _origin(url), "")
    exchange = exchange_of(seen)
    sentence = f"A response with status {seen.answer.status}. It is judged by what it says; nothing is sent."
    return Pasted("response", sentence, profile, {}, replace(base, costs=NO_NETWORK), None, exchange)


def _url(text: str, base: RunOptions) -> Pasted:
    try:
        profile, secrets = api_profile(NAME, ImportedRequest("GET", text))
    except ValueError as error:
        return _problem(str(error))
    what = f"with {_credential_words(profile, secrets)}" if secrets else "without a credential"
    sentence = f"A URL: {_address(profile)}. It is asked {what}."
    return Pasted("url", sentence, profile, secrets, base if secrets else _without_credential(base))


_HOST = late_pattern(
    r"(?:(?P<loopback>localhost|127(?:\.\d{1,3}){3}|\[::1\])|\d{1,3}(?:\.\d{1,3}){3}|(?:[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?\.){1,6}[a-z]{2,15})"
    r"(?::\d{1,5})?(?:[/?]\S*)?"
)
"""Small letters and short names alone: a token may have dots as well."""


def _address_alone(text: str, base: RunOptions) -> Pasted | None:
    found = _HOST.fullmatch(text)
    if found is None:
        return None
    scheme = "http" if found["loopback"] else "https"
    pasted = _url(f"{scheme}://{text}", base)
    return pasted if pasted.problem else replace(pasted, sentence=f"{pasted.sentence} It had no scheme and is taken for {scheme}.")


_FIELD = late_pattern(r"(?:authorization|x-api-key|api-key|x-auth-token)[ \t]*:[ \t]*(\S[^\r\n]*)", re.IGNORECASE)


def _token(text: str, base: RunOptions) -> Pasted | None:
    """What was pasted is a token, by itself, behind its scheme or in its header field; None where it is none."""
    line = _FIELD.fullmatch(text.strip())
    value = line[1] if line else text.strip("\r\n") if text.count("\n") <= 1 else text
    seen = inspect_token(value)
    word = re.match(r"(?i)(bearer|basic|token|dpop)\s", value)
    known = seen.kind not in ("opaque", "empty") or bool(word) or _is_token_answer(value)
    opaque = seen.kind == "opaque" and re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,}", value) is not None
    if not known and not opaque:
        return None
    spec = CredentialSpec("bearer")
    field_name = "authorization" if word else "access_token"
    profile = Profile(NAME, "", "", credential=spec)
    where = " behind the name of its header" if line else ""
    sentence = f"A token{where} ({seen.kind}, {len(value)} characters). It is read here; nothing is sent."
    return Pasted("token", sentence, profile, {field_name: Secret(value)}, replace(base, costs=NO_NETWORK))


def _answer_alone(text: str, base: RunOptions) -> Pasted | None:
    """Part of an answer without its status: header fields, or a body that speaks of a refusal; None where it is neither."""
    try:
        part = read_pasted(text)
    except ValueError:
        return None
    status = part.status or 401
    if part.log or explain(status, part.headers, part.body).certainty == "says_nothing":
        return None
    what = "Header fields of an answer" if part.headers else "The body of an answer"
    of = f"that says {status}" if part.status else "without its status, taken for a 401"
    judged = _response(Transcript(None, ImportedAnswer(status, part.headers, part.body)), base)
    return replace(judged, sentence=f"{what} {of}. It is judged by what it says; nothing is sent.")


def _is_token_answer(value: str) -> bool:
    try:
        loaded = json.loads(value)
    except (ValueError, RecursionError):
        return False
    return isinstance(loaded, dict) and "access_token" in loaded


def _origin(url: str) -> str:
    match = re.match(r"https?://[^/?#\s]+", url)
    return match.group().rpartition("@")[2] if match and "@" not in match.group() else ""


def _address(profile: Profile) -> str:
    """The address of a profile's request for a sentence: its secrets stand in it by their names."""
    return safe_line(_bare(Redactor().redact_url(profile.url)))


def _bare(url: str) -> str:
    """A URL for a sentence: no userinfo, no query."""
    return re.sub(r"//[^/@]*@", "//", url.partition("?")[0])


__all__ = ["HELP", "NAME", "Pasted", "exchange_of", "read_sent", "recognise", "reported_of"]
