"""What one synthesis request yields. Knows the service's rules and nothing of gRPC but its status codes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, Final

import grpc
from google.cloud import texttospeech_v1 as api

from local.standins.refusal import Refused, invalid
from local.standins.tts import encoding
from local.standins.tts.voices import ServiceVoice, chosen
from local.voice import speak

LARGEST_INPUT_BYTES: Final = 5_000
_NATURAL_RATE_HZ: Final = 24_000
_TAG: Final = re.compile(r"<[^>]*>")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…])\Z|\n+")

_Encoder = Callable[[bytes, int], bytes]


def _linear16_file(audio: bytes, rate_hz: int) -> bytes:
    return encoding.wav_pcm(encoding.linear16(audio, rate_hz), rate_hz)


def _mulaw_file(audio: bytes, rate_hz: int) -> bytes:
    return encoding.wav_mulaw(encoding.mulaw_at(audio, rate_hz), rate_hz)


def _alaw_file(audio: bytes, rate_hz: int) -> bytes:
    return encoding.wav_alaw(encoding.alaw(audio, rate_hz), rate_hz)


_WHOLE: Final[dict[int, _Encoder]] = {
    api.AudioEncoding.LINEAR16: _linear16_file,
    api.AudioEncoding.MULAW: _mulaw_file,
    api.AudioEncoding.ALAW: _alaw_file,
    api.AudioEncoding.PCM: encoding.linear16,
}
_STREAMED: Final[dict[int, _Encoder]] = {
    api.AudioEncoding.PCM: encoding.linear16,
    api.AudioEncoding.MULAW: encoding.mulaw_at,
    api.AudioEncoding.ALAW: encoding.alaw,
}


def synthesize(request: Any) -> bytes:
    """The `audio_content` for a `SynthesizeSpeechRequest`. Raises `Refused`."""
    text = _text(request.input)
    voice = chosen(request.voice.language_code, request.voice.name)
    audio = request.audio_config
    rate = _speaking_rate(audio.speaking_rate)
    if not -20.0 <= audio.pitch <= 20.0:
        raise invalid("Invalid pitch: it must be between -20.0 and 20.0.")
    if audio.pitch and voice.streams:
        raise invalid("This voice does not support pitch parameters at this time.")
    encode = _WHOLE.get(audio.audio_encoding)
    if encode is None:
        raise invalid("Invalid audio encoding.")
    return encode(speak(text, voice.imitation(rate, audio.pitch)), audio.sample_rate_hertz or _NATURAL_RATE_HZ)


class StreamedSynthesis:
    """One streaming synthesis: made of its configuration, fed with text, giving audio for sentences as they end."""

    def __init__(self, config: Any) -> None:
        self._voice: ServiceVoice = chosen(config.voice.language_code, config.voice.name)
        if not self._voice.streams:
            raise invalid("Currently, only Chirp 3: HD voices are supported for streaming synthesis.")
        audio = config.streaming_audio_config
        encode = _STREAMED.get(audio.audio_encoding or api.AudioEncoding.PCM)
        if encode is None:
            raise invalid("Unsupported audio encoding for streaming synthesis.")
        self._encode = encode
        self._rate_hz = audio.sample_rate_hertz or _NATURAL_RATE_HZ
        self._speaking_rate = _speaking_rate(audio.speaking_rate)
        self._pending = ""

    def on_text(self, text: str) -> list[str]:
        """The sentences that are complete now."""
        *sentences, self._pending = _SENTENCE_END.split(self._pending + text)
        return [sentence for sentence in sentences if sentence.strip()]

    def on_end(self) -> list[str]:
        rest, self._pending = self._pending, ""
        return [rest] if rest.strip() else []

    def audio(self, sentence: str) -> bytes:
        return self._encode(speak(sentence, self._voice.imitation(self._speaking_rate, 0.0)), self._rate_hz)


def streamed_text(request: Any) -> str:
    """The text of a message after the first. Raises `Refused`."""
    text = str(request.input.text or request.input.markup)
    _check_size(text)
    return text


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


def out_of_input() -> Refused:
    """What ends a stream to which nothing was sent for too long."""
    return Refused(
        grpc.StatusCode.ABORTED,
        "Stream aborted due to long duration elapsed without input sent. "
        "Input must be sent continuously, at least every 5s seconds.",
    )
