"""Listen to one speaker: audio and recognition results in, utterances out.

Only composes: speech activity, recognition, and the utterances that are made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media_service.core.actions import Action
from media_service.core.events import RecognitionResult
from media_service.core.recognition.awaited_final import FinalSettings
from media_service.core.recognition.recognition import Recognition, RecognitionSettings
from media_service.core.recognition.single_requests import SingleRequestSettings
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.recognition.wording import Wording
from media_service.core.turns.endpointing import EndpointingSettings, unread
from media_service.core.turns.interims import InterimDebounce
from media_service.core.turns.utterance import SpeechFact
from media_service.core.turns.utterance_order import UtteranceOrder
from media_service.core.turns.utterances import Reads, Utterances
from media_service.core.vad.audio import FRAME_BYTES
from media_service.core.vad.detector import Vad
from media_service.core.vad.second_vote import StartVote
from media_service.core.vad.timeline import Timeline


@dataclass(frozen=True, slots=True)
class ListeningSettings:
    streaming: bool = True
    interim_debounce_s: float = 0.120
    wording: Wording = Wording()
    endpointing: EndpointingSettings = EndpointingSettings()
    streams: StreamSettings = StreamSettings()
    finals: FinalSettings = FinalSettings()
    single: SingleRequestSettings = SingleRequestSettings()
    start_vote: StartVote | None = None
    """The neural model that tells a voice from a cough, if there is one."""
    keep_order_s: float = 1.5
    """How long the words of a stream wait for single requests that are about something said before. After that somebody
    who waits for an answer is answered, out of order."""


Step = Sequence[Action | SpeechFact]


class Listener:
    """Of one speaker. Feed audio as it comes; call `on_timer` when `deadline` has passed."""

    def __init__(self, speaker: str, settings: ListeningSettings, now: float, reads: Reads = unread) -> None:
        """`reads` tells whether the words of a turn so far can be all of it."""
        self.speaker = speaker
        self._hangover_s = settings.endpointing.hangover_s
        self._timeline = Timeline()
        self._vad = Vad(settings.endpointing.onset_frames, self._timeline, settings.start_vote)
        recognition = RecognitionSettings(settings.streaming, settings.streams, settings.finals, settings.single)
        self._recognition = Recognition(speaker, recognition, self._timeline, now)
        self._utterances = Utterances(
            speaker,
            settings.endpointing,
            settings.wording,
            InterimDebounce(speaker, settings.interim_debounce_s, settings.wording),
            UtteranceOrder(settings.keep_order_s),
            self._timeline,
            self._recognition,
            reads,
        )
        self._rest = b""

    @property
    def is_speaking(self) -> bool:
        """Whether an utterance is open: somebody speaks, or just did."""
        return self._utterances.is_open

    @property
    def is_in_speech(self) -> bool:
        """Whether the newest audio is speech, or so near to it that a word may be going on."""
        return self._utterances.is_open and self._timeline.silence_s < self._hangover_s

    @property
    def spoken_s(self) -> float:
        """Seconds of speech in the open utterance."""
        return self._timeline.spoken_s

    @property
    def is_voice(self) -> bool:
        """Whether the open utterance is surely a voice, as far as anything can tell."""
        return self._timeline.is_voice

    @property
    def began_at(self) -> float:
        """When the open utterance began; infinity while none is open."""
        return self._utterances.began_at

    @property
    def is_far(self) -> bool:
        """Whether the newest utterance is much quieter than those before: somebody else, or an echo."""
        return self._vad.loudness.is_far

    @property
    def is_quieter(self) -> bool:
        """Whether it is quieter, as an echo would be."""
        return self._vad.loudness.is_quieter

    @property
    def has_become_quieter(self) -> bool:
        """Whether the newest sound is, whatever came before it in the utterance."""
        return self._vad.loudness.has_become_quieter

    @property
    def has_gone_far(self) -> bool:
        return self._vad.loudness.has_gone_far

    def is_own(self) -> None:
        """The newest utterance was the speaker's."""
        self._vad.loudness.learn()

    @property
    def silence_s(self) -> float:
        """Seconds since the last of it."""
        return self._timeline.silence_s

    @property
    def is_recognized(self) -> bool:
        """Whether the words reach to the end of the speech."""
        return self._utterances.is_covered

    @property
    def text(self) -> str:
        """The words of the open utterance so far."""
        return self._recognition.text

    @property
    def owes_words(self) -> bool:
        """Whether anything said is not yet settled, and may still change."""
        return self._recognition.may_still_give_words and (
            self._utterances.owes_words or self._recognition.awaits_last_words
        )

    @property
    def waiting_since(self) -> float | None:
        """When the speaker fell silent whose words only a single request, or a stream that works, will tell.

        None where nobody waits for such words.
        """
        return self._utterances.waiting_since

    def start(self, now: float) -> Step:
        return self._utterances.recognized(self._recognition.start(now), now)

    def feed(self, audio: bytes, now: float) -> Step:
        """mu-law audio of any length."""
        if len(audio) == FRAME_BYTES and not self._rest:
            return self._frame(audio, now)
        audio = self._rest + audio
        whole = len(audio) // FRAME_BYTES * FRAME_BYTES
        self._rest = audio[whole:]
        step: list[Action | SpeechFact] = []
        for start in range(0, whole, FRAME_BYTES):
            step += self._frame(audio[start : start + FRAME_BYTES], now)
        return step

    def opened(self, stream: str, now: float) -> Step:
        return self._utterances.recognized(self._recognition.opened(stream, now), now)

    def result(self, stream: str, result: RecognitionResult, now: float) -> Step:
        step = self._utterances.recognized(self._recognition.result(stream, result), now)
        return [*step, *self._utterances.hang_up(now)] if self._recognition.has_said_all() else step

    def stream_ended(self, stream: str, reason: str, now: float, *, permanent: bool = False) -> Step:
        """`permanent`: there is no use in trying again now."""
        ended = self._recognition.stream_ended(stream, reason, now, permanent=permanent)
        return self._utterances.recognized(ended, now)

    def recognized(self, request: str, results: Iterable[RecognitionResult], recognizer: str, now: float) -> Step:
        """The outcome of a single request; no results mean that nothing was said."""
        return self._utterances.recognized(self._recognition.recognized(request, results, recognizer), now)

    def request_failed(self, request: str, reason: str, now: float) -> Step:
        """The words that streaming had given of it before, if any, are all there will be."""
        return self._utterances.recognized(self._recognition.request_failed(request, reason), now)

    def deadline(self) -> float:
        return min(self._recognition.deadline(), self._utterances.deadline())

    def on_timer(self, now: float) -> Step:
        due = self._utterances.on_timer(now)
        return [*due, *self._utterances.recognized(self._recognition.on_timer(now), now)]

    def finish(self, now: float) -> Step:
        """The speaker is gone. Whatever was said becomes an utterance, now or with what the recognizer still sends."""
        step = self._utterances.recognized(self._recognition.finish(now), now)
        return [*step, *self._utterances.hang_up(now)]

    def close(self, now: float) -> Step:
        """Let go of the recognizer; what is not settled is settled as it is."""
        step = self._utterances.recognized(self._recognition.close(), now)
        return [*step, *self._utterances.settle_all(now)]

    def _frame(self, frame: bytes, now: float) -> Step:
        voiced = self._vad.feed(frame)
        began = self._utterances.speech(self._vad.onset_bytes, now) if self._vad.is_speaker else ()
        if began:
            self._vad.loudness.begin()
        was_streaming = self._recognition.is_streaming
        sent = self._recognition.feed(frame, now, voiced=voiced)
        if not (began or sent or self._utterances.is_open):
            return ()
        step = [*began, *self._utterances.recognized(sent, now)]
        if was_streaming and not self._vad.is_speaker:
            step += self._utterances.silence(now)
        return step
