"""Speech synthesis by Google Text-to-Speech, as raw mu-law at 8000 Hz."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import grpc
from google.cloud.texttospeech_v1.types import cloud_tts

from media_service.adapters.google_channels import ChannelPool, GoogleEndpoint, channel_opener
from media_service.adapters.google_errors import GOOGLE_FAILURES, status_of, vendor_error
from media_service.core.speaking.speakable import without_invisible
from media_service.core.vad.audio import SAMPLE_RATE_HZ
from media_service.errors import VendorError, VendorRefused, VendorUnavailable

log = logging.getLogger(__name__)

HOST: Final = "texttospeech.googleapis.com"

# The API takes 5000 bytes of UTF-8, about 2500 Hebrew letters.
LONGEST_TEXT_BYTES: Final = 4_900

# About 20 s of speech, far more than what is usually asked for at once.
_SENTENCE_BYTES: Final = 600

# About 310 characters without a full stop were refused as too long a sentence; nobody says where the limit is.
SURE_SENTENCE_CHARS: Final = 150

_METHOD: Final = "/google.cloud.texttospeech.v1.TextToSpeech/SynthesizeSpeech"
_DOING: Final = "synthesis"
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+|\n+")
_ENDS: Final = (".", "!", "?", "…")
_CLAUSE_END: Final = re.compile(r"[,;:–—](?=\s)")
_WAVE_FORMAT_MULAW: Final = 7


@dataclass(frozen=True, slots=True)
class GoogleVoiceSettings:
    """What the operators decide."""

    voice: str = "he-IL-Wavenet-D"
    """Its first two parts are the language."""
    rate: float = 0.96
    """1.0 is the voice's own speed (0.25 to 2.0)."""
    pitch: float = -2.0
    """Semitones (-20 to 20); not for Chirp voices, which have no such setting."""
    emulator_host: str = ""
    """host:port of a local process to use instead of Google."""
    max_requests: int = 60
    """At the same time, at the most."""
    timeout_s: float = 5.0
    """For one request and its retry together, where the text is a sentence; a longer text gets more in proportion."""
    request_timeout_s: float = 25.0
    """However long the text."""
    first_attempt_s: float = 3.0
    """A first attempt that takes longer is given up for a second one, on another connection."""


class GoogleSynthesizer:
    """Implements `Synthesizer`. Made by `google_synthesizer`."""

    def __init__(self, settings: GoogleVoiceSettings, pool: ChannelPool) -> None:
        self._settings = settings
        self._pool = pool
        self._voice = cloud_tts.VoiceSelectionParams(
            language_code="-".join(settings.voice.split("-")[:2]), name=settings.voice
        )
        self._audio = cloud_tts.AudioConfig(
            audio_encoding=cloud_tts.AudioEncoding.MULAW,
            sample_rate_hertz=SAMPLE_RATE_HZ,
            speaking_rate=settings.rate,
        )
        if "chirp" not in settings.voice.lower():
            self._audio.pitch = settings.pitch

    async def synthesize(self, text: str) -> bytes:
        text = without_invisible(text).strip()
        if not text:
            raise VendorRefused(f"{_DOING}: there is nothing to say")
        return b"".join([await self._spoken(piece) for piece in pieces(text, LONGEST_TEXT_BYTES)])

    async def _spoken(self, text: str) -> bytes:
        """With its long sentences in one piece if synthesis takes them so, else cut once; each part is a request."""
        try:
            return await self._piece(text)
        except VendorRefused as error:
            parts = with_short_sentences(text, SURE_SENTENCE_CHARS)
            if len(parts) == 1 or not _is_bad_text(error):
                raise
        # By status and not by its text, which changes without notice: whatever else is wrong is refused again.
        log.info("synthesis_cut_smaller", extra={"characters": len(text), "parts": len(parts)})
        try:
            return b"".join([await self._piece(part) for part in parts])
        except VendorRefused as error:
            raise VendorRefused(f"{error} (also in {len(parts)} parts)") from error

    async def _piece(self, text: str) -> bytes:
        request = cloud_tts.SynthesizeSpeechRequest(
            input=cloud_tts.SynthesisInput(text=text), voice=self._voice, audio_config=self._audio
        )
        body = bytes(cloud_tts.SynthesizeSpeechRequest.serialize(request))
        loop = asyncio.get_running_loop()
        length = max(1.0, len(text.encode()) / _SENTENCE_BYTES)
        timeout_s = min(self._settings.timeout_s * length, self._settings.request_timeout_s)
        give_up_at = loop.time() + timeout_s
        try:
            response = await self._request(body, min(self._settings.first_attempt_s * length, timeout_s))
        except VendorUnavailable:
            left_s = give_up_at - loop.time()
            if left_s <= 0:
                raise
            response = await self._request(body, left_s)
        audio = raw_audio(cloud_tts.SynthesizeSpeechResponse.deserialize(response).audio_content)
        if not audio:
            raise VendorUnavailable(f"{_DOING}: no audio came back")
        return audio

    async def _request(self, body: bytes, timeout_s: float) -> bytes:
        lease = self._pool.lease()
        try:
            response: bytes = await lease.channel.unary_unary(_METHOD)(body, timeout=timeout_s)
            return response
        except GOOGLE_FAILURES as error:
            raise vendor_error(error, _DOING) from error
        except asyncio.CancelledError as error:
            # gRPC also says so when the channel was closed under the request.
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            raise VendorUnavailable(f"{_DOING}: the request was cancelled on this side") from error
        finally:
            lease.release()


