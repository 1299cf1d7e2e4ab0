"""Which command was asked for, with which options? (argparse: a library that brings click would slow every start.)"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from authwizard import __version__

COMMANDS = ("demo", "check", "capture", "explain", "token", "cause", "profile", "compare", "store")
FORMATS = ("text", "json", "markdown", "html", "junit")
Command = Callable[[argparse.Namespace], int]
Fill = Callable[[argparse.ArgumentParser], None]


_UNRECOGNISED = "unrecognized arguments: "


class _Parser(argparse.ArgumentParser):
    """A parser that repeats no value it does not know: `store set PROFILE FIELD VALUE` is a slip that ends in a log otherwise.

    What `fill` adds is added when the parser is asked to parse: of all commands only the one that was typed costs anything.
    """

    def __init__(self, *arguments: Any, fill: Fill | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._fill = fill

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Add the arguments, then parse as argparse does."""
        if self._fill is not None:
            fill, self._fill = self._fill, None
            fill(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Exit with status 2, naming the options that are unknown but none of the values."""
        from authwizard.cli.output import without_secrets

        if message.startswith(_UNRECOGNISED):
            words = message.removeprefix(_UNRECOGNISED).split()
            options = [word.partition("=")[0] for word in words if word.startswith("-")]
            message = _UNRECOGNISED + (
                ", ".join(options) or f"{len(words)} more than expected (not repeated here: a secret may be in them)"
            )
        super().error(without_secrets(message))


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the parsed arguments; `run` in them is the command. Exits with status 2 on wrong usage, as argparse does."""
    first = next((a for a in arguments if not a.startswith("-") or a == "-"), None)
    if first in COMMANDS or any(a in ("-h", "--help", "--version") for a in arguments):
        return _parser(arguments[0]).parse_args(arguments)
    _refuse_misspelt(arguments)
    return _wizard_parser().parse_args(arguments)


def _refuse_misspelt(arguments: list[str]) -> None:
    """Name the command that was meant, where more words follow than the one name that the wizard takes; raises UsageError."""
    import difflib

    from authwizard.model.errors import UsageError

    words = [a for before, a in zip(("", *arguments), arguments, strict=False) if not a.startswith("-") and before != "--config"]
    if len(words) > 1 and (near := difflib.get_close_matches(words[0].lower(), COMMANDS, n=1, cutoff=0.7)):
        raise UsageError(f"There is no command {words[0]!r}. Did you mean: authwizard {near[0]}?")


def lazy(module: str, name: str) -> Command:
    """Return the command of that name in a module of `authwizard.cli` that is loaded when the command runs."""

    def call(named: argparse.Namespace) -> int:
        import importlib

        command: Command = getattr(importlib.import_module(f"authwizard.cli.{module}"), name)
        return command(named)

    return call


def _parser(typed: str) -> argparse.ArgumentParser:
    """Return the parser of all commands; of that one alone where the first word is a command."""
    parser = _Parser(
        prog="authwizard",
        description="Tells why an API answers 401, proves it, and says what to do next. Without a command: the wizard.",
        epilog=(
            "authwizard [PROFILE | -] opens the wizard on a profile, or on what is pasted to standard input. Exit status: 0 healthy, 1 cause found, "
            "2 wrong usage or configuration, 3 cannot tell, 4 could not look, 5 not reproduced, 130 interrupted."
        ),
    )
    parser.add_argument("--version", action="version", version=f"authwizard {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in (_ADD[typed],) if typed in _ADD else _ADD.values():
        add(commands)
    return parser


def _wizard_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="authwizard", add_help=False)
    parser.add_argument("profile", nargs="?", default=None, metavar="PROFILE")
    add_config(parser)
    parser.set_defaults(run=lazy("wizard", "open_wizard"))
    return parser


def add_config(parser: argparse.ArgumentParser, default: object = None) -> None:
    """Add `--config`."""
    parser.add_argument("--config", type=Path, default=default, metavar="FILE", help="another profiles file than the usual one")


def _seconds(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or value <= 0:
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return value


def add_check_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `check` (shared with `demo FAULT --check`)."""
    parser.add_argument("--format", choices=FORMATS, default="text", help="how the result is written (default: text)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there (mode 0600) instead of standard output")
    parser.add_argument("--passive", action="store_true", help="send nothing at all")
    parser.add_argument("--no-invalid-tokens", action="store_true", help="send no request with an invalid token")
    parser.add_argument("--no-token-requests", action="store_true", help="send nothing to the token or introspection endpoint")
    parser.add_argument(
        "--allow", action="append", choices=("refresh", "write", "http"), default=[],
        help="refresh: spend the refresh token once; write: send a request that may change data; http: send credentials unencrypted",
    )  # fmt: skip
    parser.add_argument("--thorough", action="store_true", help="up to 40 API requests instead of 12")
    parser.add_argument("--timeout", type=_seconds, metavar="S", help="time limit of the whole run in seconds")
    parser.add_argument("--fail-on", choices=("warn",), help="exit with 1 on any warning")
    parser.add_argument("--reported-401", action="store_true", help="your program got a 401 here")
    parser.add_argument("--sometimes", action="store_true", help="your program gets a 401 here now and then")
    parser.add_argument(
        "--sent",
        type=Path,
        metavar="FILE",
        help=(
            "what your program sent: a curl command, curl -v text, a HAR file, a raw request, or the log of requests, httpx, OkHttp or .NET "
            "(- = standard input)"
        ),
    )
    parser.add_argument("--trust", action="store_true", help="agree to this profile's references for this run")


def _add_check(commands: argparse._SubParsersAction[_Parser]) -> None:
    commands.add_parser(
        "check",
        help="run all checks without a screen",
        description="Run all checks on a profile, or on text from standard input (-).",
        fill=_fill_check,
    )


def _fill_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "profile", nargs="?", metavar="PROFILE | -", help="a profile's name; - reads a curl command, response, token or URL from stdin"
    )
    parser.add_argument("--all", action="store_true", help="check every profile")
    add_config(parser)
    add_check_options(parser)
    parser.set_defaults(run=lazy("check", "check"))


def _add_demo(commands: argparse._SubParsersAction[_Parser]) -> None:
    commands.add_parser(
        "demo",
        help="the practice platform with a fault to find",
        description="Start the practice platform on 127.0.0.1.",
        fill=_fill_demo,
    )


def _fill_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("fault", nargs="?", metavar="FAULT", help="which fault (see --list); without one: token_expired")
    parser.add_argument("--list", action="store_true", help="list the faults: name, cause code, what is broken")
    parser.add_argument("--check", action="store_true", help="run all checks against it without a screen")
    parser.add_argument("--serve", action="store_true", help="only serve until SIGTERM; the first line of output is JSON")
    parser.add_argument("--port", type=int, metavar="N", help="port of the API (with --serve)")
    add_config(parser)
    add_check_options(parser)
    parser.set_defaults(run=lazy("demo", "demo"))


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError("must be a port from 0 (any) to 65535")
    return value


def _add_capture(commands: argparse._SubParsersAction[_Parser]) -> None:
    commands.add_parser(
        "capture",
        help="show what your own program really sends, beside what a profile sends",
        description=(
            "Listen once on 127.0.0.1, answer one request with 401, forward nothing, and show, masked, what your program sent beside what the "
            "profile would send."
        ),
        epilog="Exit status: 0 the same, 1 it differs, 2 wrong usage, 4 nothing came, 130 interrupted.",
        fill=_fill_capture,
    )


def _fill_capture(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("profile", nargs="?", metavar="PROFILE", help="a profile's name; without one: the only profile")
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="the port to listen on (default: a free one)")
    parser.add_argument("--timeout", type=_seconds, metavar="S", help="how many seconds to wait (default: 300)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how the result is written (default: text)")
    parser.add_argument("--trust", action="store_true", help="agree to this profile's references for this run")
    add_config(parser)
    parser.set_defaults(run=lazy("capture", "capture"))


def _add_explain(commands: argparse._SubParsersAction[_Parser]) -> None:
    commands.add_parser(
        "explain",
        help="say what one answer, or a server's log, says by itself",
        description=(
            "Read a raw HTTP response (curl -i or -v text, a HAR), or lines of a server's log, and say who answered, why, whose turn it is "
            "and what to do. Nothing is sent."
        ),
        epilog="Exit status: 0 the answer is a success, 1 it names a cause, 2 it cannot be read, 3 it does not tell; of many lines the worst.",
        fill=_fill_explain,
    )


def _fill_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="the text; without it, or -, standard input")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how the answer is written (default: text)")
    parser.add_argument("--jsonl", action="store_true", help='one {"status", "headers", "body"} a line in, one JSON answer a line out')
    add_config(parser)
    parser.set_defaults(run=lazy("explain", "explain_answer"))


def _add_token(commands: argparse._SubParsersAction[_Parser]) -> None:
    commands.add_parser(
        "token",
        help="show what a token is, what it says, and what is wrong with it",
        description="Read a token from a file or standard input, never from an argument, and show its kind, claims, times and faults.",
        epilog="Exit status: 0 no fault was seen, 1 it has faults, 2 it cannot be read; of many lines the worst.",
        fill=_fill_token,
    )


def _fill_token(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="the file that holds the token; without it, or -, standard input")
    keys = parser.add_mutually_exclusive_group()
    keys.add_argument("--jwks", metavar="FILE|URL", help="verify the signature with these keys")
    keys.add_argument("--issuer", metavar="URL", help="verify the signature with the keys this issuer publishes")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how the answer is written (default: text)")
    parser.add_argument("--jsonl", action="store_true", help='one {"token", "jwk" or "jwks"} a line in, one JSON answer a line out')
    add_config(parser)
    parser.set_defaults(run=lazy("token", "show_token"))


def _add_cause(commands: argparse._SubParsersAction[_Parser]) -> None:
    commands.add_parser(
        "cause", help="the catalogue of causes, or one in full", description="Show all causes, or one in full.", fill=_fill_cause
    )


def _fill_cause(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE")
    add_config(parser)
    parser.set_defaults(run=lazy("cause", "cause"))


def _add_profile(commands: argparse._SubParsersAction[_Parser]) -> None:
    commands.add_parser(
        "profile",
        help="list, show, add, edit, copy, rename, remove, trust, import or export profiles",
        description="Profiles: one environment's settings each, never a secret.",
        fill=_fill_profile,
    )


def _fill_profile(parser: argparse.ArgumentParser) -> None:
    from authwizard.cli.profile_arguments import fill_profile

    fill_profile(parser)


def _add_compare(commands: argparse._SubParsersAction[_Parser]) -> None:
    commands.add_parser(
        "compare",
        help="two profiles, or two saved runs, side by side",
        description="Show what differs between two profiles, or two runs saved as JSON: first what can explain a 401. Nothing is sent.",
        fill=_fill_compare,
    )


def _fill_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("a", metavar="A", help="a profile's name, or the file of a run (check --format json --output FILE)")
    parser.add_argument("b", metavar="B")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how the result is written (default: text)")
    add_config(parser)
    parser.set_defaults(run=lazy("compare", "compare"))


def _days(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if not 1 <= value <= 3650:
        raise argparse.ArgumentTypeError("must be a number of days from 1 to 3650")
    return value


def _add_store(commands: argparse._SubParsersAction[_Parser]) -> None:
    commands.add_parser(
        "store",
        help="where secrets are kept, and whether it works",
        description="Show where secrets are kept and test it: write, read back, delete.",
        fill=_fill_store,
    )


def _fill_store(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.set_defaults(run=lazy("store", "show_store"))
    verbs = parser.add_subparsers(metavar="VERB")
    keep = verbs.add_parser("set", help="store one secret; its value comes from stdin or a masked prompt, never from an argument")
    keep.add_argument("profile", metavar="PROFILE")
    keep.add_argument("field", metavar="FIELD", help="access_token, client_secret, api_key, ...")
    keep.add_argument("--exact", action="store_true", help="keep a final newline of piped input")
    keep.add_argument(
        "--rotate-days", type=_days, metavar="N", help="remind of replacing it after N days (default: what was set before, else 90)"
    )
    # Without a default of its own: `store --config FILE set ..` would else lose FILE, and a secret would go elsewhere.
    add_config(keep, argparse.SUPPRESS)
    keep.set_defaults(run=lazy("store", "set_secret"))
    use = verbs.add_parser("use", help="choose where secrets are kept from now on; stored ones stay where they are (see move)")
    use.add_argument("place", choices=("keyring", "file", "memory", "references"))
    use.set_defaults(run=lazy("store_choice", "use_store"))
    unlock = verbs.add_parser("unlock", help="have the store opened now, and try it")
    unlock.set_defaults(run=lazy("store_verbs", "unlock_store"))
    move = verbs.add_parser("move", help="move every stored secret to the keyring or to an encrypted file, and use that from now on")
    move.add_argument("--to", required=True, choices=("keyring", "file"))
    move.add_argument("profiles", metavar="PROFILE", nargs="*", help="for certainty: refuse where other profiles have stored secrets too")
    move.set_defaults(run=lazy("store_verbs", "move_store"))
    forget = verbs.add_parser("forget", help="remove a profile's stored secrets, or one of them")
    forget.add_argument("profile", metavar="PROFILE")
    forget.add_argument("field", metavar="FIELD", nargs="?")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    forget.set_defaults(run=lazy("store_verbs", "forget_secrets"))


_ADD: Mapping[str, Callable[[argparse._SubParsersAction[_Parser]], None]] = {
    "check": _add_check, "demo": _add_demo, "capture": _add_capture, "explain": _add_explain, "token": _add_token, "cause": _add_cause,
    "profile": _add_profile, "compare": _add_compare, "store": _add_store,
}  # fmt: skip
"""What adds each command, in the order in which the help names them."""
