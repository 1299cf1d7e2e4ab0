"""Do the rules of the architecture hold, and would a breach be seen?"""

from __future__ import annotations

import ast
import functools
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import authwizard

ROOT = Path(__file__).parents[1]
PACKAGE = Path(authwizard.__file__).parent

LAYERS = "Layers: whoever shows stands above who concludes, who judges, who looks"
STEPS_PURE = "Steps judge and do no I/O"
SCREENS = "Screens do no network and reach no secret store"
NO_TERMINAL = "The engine is reachable without the terminal interface"


# ── import contracts ────────────────────────────────────────────────────────────────────────────────────────────────


@functools.cache
def contracts() -> dict[str, dict[str, object]]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["name"]: contract for contract in document["tool"]["importlinter"]["contracts"]}


def broken(tree: Path) -> dict[str, set[str]]:
    """Return, by the name of each contract, the imports by which a copy of the package breaks it."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--config", str(ROOT / "pyproject.toml"),
               "--cache-dir", str(tree.parent / "cache")]  # fmt: skip
    done = subprocess.run(command, cwd=tree, env=_environment(tree), capture_output=True, text=True, check=False, timeout=120)
    states = dict(re.findall(r"^(.+) (KEPT|BROKEN)$", done.stdout, re.MULTILINE))
    assert states.keys() == contracts().keys(), done.stdout + done.stderr
    details = re.split(r"^(.+)\n-+\n\n(?=authwizard)", done.stdout, flags=re.MULTILINE)[1:]
    found = {name: set(re.findall(r"authwizard\.(\S+ -> \S+) \(l", said)) for name, said in zip(details[::2], details[1::2], strict=True)}
    assert found.keys() == {name for name, state in states.items() if state == "BROKEN"}, done.stdout
    return found


def _environment(tree: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds a copy of the package."""
    pytest.importorskip("importlinter", reason="import-linter is not installed; pip install -e '.[test]' brings it")
    tree = tmp_path_factory.mktemp("copied") / "tree"
    shutil.copytree(PACKAGE, tree / "authwizard", ignore=shutil.ignore_patterns("__pycache__"))
    return tree


BREACHES = (
    ("knowledge.causes", "from authwizard import steps", "authwizard.steps", LAYERS),
    ("model.run", "from authwizard.protocol import clean", "authwizard.protocol.clean", LAYERS),
    ("probes.clocks", "import authwizard.store.paths", "authwizard.store.paths", LAYERS),
    ("report.text", "def later():\n    import authwizard.demo.faults", "authwizard.demo.faults", LAYERS),
    ("steps.step2_expiration", "import httpx", "httpx", STEPS_PURE),
    ("verdict.rank", "import asyncio", "asyncio", STEPS_PURE),
    ("ui.text", "import socket", "socket", SCREENS),
    ("ui.screens.profile", "from authwizard.store import profiles_write", "authwizard.store.profiles_write", SCREENS),
    ("engine", "import textual", "textual", NO_TERMINAL),
    ("store.keyring_store", "def later():\n    from rich.text import Text", "rich", NO_TERMINAL),
)
"""A module, a line in it that breaks a contract, what it imports, and that contract."""


def test_every_breach_of_a_contract_is_seen_where_it_is(copy: Path) -> None:
    assert {contract for *_, contract in BREACHES} == contracts().keys() == {LAYERS, STEPS_PURE, SCREENS, NO_TERMINAL}
    before = {}
    for module, line, _, _ in BREACHES:
        path = copy / "authwizard" / f"{module.replace('.', '/')}.py"
        before[path] = path.read_text(encoding="utf-8")
        path.write_text(f"{before[path]}\n{line}\n", encoding="utf-8")
    try:
        seen = broken(copy)
    finally:
        for path, text in before.items():
            path.write_text(text, encoding="utf-8")
    assert seen == {name: {f"{module} -> {what}" for module, _, what, contract in BREACHES if contract == name} for name in contracts()}


def test_no_contract_is_broken_as_it_stands(copy: Path) -> None:
    assert broken(copy) == {}


