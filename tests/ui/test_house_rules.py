"""Rules of this package that a reader cannot see at a glance: no markup from outside, no forbidden import, a lean first frame."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from each_row import for_each

import authwizard.ui

UI = Path(authwizard.ui.__file__).parent
FILES = sorted(UI.rglob("*.py"))
FORBIDDEN = ("httpx", "jwt", "keyring", "socket", "ssl", "subprocess", "authwizard.probes", "authwizard.store")
MARKUP = {"from_markup", "render_markup"}
TAKES_MARKUP = {"Static", "Label", "Button", "OptionList", "Select", "Checkbox", "Collapsible", "TabPane", "Tree", "DataTable"}
MARKUP_ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "renderable"}


def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text())) for path in FILES]


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def faults(source: str) -> list[str]:
    """Every place where a text could be read as markup."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and name_of(node) in MARKUP:
            found.append(f"line {node.lineno}: {name_of(node)}")
        if isinstance(node, ast.Call) and name_of(node) in TAKES_MARKUP:
            first = node.args[0] if node.args else None
            is_content = isinstance(first, ast.Call) and name_of(first) in ("Content", "row", "plain")
            if first is not None and not is_content:
                found.append(f"line {node.lineno}: {name_of(node)} of something that is no Content")
        if (
            isinstance(node, ast.Call)
            and name_of(node) == "notify"
            and not any(k.arg == "markup" and isinstance(k.value, ast.Constant) and k.value.value is False for k in node.keywords)
        ):
            found.append(f"line {node.lineno}: notify without markup=False")
        if isinstance(node, ast.Call) and name_of(node) == "update" and node.args and not isinstance(node.args[0], ast.Call):
            found.append(f"line {node.lineno}: update of something that is no Content")
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in MARKUP_ATTRIBUTES:
                    found.append(f"line {node.lineno}: {target.attr}")
    return found


@for_each("path", FILES, ids=lambda p: str(p.relative_to(UI)))
def test_no_text_reaches_a_markup_api(path: Path) -> None:
    assert not faults(path.read_text())


@pytest.mark.parametrize(
    "source",
    [
        'Static(f"[b]{x}[/b]")',
        "Label(name)",
        'Content.from_markup(f"{x}")',
        'self.notify(f"{x}")',
        "widget.border_title = name",
        'Button("Save")',
        "box.update(text)",
    ],
)
def test_the_rule_sees_what_it_is_for(source: str) -> None:
    assert faults(source)


@for_each("path", FILES, ids=lambda p: str(p.relative_to(UI)))
def test_the_screens_import_nothing_that_touches_the_world(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert not [name for name in imported if name in FORBIDDEN or name.startswith(tuple(f"{f}." for f in FORBIDDEN))]


@for_each("path", FILES, ids=lambda p: str(p.relative_to(UI)))
def test_no_screen_reveals_a_secret(path: Path) -> None:
    assert ".reveal(" not in path.read_text()


FIRST_FRAME = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from authwizard.ui.app import AuthwizardApp
from fake_services import Script, services
before = set(sys.modules)
app = AuthwizardApp(services(Script(consented=True)), sys.argv[2] or None)
async def main():
    async with app.run_test(size=(80, 24)) as pilot:
        pass
asyncio.run(main())
print("\\n".join(m for m in sys.modules if m.startswith("authwizard") or m.split(".")[0] in {"httpx", "jwt", "keyring", "tomlkit", "msgspec", "cryptography"}))
"""


@pytest.mark.parametrize("start", ["", "prod"], ids=["home", "profile"])
def test_the_first_frame_loads_textual_the_nouns_and_the_screens_alone(start: str) -> None:
    outcome = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME, str(Path(__file__).parent), start], capture_output=True, text=True, check=True
    )
    loaded = set(outcome.stdout.split())
    allowed = ("authwizard.model", "authwizard.ui", "authwizard.protocol.clean")
    assert "authwizard.ui.app" in loaded
    assert not {m for m in loaded if m not in ("authwizard", "authwizard.protocol") and not m.startswith(allowed)}
