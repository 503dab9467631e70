"""The settings of the four deployables: a variable means the same in each, and none shows a secret."""

from collections.abc import Callable, Mapping

import pytest

import functions.incoming_call.settings
import functions.stream_status.settings
import functions.summarize.settings
import media_service.settings
from calls.env import BadEnvironment

READERS: dict[str, Callable[[Mapping[str, str]], object]] = {
    "media-service": media_service.settings.read,
    "incoming-call": functions.incoming_call.settings.load,
    "stream-status": functions.stream_status.settings.load,
    "summarize": functions.summarize.settings.read,
}
GOOD = {
    "GOOGLE_CLOUD_PROJECT": "p",
    "INCOMING_CALL_URL": "https://in.example",
    "PUBLIC_HOST": "media.example",
    "TWILIO_AUTH_TOKEN": "s3cret-old,s3cret-new",
    "STREAM_TOKEN_SECRET": "s3cret-stream",
    "FORWARD_TO": "+97231234567",
}


class Recording(dict[str, str]):
    """Remembers which variables were asked for."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(variables)
        self.asked: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)


def readers_of(variable: str) -> list[str]:
    found = []
    for name, read in READERS.items():
        environ = Recording(GOOD)
        read(environ)
        found += [name] if variable in environ.asked else []
    return found


def refuses(reader: str, variable: str, value: str) -> bool:
    try:
        READERS[reader]({**GOOD, variable: value})
    except BadEnvironment as refusal:
        assert variable in str(refusal)
        return True
    return False


@pytest.mark.parametrize(
    ("variable", "good", "bad"),
    [
        ("RETENTION_DAYS", ["1", "3650"], ["0", "3651", "36500", "soon"]),
        ("REQUEST_TIMEOUT_SEC", ["1", "60"], ["0.5", "61", "120", "300", "x"]),
        ("LEAD_WRITE_BUDGET_MS", ["0", "10000"], ["-1", "10001"]),
        ("CALL_MODE", ["assistant", "listen"], ["sing"]),
        ("REPLY_ENGINE", ["gemini", "script"], ["gpt"]),
        ("LOG_TRANSCRIPTS", ["true", "no"], ["perhaps"]),
        ("ALLOW_UNSIGNED_TWILIO", ["true"], ["perhaps"]),
        ("PUBLIC_HOST", ["a.example", "a.example:8443"], ["https://a.example", "a.example/", "a b"]),
        ("STREAM_STATUS_URL", ["https://st.example/x"], ["st.example", "http://st.example"]),
    ],
)
def test_a_variable_has_one_bound_wherever_it_is_read(variable: str, good: list[str], bad: list[str]) -> None:
    """What one deployable starts with, no other refuses to start with."""
    readers = readers_of(variable)
    assert len(readers) > 1
    assert {(reader, value): refuses(reader, variable, value) for reader in readers for value in good} == {
        (reader, value): False for reader in readers for value in good
    }
    assert {(reader, value): refuses(reader, variable, value) for reader in readers for value in bad} == {
        (reader, value): True for reader in readers for value in bad
    }


@pytest.mark.parametrize("name", READERS)
def test_a_printed_setting_shows_no_secret(name: str) -> None:
    """Settings end up in tracebacks and debuggers."""
    assert "s3cret" not in repr(READERS[name](GOOD))