@asynccontextmanager
async def google_synthesizer(settings: GoogleVoiceSettings) -> AsyncIterator[GoogleSynthesizer]:
    """Start connecting, and close the channels at the end. Raises `VendorRefused` without credentials."""
    pool = ChannelPool(
        await channel_opener(GoogleEndpoint.of(HOST, settings.emulator_host)), max_streams=settings.max_requests
    )
    pool.connect()
    try:
        yield GoogleSynthesizer(settings, pool)
    finally:
        await pool.close()


def raw_audio(audio: bytes) -> bytes:
    """The samples of mu-law audio that may be inside a WAV file.

    The file's length fields are not believed: a file that was written as a stream has none to believe. Everything
    behind the head of the `data` chunk is audio. Raises `VendorUnavailable` for a file of another kind of audio.
    """
    if audio[:4] != b"RIFF" or audio[8:12] != b"WAVE":
        return audio
    position = 12
    while position + 8 <= len(audio):
        name = audio[position : position + 4]
        size = int.from_bytes(audio[position + 4 : position + 8], "little")
        position += 8
        if name == b"data":
            return audio[position:]
        if name == b"fmt ":
            code = int.from_bytes(audio[position : position + 2], "little")
            rate_hz = int.from_bytes(audio[position + 4 : position + 8], "little")
            if (code, rate_hz) != (_WAVE_FORMAT_MULAW, SAMPLE_RATE_HZ):
                raise VendorUnavailable(f"{_DOING}: the audio has format {code} at {rate_hz} Hz")
        position += size + size % 2
    raise VendorUnavailable(f"{_DOING}: a file without audio came back")


def pieces(text: str, longest_bytes: int) -> Iterator[str]:
    """Cut at sentence ends where that suffices, else at spaces, else anywhere; as few pieces as that allows."""
    piece = ""
    for separator, part in _parts(text, longest_bytes):
        longer = f"{piece}{separator}{part}" if piece else part
        if piece and len(longer.encode()) > longest_bytes:
            yield piece
            longer = part
        piece = longer
    if piece:
        yield piece


def with_short_sentences(text: str, longest_chars: int) -> list[str]:
    """The text in order, cut inside each sentence that is longer: at commas where that suffices, else at spaces, else
    anywhere. Sentences that are short enough stay together. One part: there was nothing to cut."""
    parts: list[str] = []
    goes_on = False
    for sentence in filter(None, map(str.strip, _SENTENCE_END.split(text))):
        is_short = len(sentence) <= longest_chars
        if is_short and goes_on:
            parts[-1] += f" {sentence}"
        else:
            parts += _cut(sentence, longest_chars)
        # A sentence that only its line ends would become one with the next.
        goes_on = is_short and sentence.endswith(_ENDS)
    return parts


def _cut(sentence: str, longest_chars: int) -> Iterator[str]:
    while len(sentence) > longest_chars:
        clauses = [end.end() for end in _CLAUSE_END.finditer(sentence, 0, longest_chars + 1)]
        # A comma so early that little comes before it is no help: the rest would be cut at a space all the same.
        at = clauses[-1] if clauses and clauses[-1] > longest_chars // 3 else sentence.rfind(" ", 0, longest_chars + 1)
        at = at if at > 0 else longest_chars
        yield sentence[:at].rstrip()
        sentence = sentence[at:].lstrip()
    if sentence:
        yield sentence


def _is_bad_text(error: VendorError) -> bool:
    return error.__cause__ is not None and status_of(error.__cause__) is grpc.StatusCode.INVALID_ARGUMENT


def _parts(text: str, longest_bytes: int) -> Iterator[tuple[str, str]]:
    """Parts that fit, each with what joins it to the one before."""
    for sentence in _SENTENCE_END.split(text):
        if len(sentence.encode()) <= longest_bytes:
            yield " ", sentence
            continue
        for word in sentence.split():
            # A UTF-8 character has four bytes at the most.
            step = len(word) if len(word.encode()) <= longest_bytes else max(1, longest_bytes // 4)
            for start in range(0, len(word), step):
                yield "" if start else " ", word[start : start + step]
