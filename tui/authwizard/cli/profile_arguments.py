"""The verbs of `authwizard profile`, and their options."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from authwizard.cli.arguments import add_config, lazy


def fill_profile(parser: argparse.ArgumentParser) -> None:
    """Add the verbs of `profile`."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for verb, words in (("list", "all profiles"), ("show", "one profile as TOML"), ("add", "make a profile"), ("edit", "change a profile in your editor"),
                        ("remove", "remove a profile and its stored secrets"), ("trust", "agree to where a profile's secrets go")):  # fmt: skip
        verbs.add_parser(verb, help=words, fill=partial(_fill_verb, verb))
    _add_import(verbs)
    _add_share(verbs)


def _fill_verb(verb: str, parser: argparse.ArgumentParser) -> None:
    if verb != "list":
        parser.add_argument("name", metavar="NAME")
    if verb == "add":
        _add_profile_fields(parser)
    if verb in ("remove", "trust"):
        parser.add_argument("--yes", action="store_true", help="do not ask")
    add_config(parser)
    parser.set_defaults(run=lazy("profile_list", "list_profiles") if verb == "list" else lazy("profiles", f"{verb}_profile"))


def _add_share(verbs: argparse._SubParsersAction[Any]) -> None:
    for verb, words in (
        ("export", "write a profile for somebody else: settings and references, never a secret, and what they must supply"),
        ("copy", "make a second profile with the settings of a first; stored secrets are not copied"),
        ("rename", "give a profile another name; its stored secrets, state and agreements move with it"),
    ):
        verbs.add_parser(verb, help=words, description=f"{words[0].upper()}{words[1:]}.", fill=partial(_fill_share, verb))


def _fill_share(verb: str, parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    if verb != "export":
        parser.add_argument("new", metavar="NEW")
    add_config(parser)
    parser.set_defaults(run=lazy("profile_share", f"{verb}_profile"))


def _add_import(verbs: argparse._SubParsersAction[Any]) -> None:
    verbs.add_parser(
        "import",
        help="make a profile of a curl command, a .env file, a HAR, a Postman collection or an OpenAPI document",
        description=(
            "Read a document at hand and show what of it becomes a setting and what a secret (masked); then, once agreed to, save the settings "
            "and put the secrets into the store. The document itself is not copied."
        ),
        epilog="Exit status: 0 saved or shown, 2 wrong usage or nothing was saved, 4 saved, but the secrets could not be stored.",
        fill=_fill_import,
    )


def _fill_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE | -", help="the document; - reads standard input")
    parser.add_argument(
        "--from",
        dest="source",
        choices=("curl", "dotenv", "har", "postman", "openapi"),
        help="what it is; without this: a profile that somebody exported (authwizard profile export)",
    )
    parser.add_argument("--name", metavar="NAME", help="the profile's name (default: the API's host)")
    parser.add_argument("--preview", action="store_true", help="show what it would make; write nothing")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how the preview is written (default: text)")
    parser.add_argument("--request", default="", metavar="REQUEST", help='the request that fails: "GET /path", or its name in a collection')
    parser.add_argument("--base-url", default="", metavar="URL", help="the API's address, where the document does not tell it")
    parser.add_argument("--environment", metavar="FILE", help="a Postman environment with the values of the variables")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_config(parser)
    parser.set_defaults(run=lazy("profile_import", "import_profile"))


def _add_profile_fields(parser: argparse.ArgumentParser) -> None:
    from authwizard.knowledge.profile_templates import TEMPLATES

    listed = "; ".join(f"{name}: {template.words}" for name, template in TEMPLATES.items())
    parser.add_argument("--template", choices=tuple(TEMPLATES), metavar="NAME", help=f"where to start from. {listed}")
    parser.add_argument("--base-url", required=True, metavar="URL")
    parser.add_argument("--request", required=True, metavar='"GET /path"', help="the request that fails")
    parser.add_argument("--environment", choices=("development", "staging", "production", "other"), default="other")
    parser.add_argument("--kind", choices=("bearer", "basic", "api_key", "digest", "dpop", "mtls", "cookie"))
    parser.add_argument("--header", metavar="NAME", help="the header that carries the credential")
    parser.add_argument("--issuer", default="", metavar="URL", help="the authorization server")
    parser.add_argument("--token-url", default="", metavar="URL")
    parser.add_argument("--client-id", default="", metavar="ID")
    parser.add_argument("--client-auth", choices=("client_secret_basic", "client_secret_post", "private_key_jwt", "none"))
    parser.add_argument("--grant", choices=("client_credentials", "refresh_token", "authorization_code", "device_code"))
    parser.add_argument("--scope", action="append", default=[], metavar="SCOPE", help="a scope to ask for (repeatable)")
    parser.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="FIELD=REF",
        help="a reference, e.g. access_token=env:TOKEN (repeatable; never a value)",
    )