def test_every_part_of_the_package_has_its_layer() -> None:
    parts = {p.stem if p.is_file() else p.name for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    layers = contracts()[LAYERS]["layers"]
    assert isinstance(layers, list)
    named = {part.strip().removeprefix("authwizard.") for layer in layers for part in layer.split("|")}
    assert parts - {"__init__"} == named


def test_the_model_uses_the_standard_library_alone() -> None:
    foreign = {
        f"{path.name}: {name}"
        for path in (PACKAGE / "model").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or "."] if isinstance(node, ast.ImportFrom) else [])
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("authwizard.model")
    }  # fmt: skip
    assert foreign == set()


# ── imports at run time (a static graph does not see what an import costs) ──────────────────────────────────────────


SLOW = ("textual", "httpx", "jwt", "keyring", "cryptography", "tomlkit", "truststore", "msgspec")


def loaded_after(code: str, **environ: str) -> set[str]:
    """Return which of the slow libraries are loaded in a fresh process after this code."""
    told = f"\nimport sys\nprint('loaded:', *(m for m in {SLOW!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code + told], env={**os.environ, **environ}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].removeprefix("loaded:").split())


def command(*arguments: str, status: int) -> str:
    """Return code that runs a command and ends well where its exit status is the expected one."""
    return (
        "import authwizard.cli\n"
        f"try:\n    status = authwizard.cli.run({list(arguments)!r})\n"
        "except SystemExit as ended:\n    status = ended.code\n"
        f"assert status == {status}, status"
    )


def test_the_version_and_the_help_load_no_library() -> None:
    assert loaded_after(command("--version", status=0)) == set()
    assert loaded_after(command("check", "--help", status=0)) == set()


def test_opening_the_wizard_loads_neither_engine_nor_checks_before_the_first_frame() -> None:
    """The rest is loaded when the first service is asked for, behind the first frame."""
    code = (
        "import sys, authwizard.cli.wizard as wizard\n"
        "services = wizard._Later(lambda: wizard._saved(None)).bundle()\n"
        "late = [m for m in sys.modules if m.startswith(('authwizard.engine', 'authwizard.steps', 'authwizard.probes', 'authwizard.knowledge',"
        " 'authwizard.verdict', 'authwizard.model.evidence', 'authwizard.cli.services', 'authwizard.cli.session'))]\n"
        "assert late == [], late\n"
        "assert services.profiles() == ()\n"
        "assert 'authwizard.cli.services' in sys.modules"
    )
    assert loaded_after(code) == set()


def test_what_is_loaded_ahead_of_a_run_is_what_every_run_needs() -> None:
    """A signature to verify or to make loads ten megabytes more; most runs have none."""
    code = "import authwizard.cli.wizard as wizard\nwizard._Later(lambda: wizard._saved(None)).bundle().warm_up()"
    assert loaded_after(code) - {"textual", "keyring", "tomlkit", "truststore"} == {"httpx"}


def test_threads_that_ask_for_services_at_once_get_whole_modules() -> None:
    """Screens, warm-up and the reader of profiles ask in threads of their own, the first time before anything is loaded."""
    code = (
        "import sys, threading, authwizard.cli.wizard as wizard\n"
        "sys.setswitchinterval(1e-5)\n"
        "services = wizard._Later(lambda: wizard._saved(None)).bundle()\n"
        "failed = []\n"
        "threading.excepthook = lambda seen: failed.append(seen.exc_value)\n"
        "asks = [services.warm_up, services.steps, services.profiles, lambda: services.cause_title('token_expired'),\n"
        "        lambda: services.recognise('x')]\n"
        "threads = [threading.Thread(target=ask) for ask in asks]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
        "assert failed == [], failed"
    )
    loaded_after(code)


def test_the_catalogue_of_causes_loads_no_library() -> None:
    assert loaded_after(command("cause", "token_expired", status=0)) == set()


def test_checks_and_probes_load_no_terminal_and_no_network_library() -> None:
    assert loaded_after("import authwizard.engine, authwizard.probes, authwizard.steps, authwizard.report") == set()


def test_a_passive_check_loads_neither_terminal_nor_network_library(tmp_path: Path) -> None:
    config = tmp_path / "profiles.toml"
    config.write_text(
        'version = 1\n[profile.here]\nbase_url = "https://api.example.com"\nrequest = "GET /v2/me"\n'
        '[profile.here.secrets]\naccess_token = "env:HERE_TOKEN"\n'
    )
    arguments = ("check", "here", "--passive", "--trust", "--config", str(config))
    assert not loaded_after(command(*arguments, status=4), HERE_TOKEN="opaque-practice-value-0123456789") & {"textual", "httpx", "keyring"}


