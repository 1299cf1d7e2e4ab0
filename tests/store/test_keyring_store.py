"""The keyring with every fault that was met in the field: each one sentence, none a hang, none a lost or shown secret."""

from __future__ import annotations

import asyncio
import secrets
import threading

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.store.background import aside
from authwizard.store.keyring_faults import Fault, KeyringFault
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.secrets import SecretStore, StorePlace

WINDOWS = "keyring.backends.Windows"


def raising(exc: Exception, *methods: str):
    """What a double does before a call: raise for these methods (all where none is named)."""

    def on_call(method: str) -> None:
        if not methods or method in methods:
            raise exc

    return on_call


def named(name: str, text: str, base: type[Exception] = Exception, module: str = "keyring.errors") -> Exception:
    """An exception of a class that is known by its name only."""
    return type(name, (base,), {"__module__": module})(text)


def test_a_secret_is_stored_read_and_deleted_under_its_documented_name(fake_keyring, secret: Secret) -> None:
    backend = fake_keyring()
    store: SecretStore = KeyringStore(backend)
    assert store.get("prod", "client_secret") is None
    store.set("prod", "client_secret", secret)
    assert backend.items == {("authwizard/prod/client_secret", "authwizard"): secret.reveal()}
    assert store.get("prod", "client_secret") == secret
    assert store.delete("prod", "client_secret") is True
    assert store.delete("prod", "client_secret") is False
    assert backend.items == {}
    assert backend.threads == {"authwizard-keyring"}


def test_an_empty_secret_is_not_an_absent_one(fake_keyring) -> None:
    store = KeyringStore(fake_keyring())
    store.set("prod", "password", Secret(""))
    assert store.get("prod", "password") == Secret("")


def test_any_item_is_reached_by_service_and_user(fake_keyring, secret: Secret) -> None:
    backend = fake_keyring()
    backend.items["other/program", "me"] = secret.reveal()
    store = KeyringStore(backend)
    assert store.get_item("other/program", "me") == secret
    store.set_item("other/program", "me", Secret("new"))
    assert backend.items == {("other/program", "me"): "new"}


def test_the_store_says_which_one_it_is(fake_keyring) -> None:
    assert KeyringStore(fake_keyring()).describe() == StorePlace(
        "keyring", "Secret Service", durable=True, backend="keyring.backends.SecretService.Keyring"
    )
    assert KeyringStore(fake_keyring(WINDOWS)).describe().title == "Windows Credential Manager"


def test_a_probe_writes_reads_and_leaves_nothing(fake_keyring) -> None:
    backend = fake_keyring()
    place = KeyringStore(backend).probe()
    assert place.title == "Secret Service"
    assert {"set", "get", "delete"} <= set(backend.calls)
    assert backend.items == {}


def test_a_probe_that_reads_something_else_back_fails_and_leaves_nothing(fake_keyring) -> None:
    backend = fake_keyring()
    backend.get_password = lambda service, username: "something else" if (service, username) in backend.items else None
    with pytest.raises(KeyringFault, match="Secret Service took the value but did not return it"):
        KeyringStore(backend).probe()
    assert backend.items == {}


@pytest.mark.parametrize(
    ("exc", "kind", "said"),
    [
        (named("KeyringLocked", "Failed to unlock the collection!"), Fault.LOCKED, "Secret Service is locked."),
        (named("KeyringError", "Can't get password: (-25308, 'not allowed')"), Fault.LOCKED, "is locked"),
        (named("InitError", "Failed to create the collection: Prompt dismissed.."), Fault.LOCKED, "is locked"),
        (named("InitError", "x: Message recipient disconnected from message bus without replying."), Fault.VANISHED, "went away"),
        (named("SecretServiceNotAvailableException", "x", module="secretstorage.exceptions"), Fault.VANISHED, "went away while"),
        (named("DBusErrorResponse", "[org.freedesktop.DBus.Error.NoReply] x", module="jeepney"), Fault.VANISHED, "went away"),
        (ConnectionResetError(104, "Connection reset by peer"), Fault.VANISHED, "went away"),
        (BrokenPipeError(32, "Broken pipe"), Fault.VANISHED, "went away"),
        (EOFError(), Fault.VANISHED, "went away"),
        (named("PasswordSetError", "Cancelled by user"), Fault.REFUSED, "refused to read: Cancelled by user"),
        (RuntimeError("\x1b[31mred\nline"), Fault.REFUSED, "\\x1b[31mred\\nline"),
        (AttributeError("'NoneType' object has no attribute 'x'"), Fault.REFUSED, "refused to read"),
        (OSError(13, "Permission denied"), Fault.REFUSED, "Permission denied"),
    ],
)  # fmt: skip
def test_whatever_a_back_end_raises_is_one_sentence(fake_keyring, exc: Exception, kind: Fault, said: str) -> None:
    store = KeyringStore(fake_keyring(on_call=raising(exc)))
    with pytest.raises(KeyringFault) as caught:
        store.get("prod", "api_key")
    assert caught.value.kind is kind
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert isinstance(caught.value, StoreError)


