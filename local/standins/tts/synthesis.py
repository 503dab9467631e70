"""What one synthesis request yields. Knows the service's rules and nothing of gRPC."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, Final

from google.cloud import texttospeech_v1 as api

from local.standins.refusal import invalid
from local.standins.tts import encoding
from local.standins.tts.voices import chosen
from local.voice import speak

LARGEST_INPUT_BYTES: Final = 5_000
_NATURAL_RATE_HZ: Final = 24_000
_TAG: Final = re.compile(r"<[^>]*>")

_Encoder = Callable[[bytes, int], bytes]


def _linear16_file(audio: bytes, rate_hz: int) -> bytes:
    return encoding.wav_pcm(encoding.linear16(audio, rate_hz), rate_hz)


def _mulaw_file(audio: bytes, rate_hz: int) -> bytes:
    return encoding.wav_mulaw(encoding.mulaw_at(audio, rate_hz), rate_hz)


_ENCODERS: Final[dict[int, _Encoder]] = {
    api.AudioEncoding.LINEAR16: _linear16_file,
    api.AudioEncoding.MULAW: _mulaw_file,
    api.AudioEncoding.PCM: encoding.linear16,
}


def synthesize(request: Any) -> bytes:
    """The `audio_content` for a `SynthesizeSpeechRequest`. Raises `Refused`."""
    text = _text(request.input)
    voice = chosen(request.voice.language_code, request.voice.name)
    audio = request.audio_config
    rate = _speaking_rate(audio.speaking_rate)
    if not -20.0 <= audio.pitch <= 20.0:
        raise invalid("Invalid pitch: it must be between -20.0 and 20.0.")
    if audio.pitch and voice.is_chirp:
        raise invalid("This voice does not support pitch parameters at this time.")
    encode = _ENCODERS.get(audio.audio_encoding)
    if encode is None:
        raise invalid("Invalid audio encoding.")
    return encode(speak(text, voice.imitation(rate, audio.pitch)), audio.sample_rate_hertz or _NATURAL_RATE_HZ)


def _text(source: Any) -> str:
    if source.ssml:
        _check_size(source.ssml)
        if not source.ssml.strip().startswith("<speak"):
            raise invalid("Invalid SSML. Newer voices like Neural2 require valid SSML.")
        return html.unescape(_TAG.sub(" ", source.ssml))
    text = str(source.text or source.markup)
    _check_size(text)
    if not text:
        raise invalid("Invalid input: neither `input.text` nor `input.ssml` is set.")
    return text


def _check_size(text: str) -> None:
    if len(text.encode()) > LARGEST_INPUT_BYTES:
        raise invalid(
            f"Either `input.text` or `input.ssml` is longer than the limit of {LARGEST_INPUT_BYTES} bytes. "
            "This limit is different from quotas. To fix, reduce the byte length of the characters in this request."
        )


def _speaking_rate(asked: float) -> float:
    if asked and not 0.25 <= asked <= 2.0:
        raise invalid("Invalid speaking_rate: it must be between 0.25 and 2.0.")
    return asked or 1.0
