"""The environment as operators know it: every variable, its default, and what is wrong all at once."""

from typing import Any

import pytest

from calls.env import BadEnvironment
from media_service.settings import Settings, read

LEAST = {
    "GOOGLE_CLOUD_PROJECT": "maane",
    "TWILIO_AUTH_TOKEN": "token",
    "STREAM_TOKEN_SECRET": "secret",
    "PUBLIC_HOST": "calls.example.com",
}


def settings(**environ: str) -> Settings:
    return read(LEAST | environ)


def value(of: Settings, path: str) -> Any:
    found: Any = of
    for name in path.split("."):
        found = getattr(found, name)
    return found


DEFAULTS: dict[str, object] = {
    "port": 8080,
    "topic": "call-events",
    "max_calls": 30,
    "keepalive_s": 18.0,
    "request_timeout_s": 25.0,
    "log_transcripts": False,
    "listen_mode": False,
    "business_name": "",
    "greeting": "",
    "speech.model": "phone_call",
    "speech.language": "he-IL",
    "speech.endpoint": "eu-speech.googleapis.com",
    "speech.whisper_model": "",
    "speech.emulator_host": "",
    "voice.voice": "he-IL-Wavenet-D",
    "voice.rate": 0.96,
    "voice.pitch": -2.0,
    "reply.engine": "gemini",
    "reply.model": "gemini-3.5-flash-lite",
    "reply.thinking_level": "minimal",
    "reply.location": "global",
    "call.listening.streaming": True,
    "call.listening.interim_debounce_s": 0.12,
    "call.listening.wording.punctuate_interims": False,
    "call.listening.wording.punctuate_finals": True,
    "call.listening.endpointing.hangover_s": 0.22,
    "call.listening.endpointing.timeout_s": 0.45,
    "call.listening.endpointing.strong_chars": 15,
    "call.listening.streams.batch_s": 0.08,
    "call.listening.streams.start_attempts": 3,
    "call.listening.streams.retry_delay_s": 0.2,
    "call.listening.streams.look_for_pause_after_s": 240.0,
    "call.listening.streams.rotate_after_s": 285.0,
    "call.listening.single.min_utterance_s": 0.6,
    "call.listening.single.min_silence_s": 0.5,
    "call.listening.single.max_silence_s": 1.8,
    "call.turns.filler_after_s": 0.7,
    "call.media_timeout_s": 30.0,
    "twilio.auth_tokens": ("token",),
    "twilio.allow_unsigned": False,
}


@pytest.mark.parametrize("path", DEFAULTS)
def test_what_holds_where_nothing_is_set(path: str) -> None:
    assert value(settings(), path) == DEFAULTS[path]