def test_how_to_unlock_depends_on_the_display(fake_keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    store = KeyringStore(fake_keyring(on_call=raising(named("KeyringLocked", "x"))))
    with pytest.raises(KeyringFault, match="no display for its password window"):
        store.get("prod", "api_key")
    monkeypatch.setenv("DISPLAY", ":0")
    with pytest.raises(KeyringFault, match="Unlock it in your desktop's password manager"):
        store.get("prod", "api_key")
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(KeyringFault, match="security unlock-keychain"):
        store.get("prod", "api_key")


def test_no_sentence_holds_the_secret(fake_keyring, secret: Secret) -> None:
    text = secret.reveal()
    for exc in (
        UnicodeEncodeError("ascii", text, 0, 1, "ordinal not in range"),
        ValueError(f"bad value {text}"),
        RuntimeError(f"cannot write {text!r}"),
    ):
        with pytest.raises(StoreError) as caught:
            KeyringStore(fake_keyring(on_call=raising(exc, "set"))).set("prod", "api_key", secret)
        assert text not in str(caught.value)


def test_an_exception_that_may_quote_what_it_read_is_not_shown(fake_keyring, secret: Secret) -> None:
    with pytest.raises(KeyringFault) as caught:
        KeyringStore(fake_keyring(on_call=raising(ValueError(f"cannot decode {secret.reveal()}")))).get("prod", "api_key")
    assert str(caught.value) == "Secret Service refused to read: ValueError."


def test_bytes_that_are_no_text_are_refused_before_the_keyring_sees_them(fake_keyring) -> None:
    backend = fake_keyring()
    with pytest.raises(StoreError, match="not UTF-8"):
        KeyringStore(backend).set("prod", "api_key", Secret("a\udcff"))
    assert backend.calls == []


def test_a_back_end_that_forgets_is_noticed(fake_keyring, secret: Secret) -> None:
    backend = fake_keyring()
    backend.set_password = lambda *_: None
    with pytest.raises(KeyringFault, match="took the value but did not return it"):
        KeyringStore(backend).set("prod", "api_key", secret)


def test_a_hang_ends_at_the_limit_and_the_next_call_waits_only_the_short_one(fake_keyring, secret: Secret) -> None:
    release = threading.Event()
    backend = fake_keyring(on_call=lambda method: release.wait(30))
    store = KeyringStore(backend, seconds=0.2, probe_seconds=0.02)
    try:
        with pytest.raises(KeyringFault, match=r"did not answer within 0\.2 s when asked to read\. It may be waiting") as first:
            store.get("prod", "api_key")
        with pytest.raises(
            KeyringFault, match=r"within 0\.02 s when asked to write\. It may be waiting for a password in another window\.$"
        ):
            store.set("prod", "api_key", secret)
        assert first.value.kind is Fault.HANGING
    finally:
        release.set()
    KeyringStore(fake_keyring()).get("prod", "api_key")
    assert backend.items == {}  # the write that was given up before it began is not made later


def test_a_write_that_was_begun_is_said_to_be_open(fake_keyring, secret: Secret) -> None:
    release = threading.Event()
    store = KeyringStore(fake_keyring(on_call=lambda method: release.wait(30)), seconds=0.3)  # in which the write has begun for certain
    try:
        with pytest.raises(KeyringFault, match="may or may not have been stored"):
            store.set("prod", "api_key", secret)
    finally:
        release.set()


def test_a_keyring_that_answers_again_is_used_again(fake_keyring, secret: Secret) -> None:
    release = threading.Event()
    backend = fake_keyring(on_call=lambda method: release.wait(30))
    backend.items["authwizard/prod/api_key", "authwizard"] = secret.reveal()
    store = KeyringStore(backend, seconds=5, probe_seconds=0.02)
    with pytest.raises(KeyringFault):
        store.probe()
    release.set()
    assert store.get("prod", "api_key") == secret


async def test_the_loop_goes_on_while_the_keyring_hangs(fake_keyring, secret: Secret) -> None:
    release = threading.Event()
    backend = fake_keyring(on_call=lambda method: release.wait(30))
    backend.items["authwizard/prod/api_key", "authwizard"] = secret.reveal()
    store = KeyringStore(backend)
    waiting = asyncio.create_task(aside(lambda: store.get("prod", "api_key")))
    for _ in range(5):
        await asyncio.sleep(0.001)
    assert not waiting.done()
    release.set()
    assert await waiting == secret


@pytest.mark.parametrize(
    "module",
    ["keyring.backends.null", "keyring.backends.fail", "keyring.backends.chainer", "keyrings.alt.file", "keyrings.cryptfile.cryptfile",
     "sitecustomize"],
)  # fmt: skip
def test_a_back_end_that_is_not_on_the_list_is_never_written_to(fake_keyring, secret: Secret, module: str) -> None:
    backend = fake_keyring(module)
    store = KeyringStore(backend)
    for call in (lambda: store.set("prod", "api_key", secret), lambda: store.get("prod", "api_key"), store.probe):
        with pytest.raises(KeyringFault) as caught:
            call()
        assert caught.value.kind is Fault.NONE
    assert backend.calls == []
    assert store.describe().problem == str(caught.value)


def test_finding_the_back_end_is_under_the_limit_too() -> None:
    release = threading.Event()

    def find():
        release.wait(30)
        raise AssertionError

    store = KeyringStore(find=find, seconds=0.05, probe_seconds=0.02)
    try:
        with pytest.raises(KeyringFault, match="The system keyring did not answer"):
            store.get("prod", "api_key")
        assert "did not answer within 0.02 s" in store.describe().problem
    finally:
        release.set()


def test_a_back_end_is_looked_for_again_after_none_was_found(fake_keyring) -> None:
    answers = [KeyringFault(Fault.NONE, "none"), fake_keyring()]

    def find():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    store = KeyringStore(find=find)
    with pytest.raises(KeyringFault, match="none"):
        store.get("prod", "api_key")
    assert store.get("prod", "api_key") is None
    assert store.get("prod", "api_key") is None
    assert answers == []


# --- Windows: 1280 characters an item ---


def test_a_long_secret_is_cut_where_items_are_small(fake_keyring) -> None:
    backend = fake_keyring(WINDOWS, limit=1280)
    store = KeyringStore(backend)
    value = Secret(secrets.token_urlsafe(3000) + "\U0001f511")
    store.set("prod", "private_key", value)
    assert store.get("prod", "private_key") == value
    header = backend.items["authwizard/prod/private_key", "authwizard"]
    count = len(value) // 1200 + 1
    assert header.startswith(f"c1.1.{count}.")
    assert set(backend.items) == {("authwizard/prod/private_key", "authwizard")} | {
        (f"authwizard/prod/private_key#{number}", "authwizard") for number in range(count)
    }


def test_a_secret_that_fits_is_stored_as_it_is_and_old_parts_are_swept(fake_keyring) -> None:
    backend = fake_keyring(WINDOWS, limit=1280)
    store = KeyringStore(backend)
    for length, parts in ((5000, 5), (1300, 2), (1200, 0), (2500, 3)):
        value = Secret("x" * length)
        store.set("prod", "private_key", value)
        assert store.get("prod", "private_key") == value
        assert sum("#" in service for service, _ in backend.items) == parts
    assert store.delete("prod", "private_key") is True
    assert backend.items == {}


def test_each_overwrite_raises_the_generation(fake_keyring) -> None:
    backend = fake_keyring(WINDOWS, limit=1280)
    store = KeyringStore(backend)
    for number in (1, 2, 3):
        store.set("prod", "private_key", Secret("x" * 2000))
        assert backend.items["authwizard/prod/private_key", "authwizard"].startswith(f"c1.{number}.2.")


def test_the_header_is_written_last(fake_keyring) -> None:
    backend = fake_keyring(WINDOWS)
    order: list[str] = []
    original = backend.set_password
    backend.set_password = lambda service, user, text: (order.append(service), original(service, user, text))[1]
    KeyringStore(backend).set("prod", "private_key", Secret("x" * 2000))
    assert order == [f"authwizard/prod/private_key{part}" for part in ("#0", "#1", "")]


def test_a_half_written_secret_is_damaged_and_never_cut_short(fake_keyring) -> None:
    backend = fake_keyring(WINDOWS)
    store = KeyringStore(backend)
    store.set("prod", "private_key", Secret("x" * 2000))
    whole = dict(backend.items)
    for part in ("#0", "#1"):
        key = (f"authwizard/prod/private_key{part}", "authwizard")
        for items in ({each: text for each, text in whole.items() if each != key}, whole | {key: "y"}):
            backend.items = items
            with pytest.raises(KeyringFault, match="stored in parts, and they do not make the whole") as caught:
                store.get("prod", "private_key")
            assert caught.value.kind is Fault.DAMAGED
    store.set("prod", "private_key", Secret("new"))
    assert store.get("prod", "private_key") == Secret("new")


def test_a_secret_that_looks_like_a_header_comes_back_everywhere(fake_keyring) -> None:
    value = Secret(f"c1.1.2.{'a' * 64}")
    for module in (WINDOWS, "keyring.backends.SecretService"):
        store = KeyringStore(fake_keyring(module))
        store.set("prod", "api_key", value)
        assert store.get("prod", "api_key") == value
        assert store.delete("prod", "api_key")


def test_elsewhere_a_long_secret_is_one_item_and_the_old_one_is_not_read_first(fake_keyring) -> None:
    backend = fake_keyring()
    KeyringStore(backend).set("prod", "private_key", Secret("x" * 100_000))
    assert backend.calls == ["set", "get"]
    assert len(backend.items) == 1


def test_a_store_that_still_finds_it_too_large_says_so(fake_keyring) -> None:
    store = KeyringStore(fake_keyring(on_call=raising(OSError(1783, "CredWrite: The stub received bad data"), "set")))
    with pytest.raises(KeyringFault, match="does not take an item of 3000 characters") as caught:
        store.set("prod", "private_key", Secret("x" * 3000))
    assert caught.value.kind is Fault.TOO_LARGE
