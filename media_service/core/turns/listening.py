"""Listen to one speaker: audio and recognition results in, utterances out.

Composes speech activity, endpointing, the recognition session and the joining of words. An utterance is *closed*
when the speaker is taken to have finished, which is when it is answered, and *settled* when its words will not
change any more, which is when it is published. In between its final result may still improve it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media_service.core.actions import Action, RecognizeOnce, ReportRequestFailed, ReportStreamingGivenUp
from media_service.core.events import RecognitionResult
from media_service.core.recognition.awaited_final import AwaitedFinal
from media_service.core.recognition.debounce import InterimDebounce
from media_service.core.recognition.pending_requests import PendingRequests
from media_service.core.recognition.single_requests import SingleRequestSettings, UtteranceCutter
from media_service.core.recognition.stream_rotation import RecognitionSession, Replay
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.recognition.wording import Wording, joined, lowest
from media_service.core.recognition.words import RecognisedWords
from media_service.core.turns.endpointing import EndpointingSettings, is_noise, is_over
from media_service.core.turns.utterance import (
    Heard,
    InterimHeard,
    InterimShown,
    SpeechBegan,
    SpeechDismissed,
    SpeechUnheard,
    Utterance,
    UtteranceAmended,
    UtteranceClosed,
    UtteranceSettled,
)
from media_service.core.vad.audio import BYTES_PER_S, FRAME_BYTES
from media_service.core.vad.voice import Voice


@dataclass(frozen=True, slots=True)
class ListeningSettings:
    streaming: bool = True
    interim_debounce_s: float = 0.120
    wording: Wording = Wording()
    endpointing: EndpointingSettings = EndpointingSettings()
    streams: StreamSettings = StreamSettings()
    single: SingleRequestSettings = SingleRequestSettings()
    keep_order_s: float = 1.5
    """How long what a stream has heard waits for single requests that are about something said before. After that
    somebody who waits for an answer is answered, out of order."""


Step = Sequence[Action | Heard]


class Listener:
    """The ear for one speaker. Feed audio as it comes; call `on_timer` when `deadline` has passed."""

    def __init__(self, speaker: str, settings: ListeningSettings, now: float) -> None:
        self.speaker = speaker
        self._settings = settings
        self._voice = Voice(settings.endpointing.onset_frames)
        self._session = RecognitionSession(speaker, settings.streams, now)
        self._streaming = settings.streaming
        self._words = RecognisedWords()
        self._cutter = UtteranceCutter(settings.single)
        self._wording = settings.wording
        self._debounce = InterimDebounce(settings.interim_debounce_s)
        self._rest = b""
        self._open: Utterance | None = None
        self._closed: Utterance | None = None
        self._settle_at = math.inf
        self._awaited = AwaitedFinal(settings.endpointing)
        self._requests = PendingRequests(speaker)
        self._out_of_order_at = math.inf
        """When what a stream has heard waits no longer for the requests before it."""
        self._finished = False
        self._last_final_at = math.inf
        """When what a finished stream owes is asked for elsewhere."""

    @property
    def is_hearing(self) -> bool:
        """Whether an utterance is open: somebody speaks, or just did."""
        return self._open is not None

    @property
    def is_in_speech(self) -> bool:
        """Whether the newest audio is speech, or so near to it that a word may be going on."""
        return self._open is not None and self._voice.silence_s < self._settings.endpointing.hangover_s

    @property
    def voiced_s(self) -> float:
        """Seconds of speech in the open utterance."""
        return self._voice.spoken_s

    @property
    def text(self) -> str:
        """The words of the open utterance so far."""
        return self._words.text

    @property
    def owes_words(self) -> bool:
        """Whether anything heard is not yet settled."""
        return (
            self._open is not None or self._closed is not None or bool(self._requests) or self._last_final_at < math.inf
        )

    @property
    def waiting_since(self) -> float | None:
        """When the speaker fell silent whose words only a single request, or a stream that works, will tell.

        None where nobody waits for such words.
        """
        times = [utterance.ended_at for utterance in self._requests.utterances()]
        if self._open is not None and (not self._session.is_listening or self._is_unanswered):
            times.append(self._open.ended_at)
        return max(times, default=None)

    @property
    def awaits_request(self) -> bool:
        """Whether a single request is under way."""
        return bool(self._requests)

    def start(self, now: float) -> Step:
        return self._session.start(now) if self._streaming else ()

    def feed(self, audio: bytes, now: float) -> Step:
        """mu-law audio of any length."""
        if len(audio) == FRAME_BYTES and not self._rest:
            return self._frame(audio, now)
        audio = self._rest + audio
        whole = len(audio) // FRAME_BYTES * FRAME_BYTES
        self._rest = audio[whole:]
        step: list[Action | Heard] = []
        for start in range(0, whole, FRAME_BYTES):
            step += self._frame(audio[start : start + FRAME_BYTES], now)
        return step

    def opened(self, stream: str, now: float) -> Step:
        was_streaming = self._session.streaming
        replay = self._session.replay(self._words.segment_is_open)
        actions = self._session.opened(stream, self._words.segment_is_open, now)
        if self._session.streaming and not was_streaming:
            self._cutter.flush()  # the session kept that audio as well, and has just given it to the stream
        if actions and self._awaited.overdue_at < math.inf:
            self._awaited.wait(now)  # this one may send it
        if actions and replay is Replay.NOTHING:
            self._words.segment_lost()
        elif actions and replay is Replay.WHAT_IS_NOT_SAFE:
            self._words.segment_again()
        return actions

    def result(self, stream: str, result: RecognitionResult, now: float) -> Step:
        if not self._session.result(stream, result):
            return ()
        step = self._final(result, now) if result.is_final else self._interim(result.text, now)
        if not self._finished or self._words_are_missing:
            return step
        self._last_final_at = math.inf
        return (*step, *self._close(now))

    def stream_ended(self, stream: str, reason: str, now: float, *, final: bool = False) -> Step:
        """`final`: there is no use in trying again now."""
        was_listening = self._session.is_listening
        step = self._after_session(self._session.ended(stream, reason, now, final=final), now)
        if self._finished and reason and was_listening and not self._session.is_listening:
            return (*step, *self._request_unrecognised(now))  # it broke before it had said everything
        if not self._session.is_listening:
            self._last_final_at = math.inf
        return step

    def recognised(self, request: str, results: Iterable[RecognitionResult], recognizer: str, now: float) -> Step:
        """The outcome of a single request; no results mean that nothing was said."""
        waiting = self._requests.get(request)
        if waiting is None:
            return ()
        waiting.outcome = tuple(results)
        waiting.utterance.recognizer = recognizer
        return self._answered_requests(now)

    def request_failed(self, request: str, reason: str, now: float) -> Step:
        """What was heard of it before, if anything, is all there will be."""
        waiting = self._requests.get(request)
        if waiting is None:
            return ()
        waiting.outcome, waiting.failed = (), True
        return (ReportRequestFailed(reason), *self._answered_requests(now))

    def deadline(self) -> float:
        session = self._session.deadline() if self._streaming else math.inf
        utterances = min(self._settle_at, self._awaited.overdue_at, self._last_final_at, self._out_of_order_at)
        return min(session, utterances, self._debounce.deadline())

    def on_timer(self, now: float) -> Step:
        step: list[Action | Heard] = []
        if self._streaming:
            step += self._after_session(self._session.on_timer(self._words.segment_is_open, now), now)
        if (shown := self._debounce.due(now)) is not None:
            step.append(InterimShown(self._wording.interim(shown)))
        if now >= self._settle_at:
            step += self._settle()
        if now >= self._awaited.overdue_at:
            self._give_up_final(now)
        if now >= self._out_of_order_at:
            step += self._release()
        if now >= self._last_final_at:
            step += self._session.close()
            step += self._request_unrecognised(now)
        return step

    def _give_up_final(self, now: float) -> None:
        if not self._session.is_listening:
            self._awaited.wait(now)  # nobody could send it
            return
        self._awaited.wait_no_more()
        self._words.final_overdue()
        if self._awaited.was_heard_out(self._session.told_to, words_are_left=bool(self._words.text)):
            self._session.words_are_safe(self._awaited.ended)
            self._words.taken_are_safe()

    def finish(self, now: float) -> Step:
        """The speaker is gone. Whatever was said becomes an utterance, now or with what the recogniser still sends."""
        self._finished = True
        step: list[Action | Heard] = []
        if not self._session.streaming or not self._streaming:
            if (audio := self._cutter.flush()) is not None:
                step += self._request(audio, now)
        else:
            step += self._session.finish(now)
            if not self._session.is_listening:
                step += self._request_unrecognised(now)  # hung up between two streams
            elif self._words_are_missing:
                self._last_final_at = now + self._settings.endpointing.last_final_s
        if self._open is not None and self._words.text:
            step += self._close(now)
        return step

    def close(self) -> Step:
        """Let go of the recogniser; what is heard but not settled is settled as it is."""
        step: list[Action | Heard] = [*self._session.close()]
        self._last_final_at = math.inf
        self._words.segment_lost()
        if self._open is not None and self._words.text:
            step += self._close(self._open.ended_at)
        return [*step, *self._release(), *self._settle()]

    def _frame(self, frame: bytes, now: float) -> Step:
        voiced = self._voice.hear(frame)
        began = voiced and self._note_speech(now)
        step: list[Action | Heard] = [SpeechBegan()] if began else []
        was_streaming = self._streaming and self._session.streaming
        if self._streaming:
            sent = self._session.feed(frame, voiced, self._words.segment_is_open, now)
            if sent:
                step += self._after_session(sent, now)
        if not was_streaming:
            audio = self._cutter.feed(frame, voiced, None if self._open is None else self._voice.spoken_s)
            if audio is not None:
                step += self._request(audio, now)
        elif self._open is not None and not voiced:
            step += self._check_over(now)
        return step

    def _note_speech(self, now: float) -> bool:
        """Keep the open utterance's times; True if one begins."""
        if self._open is not None:
            self._open.ended_at = now
            return False
        if not self._voice.is_onset:
            return False
        self._open = Utterance(started_at=now - self._voice.begin(), ended_at=now)
        return True

    def _interim(self, text: str, now: float) -> Step:
        self._words.interim(text)
        new = self._words.text
        if not new or (self._open is None and self._closed is not None):
            return ()  # late words of the closed utterance: they count when it settles
        step: list[Action | Heard] = []
        if self._open is None:
            self._begin_without_voice(now)
            step.append(SpeechBegan())
        if self._open is not None and self._open.first_interim_at is None:
            self._open.first_interim_at = now
        step.append(InterimHeard(new))
        if (shown := self._debounce.offer(new, now)) is not None:
            step.append(InterimShown(self._wording.interim(shown)))
        return [*step, *self._check_over(now)]

    def _final(self, result: RecognitionResult, now: float) -> Step:
        reaches_end = self._awaited.is_reached_by(self._session.decided_to)
        covered, rest = self._words.final(result.text, covers_taken=reaches_end)
        if not self._words.owed:
            self._awaited.wait_no_more()
        step: list[Action | Heard] = []
        closed = self._closed
        if closed is not None:
            late = self._words.take() if rest and self._open is None else ""
            if covered or late:
                closed.from_finals = joined(closed.from_finals, covered, late)
                # A final that covers only the beginning of it: the rest is still to be decided.
                rest_owed = self._words.owed if not late else ""
                closed.text = self._wording.final(closed.from_finals, rest_owed)
            else:
                rest_owed = ""
            closed.confidence = result.confidence
            if late and not self._requests.holds(closed):
                step.append(UtteranceAmended(closed))
            if rest_owed:
                return [*step, *self._check_over(now)]
            return [*step, *self._settle(), *self._check_over(now)]
        if rest and self._open is None:
            # Words that no speech activity announced, or that came after their utterance was published.
            self._begin_without_voice(now)
        if self._open is not None:
            self._open.confidence = lowest((self._open.confidence, result.confidence))
            if self._open.first_interim_at is None and rest:
                self._open.first_interim_at = now
            if rest:
                step.append(InterimHeard(self._words.text))
        return [*step, *self._check_over(now)]

    def _begin_without_voice(self, now: float) -> None:
        self._open = Utterance(started_at=now, ended_at=now)
        self._voice.begin_without_speech()

    def _check_over(self, now: float) -> Step:
        if self._open is None:
            return ()
        settings = self._settings.endpointing
        silence_s = self._voice.silence_s
        text = self._words.text
        awaits_final = self._words.segment_is_open or self._session.unanswered_s() > settings.hangover_s
        if is_over(silence_s, text, self._unheard_s() if awaits_final else None, settings):
            return self._close(now)
        if is_noise(silence_s, text, settings) and self._session.is_listening and not self._is_unanswered:
            self._open = None
            self._debounce.flush()
            return (SpeechDismissed(),)
        return ()

    def _unheard_s(self) -> float:
        """How much of the speech in the open utterance the newest result leaves out."""
        return (self._voice.last_voiced - self._session.told_to) / BYTES_PER_S if self._voice.spoken_s else 0.0

    @property
    def _is_unanswered(self) -> bool:
        """Whether somebody spoke, and what listens has not shown yet that it can hear: not noise, for all we know."""
        if self._open is None or self._words.text or self._session.is_answering:
            return False
        return min(self._voice.spoken_s, self._voice.silence_s) >= self._settings.endpointing.surely_speech_s

    def _close(self, now: float) -> Step:
        if self._open is None:
            return ()
        step: list[Action | Heard] = [*self._settle()]  # the one before; its late words belong to this one
        utterance, self._open = self._open, None
        if (shown := self._debounce.flush()) is not None:
            step.append(InterimShown(self._wording.interim(shown)))
        utterance.from_finals = self._words.decided
        utterance.text = self._wording.final(self._words.take())
        utterance.closed_at = now
        self._closed = utterance
        self._settle_at = now + self._settings.endpointing.settle_s
        self._awaited.closed(self._voice.last_voiced, self._session.heard_to)
        if self._requests:
            self._requests.hold(utterance)
            self._out_of_order_at = min(self._out_of_order_at, now + self._settings.keep_order_s)
        else:
            step.append(UtteranceClosed(utterance))
        if self._words.segment_is_open:
            self._awaited.wait(now)
        else:
            step += self._settle()
        return step

    def _settle(self) -> Step:
        closed, self._closed, self._settle_at = self._closed, None, math.inf
        if closed is None:
            return ()
        late = self._words.take() if self._open is None else ""
        if late:
            self._awaited.taken(self._session.heard_to)
            closed.text = self._wording.final(closed.text, late)
        if self._requests.holds(closed):
            return ()
        return (UtteranceAmended(closed), UtteranceSettled(closed)) if late else (UtteranceSettled(closed),)

    def _release(self) -> Step:
        """Whatever a stream has heard, though requests before it are not answered."""
        self._out_of_order_at = math.inf
        return [item for utterance in self._requests.released() for item in self._in_turn(utterance)]

    def _in_turn(self, utterance: Utterance) -> Step:
        """A stream has heard it, and nothing before it is waited for any more."""
        if utterance is self._closed:
            return (UtteranceClosed(utterance),)
        return (UtteranceClosed(utterance), UtteranceSettled(utterance))

    def _after_session(self, actions: Sequence[Action], now: float) -> Step:
        """Take over from streaming if the session has just given it up."""
        if not any(isinstance(action, ReportStreamingGivenUp) for action in actions):
            return actions
        self._cutter.flush()
        if self._open is not None:
            self._cutter.seed(self._session.unrecognised())
            return actions
        return [*actions, *self._request_unrecognised(now)]

    def _request_unrecognised(self, now: float) -> Step:
        """Ask for what no stream has put into words, if there was speech in it."""
        self._last_final_at = math.inf
        if self._open is not None or self._words_are_missing:
            return self._request(self._session.unrecognised(), now)
        return ()

    @property
    def _words_are_missing(self) -> bool:
        """Whether somebody spoke, and no final result says what."""
        if self._words.segment_is_open or self._session.heard_unrecognised_speech:
            return True
        return self._open is not None and not self._words.text

    def _request(self, audio: bytes, now: float) -> Step:
        self._session.covered_by_request()
        utterance = self._open or Utterance(started_at=now - len(audio) / BYTES_PER_S, ended_at=now)
        self._open = None
        # Its words go with it; what the next stream hears is another utterance.
        self._words.forget_safe()
        words, self._words = self._words, RecognisedWords()
        return (RecognizeOnce(self._requests.add(utterance, words), audio),)

    def _answered_requests(self, now: float) -> Step:
        """The utterances whose words are there, in the order in which they were spoken."""
        step: list[Action | Heard] = []
        for answered in self._requests.answered():
            if answered.by_stream:
                step += self._in_turn(answered.utterance)
                continue
            results = answered.outcome or ()
            answered.words.final(" ".join(result.text for result in results))
            said = answered.words.take()
            if not said:
                step.append(SpeechUnheard() if answered.failed else SpeechDismissed())
                continue
            utterance = answered.utterance
            utterance.text = self._wording.final(said)
            utterance.confidence = lowest(result.confidence for result in results)
            utterance.closed_at = now
            if self._closed is not None and not self._requests.holds(self._closed):
                step += self._settle()
            step += [UtteranceClosed(utterance), UtteranceSettled(utterance)]
        if not self._requests:
            self._out_of_order_at = math.inf
        return step
