"""How do faults in the bytes of a credential become lines and arguments? Shared by the checks of step 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from authwizard.model.evidence import CredentialSeen
from authwizard.model.finding import Argument, Grade, Group, Line, Status
from authwizard.model.token import TokenFault


def faults_of(credential: CredentialSeen, causes: Sequence[str]) -> tuple[TokenFault, ...]:
    """Return the credential's faults (of its text and of the token in it) with one of these causes, each once."""
    inner = credential.token.faults if credential.token is not None else ()
    first = {(f.cause, f.text): f for f in (*inner[::-1], *credential.faults[::-1]) if f.cause in causes}
    return tuple(f for f in dict.fromkeys((*credential.faults, *inner)) if first.get((f.cause, f.text)) is f)


def fault_arguments(faults: Sequence[TokenFault], grades: Mapping[str, Grade] | None = None) -> tuple[Argument, ...]:
    """Return one argument per cause, strong unless a grade is given for it."""
    first = {f.cause: f for f in reversed(faults)}
    return tuple(
        Argument(c, (grades or {}).get(c, Grade.S), Group.LOCAL_BYTES, first[c].text) for c in dict.fromkeys(f.cause for f in faults)
    )


def fault_lines(faults: Sequence[TokenFault], mark: Status = Status.FAIL) -> tuple[Line, ...]:
    """Return one line per fault: where it is, and what it is."""
    return tuple(Line(_place(f), f.text, mark) for f in faults)


def _place(fault: TokenFault) -> str:
    where = fault.part or "value"
    return where if fault.position is None else f"{where}, character {fault.position + 1}"


def is_separator(fault: TokenFault, credential: CredentialSeen) -> bool:
    """Whether a fault is about the blanks between scheme word and value, which RFC 9110 11.4 allows more of than one."""
    return fault.cause == "whitespace_in_credential" and bool(credential.scheme) and f"behind {credential.scheme};" in fault.text


def shape_line(credential: CredentialSeen) -> Line:
    """Return the line that shows a credential without showing it: scheme, length, fingerprint."""
    scheme = f"{credential.scheme} " if credential.scheme else ""
    mark = f" {credential.fingerprint}" if credential.fingerprint else ""
    return Line(credential.name, f"{scheme}<{credential.length} characters{mark}>", None, credential.source)