# ── declarations that cost time where hundreds of modules are loaded ────────────────────────────────────────────────


def test_frozen_dataclasses_share_their_methods() -> None:
    """The standard library's compile six methods each: half of what a passive check took went there."""
    compiled = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^ *from dataclasses import .*\bdataclass\b", text := path.read_text(encoding="utf-8"), re.MULTILINE)
        and "dataclass(frozen=True" in text
    }
    assert compiled == {"model/frozen.py"}


def test_no_module_compiles_a_pattern_while_it_is_loaded() -> None:
    def at_once(node: ast.AST) -> bool:
        inner = [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]
        return (isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile") or any(map(at_once, inner))

    texts = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert {name for name, text in texts.items() if "re.compile(" in text and at_once(ast.parse(text))} == set()


# ── where a secret's text is reached ────────────────────────────────────────────────────────────────────────────────


REVEALING = {
    "cli/demo.py": "gives a run the practice platform's invented variables",
    "demo/credentials.py": "compares a Digest answer with the practice password",
    "demo/stock.py": "makes the Digest answer that a practice program keeps",
    "demo/platform.py": "`demo --serve` hands the practice secrets to whoever started it",
    "cli/compare.py": "takes fingerprint and claims of two profiles' secrets",
    "cli/import_child.py": "a child that reads a large document gives the secrets in it back through a pipe",
    "cli/profile_preview.py": "takes the fingerprint of an imported secret",
    "importers/imported.py": "finds shell variables among the secrets, and secrets among the settings",
    "importers/literals_apart.py": "takes a secret that stands in a header once more out of it",
    "importers/marked_secrets.py": "compares a marked value with the secret that is kept already",
    "importers/profiles.py": "leaves out what is a mask and no secret",
    "importers/unfilled.py": "looks for variables without a value among the secrets",
    "importers/request_profile.py": "takes a pasted secret out of the address, so that the profile holds none",
    "probes/api_call.py": "puts the credential into the request",
    "probes/credential.py": "puts scheme and value together",
    "probes/differential.py": "makes the tampered twin of the token",
    "probes/digest.py": "answers a Digest challenge",
    "probes/dpop.py": "signs the proof with the key",
    "probes/environment.py": "compares with the login in netrc, and sees whether it is ASCII",
    "probes/http_client.py": "sends a URL that holds a secret",
    "probes/introspection.py": "puts the token into the introspection request",
    "probes/keys.py": "verifies the token's signature",
    "probes/masking.py": "teaches the redactor what to hide",
    "probes/other_token.py": "tells whether the other token is the one that was sent",
    "probes/other_values.py": "compares with the values of variables and files",
    "probes/outgoing.py": "writes header fields and body",
    "probes/refresh.py": "puts the refresh token into the request",
    "probes/request_text.py": "fills {secret:FIELD} in the request",
    "probes/sent.py": "compares with what the user's program sent",
    "probes/stored_secrets.py": "measures and fingerprints what is stored",
    "probes/swaps.py": "spells the scheme another way",
    "probes/token_endpoint.py": "sees whether the secret must be form-encoded",
    "probes/token_request.py": "puts the client's secret into the request, reads the new token",
    "protocol/oauth_request.py": "puts the client assertion into the body",
    "protocol/redaction.py": "learns the values it must hide",
    "store/marks.py": "takes the fingerprint that is kept with a stored secret's state",
    "store/file_reference.py": "writes a rotated value back to its file",
    "store/file_store.py": "to put a secret into the map that is sealed",
    "store/journal.py": "seals a renewed refresh token until it is in its place",
    "store/slots.py": "puts the hash and the generation of a refresh token beside it",
    "store/sealed_map.py": "to derive the key from the passphrase",
    "store/keyring_store.py": "writes the keyring",
    "store/secrets.py": "sees whether a value can be stored",
}
"""Every file that reaches a secret's text, and what for. A new line here is a decision, not a formality."""


def test_secrets_are_revealed_only_where_a_request_or_the_store_is_written() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"\breveal\b", path.read_text(encoding="utf-8")) and path != PACKAGE / "model" / "secret.py"
    }
    assert found - REVEALING.keys() == set()
    assert REVEALING.keys() - found == set()
