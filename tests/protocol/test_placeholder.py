"""Template text is told from real values."""

from __future__ import annotations

from each_row import for_each
from hypothesis import given

from authwizard.protocol.placeholder import placeholder_of

from .token_samples import ANY_TEXT, rs256


@for_each(
    "text",
    ["YOUR_ACCESS_TOKEN", "<token>", "<your-token-here>", "changeme", "xxx", "XXXXXXXX", "undefined", "null", "None", "[object Object]", "${TOKEN}",
     "$TOKEN", "$(cat token.txt)", "Basic $(echo -n u:p | base64)", "Bearer", "bearer ", "Bearer undefined", "{{access_token}}", "%TOKEN%", "your-api-key",
     "paste your token here", "process.env.TOKEN", "***", "…", "{token}", '"null"', "REPLACE_ME", "`pass show api token`"],
)  # fmt: skip
def test_placeholders(text: str) -> None:
    assert placeholder_of(text)


@for_each(
    "text",
    [rs256(), "Bearer " + rs256(), "2YotnFZFEjr1zCsicMWpAA", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "hunter2", "pa$$word", "tokenizer", "a<b>c",
     "correct horse battery",
     "", "  ", "1//0gAbC", "my$ecret(1)", "0123456789abcdef"],
)  # fmt: skip
def test_real_values(text: str) -> None:
    assert placeholder_of(text) is None


@given(ANY_TEXT)
def test_any_text_is_judged(text: str) -> None:
    assert placeholder_of(text) != ""
