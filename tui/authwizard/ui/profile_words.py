"""What does the profile form say: about its fields, and about where secrets go?"""

from __future__ import annotations

from authwizard.knowledge.profile_templates import TEMPLATES
from authwizard.ui import profile_fields as pf
from authwizard.ui.services import StoreStatus
from authwizard.ui.widgets.paragraphs import Para

NOT_SAVED = "Nothing was saved. Write a reference beside each secret (env:NAME, file:PATH), or choose a place: authwizard store use file"
_ENDPOINTS = pf.ENDPOINTS_HINT + ". Esc leaves the box."


def hint_of(key: str, template: str = "bearer") -> str:
    """Say what belongs in a field, or what a button does; of a template, what it is for and what it needs."""
    if key == "template":
        wants = " and ".join(" or ".join(_label(field) for field in group) for group in TEMPLATES[template].wants)
        return f"For {TEMPLATES[template].words}." + (f" Needs {wants} (oauth)." if wants else "")
    if key == "import":
        return "From a curl command, .env, HAR, Postman, OpenAPI or an export; with a preview first."
    if key in ("save", "save-run", "cancel"):
        return "Enter presses the button. Esc once more leaves without saving."
    if key == "endpoints":
        return _ENDPOINTS
    if key.startswith("ref_"):
        return "Where the secret is, instead of storing it: env:NAME, file:PATH, keyring:SERVICE/USER."
    if key.startswith("s-"):
        return "Masked; kept where the line below says. Leave it empty to keep what is stored."
    return next((f.hint for f in pf.FIELDS if f.key == key), "")


def _first_sentence(text: str) -> str:
    """Return why there is no keyring, without what can be done: the question at saving offers that."""
    first, end, _ = text.partition("). ")
    return first + end.rstrip()


def _label(key: str) -> str:
    return next(f.label for f in pf.FIELDS if f.key == key)


def store_words(status: StoreStatus) -> list[Para]:
    """Say where secrets go, or why they cannot be stored and what to do instead."""
    if status.references:
        return [Para(status.sentence, "dim", most=3)]
    if status.usable:
        return [Para(f"Secrets go to: {status.name}.", "dim", most=2)]
    if status.asks:
        return [
            Para(_first_sentence(status.sentence), "$warning", most=2),
            Para("You are asked where to keep secrets when you save.", "dim"),
        ]
    return [
        Para(f"Secrets cannot be stored: {status.sentence}", "$warning", most=2),
        Para("A typed secret can stay in memory until you quit. To keep it, write a reference: env:NAME or file:PATH.", "dim", most=2),
    ]
