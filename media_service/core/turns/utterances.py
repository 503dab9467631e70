"""When an utterance of one speaker begins, and all the ways in which it ends.

The stages stand in `utterance.py`; here is what leads from one to the next. At most one is open and one closed at a
time; any number waits for single requests. Words come from `Recognition`, silence from the timeline.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from media_service.core.actions import Action
from media_service.core.recognition.recognition import (
    FinalWords,
    InterimWords,
    Recognition,
    Recognized,
    RequestAnswered,
    RequestMade,
)
from media_service.core.recognition.wording import Wording, joined, lowest
from media_service.core.turns.endpointing import EndpointingSettings, Pause, is_hanging, is_noise, why_over
from media_service.core.turns.interims import InterimDebounce
from media_service.core.turns.pace import Pace
from media_service.core.turns.utterance import (
    InterimArrived,
    SpeechBegan,
    SpeechDismissed,
    SpeechFact,
    SpeechHangs,
    SpeechUnrecognized,
    Stage,
    Trigger,
    Utterance,
    UtteranceAmended,
    UtteranceClosed,
    UtteranceOverheard,
    UtteranceRevised,
    UtteranceSettled,
)
from media_service.core.turns.utterance_order import UtteranceOrder
from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline
from understanding.said import LOW_CONFIDENCE
from understanding.turn_end import TurnReading

Facts = list[SpeechFact]
Reads = Callable[[str], TurnReading]
"""Whether the words of a turn so far can be all of it."""


class Utterances:
    def __init__(
        self,
        speaker: str,
        settings: EndpointingSettings,
        wording: Wording,
        interims: InterimDebounce,
        order: UtteranceOrder,
        timeline: Timeline,
        recognition: Recognition,
        reads: Reads,
    ) -> None:
        self._speaker = speaker
        self._settings = settings
        self._wording = wording
        self._interims = interims
        self._order = order
        self._timeline = timeline
        self._recognition = recognition
        self._reads = reads
        self._pace = Pace()
        self._open: Utterance | None = None
        self._closed: Utterance | None = None
        self._settled_early: Utterance | None = None
        """The newest, if its final result is still to come."""

    @property
    def is_open(self) -> bool:
        """Whether somebody speaks, or just did."""
        return self._open is not None

    @property
    def owes_words(self) -> bool:
        """Whether anything said is not settled."""
        return self._open is not None or self._closed is not None or bool(self._order)

    @property
    def began_at(self) -> float:
        """When the open utterance began; infinity while none is open."""
        return math.inf if self._open is None else self._open.started_at

    @property
    def is_covered(self) -> bool:
        """Whether the words reach to the end of the speech in the open utterance."""
        return self._uncovered_s() <= self._settings.behind_s

    @property
    def waiting_since(self) -> float | None:
        """When the speaker fell silent whose words only a single request, or a stream that works, will tell.

        None where nobody waits for such words.
        """
        times = self._order.ended_at()
        if self._open is not None and (
            not self._recognition.is_listening or self._is_unanswered or self._awaits_only_result
        ):
            times.append(self._open.ended_at)
        return max(times, default=None)

    def speech(self, onset_bytes: int, now: float) -> Facts:
        """The newest frame is speech. `onset_bytes`: speech enough for an utterance to begin, if there is, else 0."""
        if self._open is not None:
            if self._recognition.text:
                self._pace.paused(now - self._open.ended_at)
            self._open.ended_at, self._open.voiced = now, True
            return []
        if not onset_bytes:
            return []
        if self._closed is not None:
            self._pace.paused(now - self._closed.ended_at)
        self._recognition.speech_begins(onset_bytes)
        self._begin(now - onset_bytes / BYTES_PER_S, now, Trigger.SPEECH)
        self._timeline.spoken = onset_bytes
        return [SpeechBegan()]

    def silence(self, now: float) -> Facts:
        """The newest frame is none, and a stream got it."""
        return self._check_over(now)

    def recognized(self, step: Sequence[Action | Recognized], now: float) -> list[Action | SpeechFact]:
        """Act on what recognition came to; its actions pass through."""
        out: list[Action | SpeechFact] = []
        for item in step:
            match item:
                case InterimWords():
                    out += self._interim(item, now)
                case FinalWords():
                    out += self._final(item, now)
                case RequestMade():
                    self._request(item, now)
                case RequestAnswered():
                    out += self._answered(item, now)
                case _:
                    out.append(item)
        return out

    def deadline(self) -> float:
        settle_at = math.inf if self._closed is None else self._closed.progress.settle_at
        return min(settle_at, self._order.overdue_at, self._interims.deadline())

    def on_timer(self, now: float) -> Facts:
        facts: Facts = [*self._interims.due(now)]
        if self._closed is not None and now >= self._closed.progress.settle_at:
            facts += self._settle(Trigger.LATE)
        if now >= self._order.overdue_at:
            facts += self._release()
        return facts

    def hang_up(self, now: float) -> Facts:
        """No more will be said: what has words is over."""
        return self._close(Trigger.HUNG_UP, now) if self._open is not None and self._recognition.text else []

    def settle_all(self, now: float) -> Facts:
        """No more words will come: what was said is settled as it is, and words that nobody answered are kept."""
        facts = self.hang_up(self._open.ended_at) if self._open is not None else []
        facts += [*self._release(), *self._settle(Trigger.HUNG_UP)]
        if self._recognition.text and self._open is None:
            facts += self._overhear(FinalWords("", self._recognition.text, None, ""), now)
        return facts

    # Recognition came to something

    def _interim(self, interim: InterimWords, now: float) -> Facts:
        text = self._recognition.text
        if not text or (self._open is None and self._closed is not None):
            return []  # late words of the closed utterance: they count when it settles
        facts: Facts = []
        if self._open is None:
            if not self._is_voice_unanswered:
                return []  # said by nobody, so it stops nobody; its final result tells how sure the recognizer is
            self._begin_without_voice(now)
            facts.append(SpeechBegan())
        self._note_words(interim.recognizer, now)
        if self._open is not None:
            if text != self._open.text:
                self._open.text, self._open.progress.words_at = text, now
            self._open.progress.are_stable = interim.stability >= self._settings.stable
        return [*facts, InterimArrived(), *self._interims.offer(text, now), *self._check_over(now)]

    def _final(self, final: FinalWords, now: float) -> Facts:
        if self._closed is not None:
            return [*self._final_of_closed(self._closed, final), *self._check_over(now)]
        revised = self._revised(final)
        if final.rest and self._open is None:
            # Words that no speech activity announced, or that came after their utterance was published.
            if self._is_made_up(final):
                return [*revised, *self._overhear(final, now)]
            self._begin_without_voice(now)
        facts: Facts = [*revised]
        if self._open is not None:
            self._open.confidence = lowest((self._open.confidence, final.confidence))
            if final.rest:
                self._note_words(final.recognizer, now)
                facts.append(InterimArrived())
        return [*facts, *self._check_over(now)]

    def _final_of_closed(self, closed: Utterance, final: FinalWords) -> Facts:
        late = self._recognition.take_late() if final.rest and self._open is None else ""
        # A final that covers only the beginning of it: the rest is still to be decided.
        owed = self._recognition.owed if final.covered and not late else ""
        if final.covered or late:
            closed.progress.from_finals = joined(closed.progress.from_finals, final.covered, late)
            closed.text = self._wording.final(closed.progress.from_finals, owed)
        closed.confidence = final.confidence
        amended: Facts = [UtteranceAmended(closed)] if late and not self._order.holds(closed) else []
        return amended if owed else [*amended, *self._settle(Trigger.FINAL)]

    def _revised(self, final: FinalWords) -> Facts:
        """The final of what was settled without it: it may say other words, and neither more nor fewer."""
        settled, self._settled_early = self._settled_early, None
        if settled is None or not final.covered or self._recognition.owed:
            return []
        text = self._wording.final(joined(settled.progress.from_finals, final.covered))
        if text == settled.text or len(text.split()) != len(settled.text.split()):
            return []
        settled.go(Trigger.REVISED)
        settled.text, settled.confidence = text, final.confidence
        return [UtteranceRevised(settled)]

    def _request(self, made: RequestMade, now: float) -> None:
        """The open utterance's audio went into a single request; or audio of which none was noticed."""
        if self._open is None:
            self._begin(now - made.audio_s, now, Trigger.WORDS)
        if (utterance := self._take_open()) is not None:
            utterance.go(Trigger.REQUEST)
            self._order.add(made.request, utterance)

    def _answered(self, answer: RequestAnswered, now: float) -> Facts:
        """The utterances whose words are there, in the order in which they were spoken."""
        facts: Facts = []
        for utterance, answered in self._order.answer(answer):
            if answered is None:
                facts += self._in_turn(utterance)
            elif answered.text:
                if self._closed is not None and not self._order.holds(self._closed):
                    facts += self._settle(Trigger.NEXT)
                facts += self._close_requested(utterance, answered, now)
            else:
                utterance.go(Trigger.NOTHING)
                facts.append(SpeechUnrecognized() if answered.recognizer is None else SpeechDismissed())
        return facts

    # An utterance begins, and is over

    def _begin(self, started_at: float, now: float, trigger: Trigger) -> None:
        self._open = Utterance(self._speaker, started_at, ended_at=now)
        self._open.go(trigger)
        self._timeline.spoken = 0
        self._timeline.voice.utterance_from = self._timeline.fed - int((now - started_at) * BYTES_PER_S)

    def _begin_without_voice(self, now: float) -> None:
        self._begin(now, now, Trigger.WORDS)
        if self._open is not None:
            self._open.voiced = self._is_voice_unanswered
        self._timeline.utterance_to = self._timeline.fed

    @property
    def _is_voice_unanswered(self) -> bool:
        """Whether somebody spoke lately whose words no utterance has."""
        at = self._timeline
        return at.voiced_to > at.voice.answered_to and at.quiet_s <= self._settings.voice_before_s

    def _is_made_up(self, final: FinalWords) -> bool:
        """Whether nobody said it now: it comes too late to be answered, or the recognizer found it in a silence."""
        if self._is_voice_unanswered:
            return False
        at = self._timeline
        is_late = at.voiced_to > 0 and at.quiet_s <= self._settings.voice_before_s
        return is_late or (final.confidence is not None and final.confidence < LOW_CONFIDENCE)

    def _overhear(self, final: FinalWords, now: float) -> Facts:
        utterance = Utterance(self._speaker, now, now, confidence=final.confidence, recognizer=final.recognizer)
        utterance.text = self._wording.final(self._recognition.take(now))
        utterance.voiced, utterance.closed_at, utterance.why_closed = False, now, "overheard: no voice under it"
        utterance.stage = Stage.SETTLED
        return [UtteranceOverheard(utterance), UtteranceSettled(utterance)]

    def _note_words(self, recognizer: str, now: float) -> None:
        """The open utterance has words."""
        if self._open is None:
            return
        self._open.recognizer = recognizer
        if self._open.progress.first_interim_at is None:
            self._open.progress.first_interim_at = now

    def _take_open(self) -> Utterance | None:
        utterance, self._open = self._open, None
        self._timeline.spoken = None
        return utterance

    def _check_over(self, now: float) -> Facts:
        if self._open is None:
            return []
        at, settings, text = self._timeline, self._settings, self._recognition.text
        if text:
            return self._check_words(self._open, text, now) if at.silence_s >= settings.hangover_s - 1e-9 else []
        is_heard_out = self._recognition.is_listening and not self._is_unanswered
        if is_heard_out and is_noise(at.silence_s, text, settings, is_voice=at.is_voice):
            voice_s = at.spoken_s if at.is_voice else 0.0
            if (noise := self._take_open()) is not None:
                noise.go(Trigger.NOISE)
            self._interims.flush()
            return [SpeechDismissed(voice_s)]
        return []

    def _check_words(self, utterance: Utterance, text: str, now: float) -> Facts:
        at, settings = self._timeline, self._settings
        awaits_words = self._recognition.awaits_final or at.unanswered_s > settings.hangover_s
        will_stay = utterance.progress.are_stable or not awaits_words
        pause = Pause(
            at.silence_s,
            text,
            self._uncovered_s() if awaits_words else None,
            self._pace.patience_s(settings.timeout_s),
            lag_s=at.lag_s,
            words_age_s=math.inf if will_stay else now - utterance.progress.words_at,
            was_prompted=utterance.progress.prompted_at > utterance.ended_at,
        )
        reading = self._reads(text)
        if why := why_over(pause, reading, settings):
            utterance.why_closed = why
            return self._close(Trigger.SILENCE, now)
        if utterance.progress.prompted_at < utterance.started_at and is_hanging(pause, reading, settings):
            utterance.progress.prompted_at = now
            return [SpeechHangs()]
        return []

    def _uncovered_s(self) -> float:
        """How much of the speech in the open utterance comes after the end of the newest result."""
        at = self._timeline
        return (at.utterance_to - at.interim_end) / BYTES_PER_S if at.spoken else 0.0

    @property
    def _is_unanswered(self) -> bool:
        """Whether somebody spoke, and what listens has not shown yet that it works: not noise, for all we know."""
        if self._open is None or self._recognition.text or self._recognition.is_answering:
            return False
        return min(self._timeline.spoken_s, self._timeline.silence_s) >= self._settings.surely_speech_s

    @property
    def _awaits_only_result(self) -> bool:
        """Whether a voice was surely heard, and what it said will come at once, in its final result, or not at all."""
        at = self._timeline
        is_sure = at.voice.can_confirm and at.is_voice and at.spoken_s >= self._settings.surely_word_s
        return is_sure and not self._recognition.text

    def _close(self, trigger: Trigger, now: float) -> Facts:
        facts = self._settle(Trigger.NEXT)  # the one before; its late words belong to this one
        utterance = self._take_open()
        if utterance is None:
            return facts
        utterance.go(trigger)
        self._pace.finished()
        self._timeline.voice.answered_to = self._timeline.voiced_to
        facts += self._interims.flush()
        utterance.progress.from_finals = self._recognition.decided
        utterance.text = self._wording.final(self._recognition.take(now))
        utterance.closed_at = now
        self._closed = utterance
        utterance.progress.settle_at = now + self._settings.settle_s
        self._settled_early = None
        if self._order:
            self._order.hold(utterance, now)
        else:
            facts.append(UtteranceClosed(utterance))
        return facts if self._recognition.awaits_final else [*facts, *self._settle(Trigger.FINAL)]

    def _close_requested(self, utterance: Utterance, answer: RequestAnswered, now: float) -> Facts:
        utterance.go(Trigger.ANSWER)
        utterance.text = self._wording.final(answer.text)
        utterance.confidence = answer.confidence
        utterance.recognizer = answer.recognizer or utterance.recognizer
        utterance.closed_at = now
        return [UtteranceClosed(utterance), UtteranceSettled(utterance)]

    def _settle(self, trigger: Trigger) -> Facts:
        closed, self._closed = self._closed, None
        if closed is None:
            return []
        closed.go(trigger)
        self._settled_early = closed if trigger is Trigger.LATE else None
        late = self._recognition.take_late() if self._open is None else ""
        if late:
            closed.text = self._wording.final(closed.text, late)
        if self._order.holds(closed):
            return []
        return [UtteranceAmended(closed), UtteranceSettled(closed)] if late else [UtteranceSettled(closed)]

    def _release(self) -> Facts:
        """Whatever a stream has recognized, though requests before it are not answered."""
        return [fact for utterance in self._order.release() for fact in self._in_turn(utterance)]

    def _in_turn(self, utterance: Utterance) -> Facts:
        """A stream gave its words, and nothing before it is waited for any more."""
        if utterance is self._closed:
            return [UtteranceClosed(utterance)]
        return [UtteranceClosed(utterance), UtteranceSettled(utterance)]