@pytest.mark.parametrize(
    ("variable", "given", "path", "expected"),
    [
        ("PORT", "9000", "port", 9000),
        ("CALL_EVENTS_TOPIC", "t", "topic", "t"),
        ("MAX_CONCURRENT_CALLS", "5", "max_calls", 5),
        ("WS_KEEPALIVE_SEC", "7.5", "keepalive_s", 7.5),
        ("MEDIA_TIMEOUT_SEC", "60", "call.media_timeout_s", 60.0),
        ("REQUEST_TIMEOUT_SEC", "10", "request_timeout_s", 10.0),
        ("LOG_TRANSCRIPTS", "true", "log_transcripts", True),
        ("CALL_MODE", "listen", "listen_mode", True),
        ("BUSINESS_NAME", "הצפון", "business_name", "הצפון"),
        ("GREETING_TEXT", "שלום", "greeting", "שלום"),
        ("STT_BATCH_MS", "250", "call.listening.streams.batch_s", 0.25),
        ("STT_PARTIAL_DEBOUNCE_MS", "0", "call.listening.interim_debounce_s", 0.0),
        ("STT_TIMEOUT_MS", "900", "call.listening.endpointing.timeout_s", 0.9),
        ("VAD_HANGOVER_MS", "300", "call.listening.endpointing.hangover_s", 0.3),
        ("EARLY_FINALIZE_MIN_CHARS", "20", "call.listening.endpointing.strong_chars", 20),
        ("MIN_UTTERANCE_MS", "700", "call.listening.single.min_utterance_s", 0.7),
        ("MIN_SILENCE_MS", "600", "call.listening.single.min_silence_s", 0.6),
        ("MAX_SILENCE_MS", "2000", "call.listening.single.max_silence_s", 2.0),
        ("GCP_STT_LANGUAGE", "en-US", "speech.language", "en-US"),
        ("GCP_STT_MODEL", "default", "speech.model", "default"),
        ("GCP_STT_PUNCTUATION_INTERIM", "true", "call.listening.wording.punctuate_interims", True),
        ("GCP_STT_PUNCTUATION_FINAL", "false", "call.listening.wording.punctuate_finals", False),
        ("GOOGLE_CLOUD_SPEECH_ENDPOINT", "x", "speech.endpoint", "x"),
        ("STT_STREAM_START_ATTEMPTS", "5", "call.listening.streams.start_attempts", 5),
        ("STT_RETRY_DELAY_MS", "500", "call.listening.streams.retry_delay_s", 0.5),
        ("STT_STREAM_ROTATE_LOOK_SEC", "11.5", "call.listening.streams.look_for_pause_after_s", 11.5),
        ("STT_STREAM_ROTATE_MAX_SEC", "14", "call.listening.streams.rotate_after_s", 14.0),
        ("WHISPER_MODEL", "small", "speech.whisper_model", "small"),
        ("TTS_VOICE", "he-IL-Wavenet-A", "voice.voice", "he-IL-Wavenet-A"),
        ("TTS_RATE", "1.1", "voice.rate", 1.1),
        ("TTS_PITCH", "0", "voice.pitch", 0.0),
        ("TTS_SLOW_MS", "900", "call.turns.filler_after_s", 0.9),
        ("REPLY_ENGINE", "script", "reply.engine", "script"),
        ("GEMINI_THINKING_LEVEL", "", "reply.thinking_level", ""),
        ("TWILIO_AUTH_TOKEN", "new, old", "twilio.auth_tokens", ("new", "old")),
    ],
)
def test_a_variable_does_what_it_says(variable: str, given: str, path: str, expected: object) -> None:
    assert value(settings(**{variable: given}), path) == expected


@pytest.mark.parametrize("off", ["false", "0", "no", "FALSE", "No", " false "])
def test_only_an_unmistakable_no_switches_streaming_off(off: str) -> None:
    assert not settings(ENABLE_STREAMING_STT=off).call.listening.streaming


@pytest.mark.parametrize("on", ["", "true", "1", "yes", "off?", "nope", "disabled"])
def test_anything_else_leaves_streaming_on(on: str) -> None:
    assert settings(ENABLE_STREAMING_STT=on).call.listening.streaming


@pytest.mark.parametrize(
    ("variable", "bad"),
    [
        ("STT_BATCH_MS", "19"),
        ("STT_BATCH_MS", "251"),
        ("STT_BATCH_MS", "80ms"),
        ("MAX_CONCURRENT_CALLS", "0"),
        ("MEDIA_TIMEOUT_SEC", "nan"),
        ("WS_KEEPALIVE_SEC", "inf"),
        ("PORT", "99999"),
        ("TTS_RATE", "3"),
        ("REPLY_ENGINE", "gpt"),
        ("CALL_MODE", "both"),
        ("LOG_TRANSCRIPTS", "maybe"),
        ("PUBLIC_HOST", "https://calls.example.com"),
        ("PUBLIC_HOST", ""),
        ("GOOGLE_CLOUD_PROJECT", ""),
        ("TWILIO_AUTH_TOKEN", ""),
        ("TWILIO_AUTH_TOKEN", " , "),
        ("STREAM_TOKEN_SECRET", ""),
    ],
)
def test_a_bad_value_stops_the_start_and_is_named(variable: str, bad: str) -> None:
    with pytest.raises(BadEnvironment, match=variable):
        settings(**{variable: bad})


def test_every_problem_is_in_one_message() -> None:
    with pytest.raises(BadEnvironment) as problem:
        read({"STT_BATCH_MS": "1", "PORT": "x"})
    for variable in ("STT_BATCH_MS", "PORT", "GOOGLE_CLOUD_PROJECT", "TWILIO_AUTH_TOKEN", "STREAM_TOKEN_SECRET"):
        assert variable in str(problem.value)


def test_a_developers_machine_needs_no_secrets() -> None:
    twilio = read({"GOOGLE_CLOUD_PROJECT": "maane", "ALLOW_UNSIGNED_TWILIO": "true"}).twilio
    assert twilio.allow_unsigned
    assert twilio.auth_tokens == ()
