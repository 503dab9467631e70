"""The environment of the media service, read once at start.

Every field names its variable; what each means to an operator is in the README. Nothing here reaches for a vendor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls import common_settings as common
from calls.env import EnvReader
from media_service.core.call_settings import CallSettings
from media_service.core.recognition.single_requests import SingleRequestSettings
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.recognition.wording import Wording
from media_service.core.turns.endpointing import EndpointingSettings
from media_service.core.turns.listening import ListeningSettings
from media_service.core.turns.turn_taking import TurnSettings


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    public_host: str
    """PUBLIC_HOST: the host Twilio connects to; its signatures are made over it."""

    auth_tokens: tuple[str, ...] = field(repr=False)
    """TWILIO_AUTH_TOKEN: one, or two while it is rotated. Empty only with `allow_unsigned`."""

    stream_token_secret: str = field(repr=False)
    """STREAM_TOKEN_SECRET. Empty only with `allow_unsigned`; then stream tokens are not checked."""

    allow_unsigned: bool
    """ALLOW_UNSIGNED_TWILIO: start without secrets, and check nothing for which there is none. For a developer's
    machine."""


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    model: str
    language: str
    endpoint: str
    emulator_host: str
    whisper_model: str
    """WHISPER_MODEL: "" for none."""


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    voice: str
    rate: float
    pitch: float
    emulator_host: str


@dataclass(frozen=True, slots=True)
class ReplySettings:
    engine: str
    """`gemini` or `script`."""

    model: str
    thinking_level: str
    location: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Settings:
    port: int
    project: str
    topic: str
    pubsub_emulator_host: str
    listen_mode: bool
    """CALL_MODE=listen: a person answers, and the service only hears both."""
    max_calls: int
    keepalive_s: float
    request_timeout_s: float
    log_transcripts: bool
    business_name: str
    greeting: str
    twilio: TwilioSettings
    speech: SpeechSettings
    voice: VoiceSettings
    reply: ReplySettings
    call: CallSettings


def read(environ: Mapping[str, str]) -> Settings:
    """Raises `BadEnvironment` naming every problem."""
    env = EnvReader(environ)
    settings = Settings(
        port=env.integer("PORT", 8080, 1, 65_535),
        project=common.required_project(env),
        topic=env.text("CALL_EVENTS_TOPIC", "call-events"),
        pubsub_emulator_host=env.text("PUBSUB_EMULATOR_HOST"),
        listen_mode=common.call_mode(env) == common.LISTEN,
        max_calls=env.integer("MAX_CONCURRENT_CALLS", 30, 1, 1000),
        keepalive_s=env.number("WS_KEEPALIVE_SEC", 18, 1, 600),
        request_timeout_s=common.request_timeout_s(env),
        log_transcripts=common.log_transcripts(env),
        business_name=env.text("BUSINESS_NAME"),
        greeting=env.text("GREETING_TEXT"),
        twilio=_twilio(env),
        speech=SpeechSettings(
            model=env.text("GCP_STT_MODEL", "phone_call"),
            language=env.text("GCP_STT_LANGUAGE", "he-IL"),
            endpoint=env.text("GOOGLE_CLOUD_SPEECH_ENDPOINT", "eu-speech.googleapis.com"),
            emulator_host=env.text("SPEECH_EMULATOR_HOST"),
            whisper_model=env.text("WHISPER_MODEL"),
        ),
        voice=VoiceSettings(
            voice=env.text("TTS_VOICE", "he-IL-Wavenet-D"),
            rate=env.number("TTS_RATE", 0.96, 0.25, 2.0),
            pitch=env.number("TTS_PITCH", -2.0, -20.0, 20.0),
            emulator_host=env.text("TEXTTOSPEECH_EMULATOR_HOST"),
        ),
        reply=_reply(env),
        call=_call(env),
    )
    env.finish()
    return settings


def _reply(env: EnvReader) -> ReplySettings:
    chosen = common.gemini_model(env)
    return ReplySettings(
        engine=common.reply_engine(env),
        model=chosen.model,
        thinking_level=chosen.thinking_level,
        location=chosen.location,
        base_url=chosen.base_url,
    )


def _twilio(env: EnvReader) -> TwilioSettings:
    twilio = TwilioSettings(
        public_host=common.public_host(env),
        auth_tokens=common.auth_tokens(env),
        stream_token_secret=env.text("STREAM_TOKEN_SECRET"),
        allow_unsigned=common.allow_unsigned(env),
    )
    if not twilio.allow_unsigned and not twilio.stream_token_secret:
        env.problem("STREAM_TOKEN_SECRET is not set: stream tokens could not be checked")
    if not twilio.allow_unsigned and not twilio.public_host:
        env.problem("PUBLIC_HOST is not set: Twilio signs over it, for instance calls.example.com")
    return twilio


def _call(env: EnvReader) -> CallSettings:
    return CallSettings(
        listening=ListeningSettings(
            streaming=env.switched_on("ENABLE_STREAMING_STT"),
            interim_debounce_s=env.integer("STT_PARTIAL_DEBOUNCE_MS", 120, 0, 5_000) / 1000,
            wording=Wording(
                punctuate_interims=env.flag("GCP_STT_PUNCTUATION_INTERIM", False),
                punctuate_finals=env.flag("GCP_STT_PUNCTUATION_FINAL", True),
            ),
            endpointing=EndpointingSettings(
                hangover_s=env.integer("VAD_HANGOVER_MS", 220, 20, 5_000) / 1000,
                timeout_s=env.integer("STT_TIMEOUT_MS", 450, 20, 10_000) / 1000,
                strong_chars=env.integer("EARLY_FINALIZE_MIN_CHARS", 15, 1, 1_000),
            ),
            streams=StreamSettings(
                batch_s=env.integer("STT_BATCH_MS", 80, 20, 250) / 1000,
                start_attempts=env.integer("STT_STREAM_START_ATTEMPTS", 3, 1, 20),
                retry_delay_s=env.integer("STT_RETRY_DELAY_MS", 200, 0, 10_000) / 1000,
                # For tests and odd recognizers: Google's own limit of 300 s is what the defaults are made for.
                look_for_pause_after_s=env.number("STT_STREAM_ROTATE_LOOK_SEC", 240, 1, 300),
                rotate_after_s=env.number("STT_STREAM_ROTATE_MAX_SEC", 285, 1, 300),
            ),
            single=SingleRequestSettings(
                min_utterance_s=env.integer("MIN_UTTERANCE_MS", 600, 20, 60_000) / 1000,
                min_silence_s=env.integer("MIN_SILENCE_MS", 500, 20, 60_000) / 1000,
                max_silence_s=env.integer("MAX_SILENCE_MS", 1800, 20, 60_000) / 1000,
            ),
        ),
        turns=TurnSettings(filler_after_s=env.integer("TTS_SLOW_MS", 700, 50, 10_000) / 1000),
        media_timeout_s=env.number("MEDIA_TIMEOUT_SEC", 30, 1, 3_600),
    )
