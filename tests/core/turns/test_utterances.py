"""When an utterance begins, and all the ways in which it ends, each once."""

from collections.abc import Sequence

import pytest

from media_service.core.actions import Action, RecognizeOnce
from media_service.core.events import RecognitionResult
from media_service.core.recognition.recognition import (
    Recognition,
    RecognitionSettings,
    Recognized,
    RequestAnswered,
    RequestMade,
)
from media_service.core.recognition.wording import Wording
from media_service.core.turns.endpointing import EndpointingSettings, unread
from media_service.core.turns.interims import InterimDebounce
from media_service.core.turns.utterance import (
    InterimArrived,
    InterimShown,
    SpeechBegan,
    SpeechDismissed,
    SpeechFact,
    SpeechUnrecognized,
    Stage,
    Utterance,
    UtteranceAmended,
    UtteranceClosed,
    UtteranceOverheard,
    UtteranceSettled,
)
from media_service.core.turns.utterance_order import UtteranceOrder
from media_service.core.turns.utterances import Utterances
from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline

SETTINGS = EndpointingSettings()
STRONG = "אני צריכה הצעת מחיר"


class Speaker:
    """One speaker's utterances over a stream that is open from the beginning, or by single requests."""

    def __init__(self, *, streaming: bool = True) -> None:
        self.timeline = Timeline()
        self.recognition = Recognition("caller", RecognitionSettings(streaming=streaming), self.timeline, 0.0)
        self.order = UtteranceOrder(1.5)
        self.utterances = Utterances(
            "caller",
            SETTINGS,
            Wording(),
            InterimDebounce("caller", 0.1, Wording()),
            self.order,
            self.timeline,
            self.recognition,
            unread,
        )
        self.now = 0.0
        self.recognition.start(0.0)
        self.recognition.opened("caller-1", 0.0)

    def speak(self, seconds: float) -> list[SpeechFact]:
        return self._hear(seconds, voiced=True)

    def quiet(self, seconds: float) -> list[SpeechFact]:
        return self._hear(seconds, voiced=False)

    def _hear(self, seconds: float, *, voiced: bool) -> list[SpeechFact]:
        self.now = round(self.now + seconds, 6)
        audio = bytes(round(seconds * BYTES_PER_S))
        self.timeline.advance(len(audio), voiced=voiced)
        began = self.utterances.speech(len(audio), self.now) if voiced else []
        was_streaming = self.recognition.is_streaming
        facts = [*began, *self.told(self.recognition.feed(audio, self.now, voiced=voiced))]
        return [*facts, *self.utterances.silence(self.now)] if was_streaming and not voiced else facts

    def result(self, text: str, *, final: bool, stream: str = "caller-1", confidence: float = 0.9) -> list[SpeechFact]:
        said = confidence if final else None
        result = RecognitionResult(text, final, stability=0.0 if final else 0.9, confidence=said)
        return self.told(self.recognition.result(stream, result))

    def answer(self, text: str, request: str = "caller-request-1") -> list[SpeechFact]:
        results = [RecognitionResult(text, True, confidence=0.8)] if text else []
        return self.told(self.recognition.recognized(request, results, "whisper"))

    def fail(self) -> list[SpeechFact]:
        return self.told(self.recognition.request_failed("caller-request-1", "503"))

    def told(self, step: Sequence[Action | Recognized]) -> list[SpeechFact]:
        acted = self.utterances.recognized(step, self.now)
        return [item for item in acted if isinstance(item, SpeechFact)]

    def close(self) -> Utterance:
        """Speak, and pause on the strength of an interim."""
        self.speak(1.0)
        self.result(STRONG, final=False)
        facts = self.quiet(SETTINGS.hangover_s)
        assert [type(fact) for fact in facts] == [UtteranceClosed]
        return the_utterance(facts)

    def request(self) -> None:
        """Speak, and pause until the audio has gone into a single request."""
        self.speak(1.0)
        self.quiet(0.5)
        assert self.recognition.awaits_request


def the_utterance(facts: list[SpeechFact]) -> Utterance:
    (utterance,) = {
        id(fact.utterance): fact.utterance
        for fact in facts
        if isinstance(fact, UtteranceClosed | UtteranceAmended | UtteranceSettled)
    }.values()
    return utterance


def streaming_again() -> Speaker:
    """An utterance is in a single request, and a stream listens again."""
    speaker = Speaker()
    speaker.speak(1.0)
    speaker.told(speaker.recognition.stream_ended("caller-1", "refused", speaker.now, permanent=True))
    speaker.quiet(0.5)
    assert speaker.recognition.awaits_request
    speaker.now = speaker.recognition.deadline()
    speaker.recognition.on_timer(speaker.now)
    speaker.recognition.opened("caller-2", speaker.now)
    return speaker


# It begins


def test_speech_begins_an_utterance_where_it_was_first_noticed() -> None:
    speaker = Speaker()
    speaker.quiet(1.0)
    assert speaker.utterances.speech(0, 1.0) == [], "a click"
    assert speaker.speak(0.06) == [SpeechBegan()]
    assert speaker.speak(0.94) == []
    speaker.result(STRONG, final=False)
    utterance = the_utterance(speaker.quiet(0.5))
    assert (utterance.started_at, utterance.ended_at, utterance.closed_at) == (1.0, 2.0, 2.5)
    assert utterance.progress.first_interim_at == 2.0


def test_words_that_are_final_begin_one_where_no_speech_was_noticed() -> None:
    """Speech below the threshold of the detector, which the recognizer understood all the same."""
    speaker = Speaker()
    speaker.quiet(2.0)
    speaker.result("כן", final=True)
    assert speaker.utterances.is_open
    assert speaker.quiet(0.2) == [], "the pause counts from its words"
    assert [type(fact) for fact in speaker.quiet(0.1)] == [UtteranceClosed, UtteranceSettled]


def test_an_interim_that_nobody_said_stops_nobody() -> None:
    speaker = Speaker()
    speaker.quiet(2.0)
    assert speaker.result("כן", final=False) == []
    assert not speaker.utterances.is_open


def test_words_of_low_confidence_that_nobody_said_are_kept_and_not_answered() -> None:
    speaker = Speaker()
    speaker.quiet(2.0)
    overheard, settled = speaker.result("0 5 0 8 0 8 0 0 0 0", final=True, confidence=0.58)
    assert isinstance(overheard, UtteranceOverheard)
    assert isinstance(settled, UtteranceSettled)
    assert (overheard.utterance.text, overheard.utterance.voiced) == ("0 5 0 8 0 8 0 0 0 0", False)
    assert not speaker.utterances.is_open


def test_words_that_come_after_their_utterance_was_settled_are_kept_and_not_answered_again() -> None:
    """A final later than any was seen: what it adds belongs to what was answered long ago."""
    speaker = Speaker()
    speaker.close()
    speaker.quiet(SETTINGS.settle_s)
    speaker.utterances.on_timer(speaker.now)
    overheard, *_ = speaker.result(f"{STRONG} להיום", final=True)
    assert isinstance(overheard, UtteranceOverheard)
    assert overheard.utterance.text == "להיום"


@pytest.mark.parametrize(("spoken_s", "quiet_s", "voiced"), [(0.0, 2.0, False), (0.04, 4.9, True), (0.04, 5.1, False)])
def test_words_without_a_voice_shortly_before_are_marked(spoken_s: float, quiet_s: float, voiced: bool) -> None:
    """A recognizer writes digits into silence; the late final of a short word is somebody's all the same."""
    speaker = Speaker()
    if spoken_s:
        speaker.timeline.advance(int(spoken_s * BYTES_PER_S), voiced=True)
    speaker.quiet(quiet_s)
    speaker.result("כן", final=True)
    assert the_utterance(speaker.quiet(0.5)).voiced is voiced


def test_a_voice_that_follows_the_words_is_theirs() -> None:
    speaker = Speaker()
    speaker.quiet(2.0)
    speaker.result("אני", final=False)
    speaker.speak(0.5)
    speaker.result(STRONG, final=True)
    assert the_utterance(speaker.quiet(0.5)).voiced


@pytest.mark.parametrize("final", [False, True])
def test_it_names_the_recognizer_of_its_newest_words(final: bool) -> None:
    speaker = Speaker()
    speaker.speak(1.0)
    speaker.told(speaker.recognition.result("caller-1", RecognitionResult("אני", False, recognizer="one")))
    speaker.told(
        speaker.recognition.result("caller-1", RecognitionResult(STRONG, final, stability=0.9, recognizer="other"))
    )
    assert the_utterance(speaker.quiet(SETTINGS.hangover_s)).recognizer == "other"


# It is closed


def test_silence_closes_it() -> None:
    speaker = Speaker()
    utterance = speaker.close()
    assert (utterance.stage, utterance.text) == (Stage.CLOSED, STRONG)
    assert not speaker.utterances.is_open
    assert speaker.utterances.owes_words


def test_hanging_up_closes_what_has_words() -> None:
    speaker = Speaker()
    speaker.speak(1.0)
    assert speaker.utterances.hang_up(speaker.now) == [], "words may still come"
    speaker.result("אני", final=False)
    utterance = the_utterance(speaker.utterances.hang_up(speaker.now))
    assert (utterance.stage, utterance.text) == (Stage.CLOSED, "אני")


def test_a_closed_utterance_shows_the_interim_that_was_still_held_back() -> None:
    speaker = Speaker()
    speaker.speak(1.0)
    speaker.result("אני", final=False)
    speaker.result(STRONG, final=False)
    shown, closed = speaker.quiet(SETTINGS.hangover_s)
    assert shown == InterimShown("caller", STRONG)
    assert isinstance(closed, UtteranceClosed)


# It is settled


def test_its_final_settles_it_and_corrects_its_words() -> None:
    speaker = Speaker()
    closed = speaker.close()
    (settled,) = speaker.result("אני צריך הצעת מחיר.", final=True)
    assert settled == UtteranceSettled(closed)
    assert (closed.stage, closed.text, closed.confidence) == (Stage.SETTLED, "אני צריך הצעת מחיר.", 0.9)


def test_words_that_were_final_when_it_closed_settle_it_at_once() -> None:
    speaker = Speaker()
    speaker.speak(1.0)
    speaker.result(STRONG, final=True)
    facts = speaker.quiet(SETTINGS.hangover_s)
    assert [type(fact) for fact in facts] == [UtteranceClosed, UtteranceSettled]
    assert the_utterance(facts).stage is Stage.SETTLED


def test_an_utterance_of_several_finals_is_as_sure_as_the_least_of_them() -> None:
    speaker = Speaker()
    for text, confidence in (("אני", 0.9), ("צריכה", 0.5), ("מזגן", 0.7)):
        speaker.speak(0.5)
        result = RecognitionResult(text, True, confidence=confidence)
        speaker.told(speaker.recognition.result("caller-1", result))
    said = the_utterance(speaker.quiet(SETTINGS.hangover_s))
    assert (said.text, said.confidence) == ("אני צריכה מזגן", 0.5)


def test_a_final_of_its_beginning_leaves_it_closed_and_words_after_it_amend_it() -> None:
    speaker = Speaker()
    closed = speaker.close()
    assert speaker.result("אני צריכה", final=True) == []
    assert closed.stage is Stage.CLOSED
    assert speaker.result("הצעת מחיר למזגן", final=True) == [UtteranceAmended(closed), UtteranceSettled(closed)]
    assert closed.text == f"{STRONG} למזגן"


def test_a_final_that_does_not_come_in_time_is_not_waited_for() -> None:
    speaker = Speaker()
    closed = speaker.close()
    due = speaker.utterances.deadline()
    assert due == closed.closed_at + SETTINGS.settle_s
    assert speaker.utterances.on_timer(due - 0.01) == []
    assert speaker.utterances.on_timer(due) == [UtteranceSettled(closed)]
    assert (closed.stage, closed.text) == (Stage.SETTLED, STRONG)


def test_interims_that_came_since_are_in_it_when_it_is_not_waited_for_any_longer() -> None:
    speaker = Speaker()
    closed = speaker.close()
    assert speaker.result(f"{STRONG} למזגן", final=False) == []
    assert speaker.utterances.on_timer(speaker.utterances.deadline()) == [
        UtteranceAmended(closed),
        UtteranceSettled(closed),
    ]
    assert closed.text == f"{STRONG} למזגן"


def test_the_next_one_settles_it_before_it_closes_itself() -> None:
    """Late words belong to the one that is open."""
    speaker = Speaker()
    first = speaker.close()
    speaker.speak(0.3)
    speaker.result(f"{STRONG} למזגן בסלון בבקשה", final=False)
    settled, closed = speaker.quiet(SETTINGS.hangover_s)
    assert settled == UtteranceSettled(first)
    assert isinstance(closed, UtteranceClosed)
    assert (first.text, closed.utterance.text) == (STRONG, "למזגן בסלון בבקשה")


def test_the_end_of_the_call_settles_it_as_it_is() -> None:
    speaker = Speaker()
    closed = speaker.close()
    assert speaker.utterances.settle_all(99.0) == [UtteranceSettled(closed)]
    assert closed.stage is Stage.SETTLED

    speaking = Speaker()
    speaking.speak(1.0)
    speaking.result("אני", final=False)
    facts = speaking.utterances.settle_all(99.0)
    assert [type(fact) for fact in facts] == [UtteranceClosed, UtteranceSettled]
    assert the_utterance(facts).closed_at == 1.0, "when it was last to be heard"


# It is dropped, or asked for


def test_a_long_silence_without_words_shows_that_it_was_noise() -> None:
    speaker = Speaker()
    speaker.speak(0.3)
    assert speaker.quiet(2.9) == []
    assert [type(fact) for fact in speaker.quiet(0.1)] == [SpeechDismissed]
    assert not speaker.utterances.owes_words
    assert speaker.timeline.spoken is None


def test_as_much_speech_as_nobody_coughs_is_no_noise_before_the_stream_has_shown_that_it_works() -> None:
    speaker = Speaker()
    speaker.speak(1.0)
    assert speaker.quiet(3.0) == []
    assert speaker.utterances.waiting_since == 1.0

    working = Speaker()
    working.speak(1.0)
    working.result("", final=True)
    assert [type(fact) for fact in working.quiet(3.0)] == [SpeechDismissed]
    assert working.utterances.waiting_since is None


def test_nothing_is_noise_while_nobody_listens() -> None:
    speaker = Speaker()
    speaker.told(speaker.recognition.stream_ended("caller-1", "broke", 0.0))
    speaker.speak(0.3)
    assert speaker.quiet(3.0) == []
    assert speaker.utterances.is_open
    assert speaker.utterances.waiting_since == 0.3


def test_the_answer_to_a_single_request_closes_and_settles_it_at_once() -> None:
    speaker = Speaker(streaming=False)
    speaker.request()
    assert not speaker.utterances.is_open
    assert speaker.utterances.waiting_since == 1.0
    facts = speaker.answer("שלום.")
    said = the_utterance(facts)
    assert facts == [UtteranceClosed(said), UtteranceSettled(said)]
    assert (said.stage, said.text, said.confidence, said.recognizer) == (Stage.SETTLED, "שלום.", 0.8, "whisper")
    assert (said.started_at, said.ended_at, said.closed_at) == (0.0, 1.0, 1.5)


@pytest.mark.parametrize("outcome", ["no words", "failed"])
def test_a_request_without_words_was_noise_and_one_that_failed_may_have_been_anything(outcome: str) -> None:
    """Who is not understood is told so; who only coughed is not."""
    speaker = Speaker(streaming=False)
    speaker.request()
    if outcome == "failed":
        assert speaker.fail() == [SpeechUnrecognized()]
    else:
        assert speaker.answer("") == [SpeechDismissed()]
    assert not speaker.utterances.owes_words


def test_a_request_for_speech_that_was_not_noticed_makes_an_utterance_as_long_as_its_audio() -> None:
    speaker = Speaker(streaming=False)
    speaker.now = 5.0
    speaker.told([RequestMade("caller-request-1", 2.0)])
    (closed, _) = speaker.told([RequestAnswered("caller-request-1", "שלום", None, "whisper")])
    assert isinstance(closed, UtteranceClosed)
    assert closed.utterance.started_at == 3.0


def test_the_answer_to_a_request_settles_the_utterance_that_was_closed_before_it() -> None:
    """Streaming was given up between the two."""
    speaker = Speaker()
    first = speaker.close()
    speaker.speak(1.0)
    speaker.told(speaker.recognition.stream_ended("caller-1", "refused", speaker.now, permanent=True))
    speaker.quiet(0.5)
    facts = speaker.answer("השני")
    assert [type(fact) for fact in facts] == [UtteranceSettled, UtteranceClosed, UtteranceSettled]
    assert facts[0] == UtteranceSettled(first)


# It waits for its turn


@pytest.mark.parametrize("final", [False, True])
def test_words_are_told_at_once_where_the_utterance_has_to_wait_for_a_request(final: bool) -> None:
    """The assistant falls silent at them, though what they say is not known to anybody yet."""
    speaker = streaming_again()
    speaker.speak(1.0)
    facts = speaker.result(STRONG, final=final, stream="caller-2")
    assert InterimArrived() in facts
    assert not any(isinstance(fact, UtteranceClosed) for fact in [*facts, *speaker.quiet(0.5)])


def test_words_that_close_the_utterance_in_the_same_step_are_told_before_it_waits() -> None:
    speaker = streaming_again()
    speaker.speak(1.0)
    speaker.quiet(0.5)
    assert speaker.result(STRONG, final=True, stream="caller-2") == [InterimArrived()]
    assert not speaker.utterances.is_open


def test_it_comes_out_after_the_request_before_it_closed_and_settled() -> None:
    speaker = streaming_again()
    speaker.speak(1.0)
    speaker.result(STRONG, final=True, stream="caller-2")
    assert speaker.quiet(SETTINGS.hangover_s) == []
    facts = speaker.answer("הראשון")
    assert [type(fact) for fact in facts] == [UtteranceClosed, UtteranceSettled] * 2
    texts = [fact.utterance.text for fact in facts if isinstance(fact, UtteranceSettled)]
    assert texts == ["הראשון", STRONG]


@pytest.mark.parametrize("outcome", ["noise", "failed"])
def test_it_comes_out_as_well_if_the_request_before_it_came_to_nothing(outcome: str) -> None:
    speaker = streaming_again()
    speaker.speak(1.0)
    speaker.result(STRONG, final=True, stream="caller-2")
    speaker.quiet(SETTINGS.hangover_s)
    facts = speaker.answer("") if outcome == "noise" else speaker.fail()
    assert [type(fact) for fact in facts[1:]] == [UtteranceClosed, UtteranceSettled]


def test_while_it_waits_its_final_improves_it_unseen() -> None:
    speaker = streaming_again()
    speaker.speak(1.0)
    speaker.result(STRONG, final=False, stream="caller-2")
    speaker.quiet(SETTINGS.hangover_s)
    assert speaker.result(f"{STRONG} למזגן", final=True, stream="caller-2") == []
    assert the_utterance(speaker.answer("")).text == f"{STRONG} למזגן"


def test_it_is_answered_before_its_final_and_settled_after_it_like_any_other() -> None:
    speaker = streaming_again()
    speaker.speak(1.0)
    speaker.result(STRONG, final=False, stream="caller-2")
    speaker.quiet(SETTINGS.hangover_s)
    _, closed = speaker.answer("")
    assert isinstance(closed, UtteranceClosed)
    assert closed.utterance.stage is Stage.CLOSED
    assert speaker.result(STRONG, final=True, stream="caller-2") == [UtteranceSettled(closed.utterance)]


def test_it_does_not_wait_for_ever_nor_beyond_the_end_of_the_call() -> None:
    for at_end in (True, False):
        speaker = streaming_again()
        speaker.speak(1.0)
        speaker.result(STRONG, final=True, stream="caller-2")
        speaker.quiet(SETTINGS.hangover_s)
        due = speaker.utterances.deadline()
        assert due == pytest.approx(speaker.now + 1.5)
        facts = speaker.utterances.settle_all(99.0) if at_end else speaker.utterances.on_timer(due)
        assert [type(fact) for fact in facts] == [UtteranceClosed, UtteranceSettled]


# Whichever way it ends


@pytest.mark.parametrize("end", ["final", "late", "settle_all", "noise", "answer", "fail"])
def test_an_utterance_that_has_ended_does_not_end_again(end: str) -> None:
    speaker = Speaker(streaming=end not in ("answer", "fail"))
    if end in ("answer", "fail"):
        speaker.request()
        (speaker.answer("שלום") if end == "answer" else speaker.fail())
    elif end == "noise":
        speaker.speak(0.3)
        speaker.quiet(3.0)
    else:
        speaker.close()
        if end == "final":
            speaker.result(STRONG, final=True)
        elif end == "late":
            speaker.utterances.on_timer(speaker.utterances.deadline())
        else:
            speaker.utterances.settle_all(99.0)
    assert not speaker.utterances.owes_words
    assert speaker.utterances.on_timer(1e9) == []
    assert speaker.utterances.hang_up(speaker.now) == []
    assert speaker.utterances.settle_all(99.0) == []


def test_actions_pass_through() -> None:
    action = RecognizeOnce("caller-request-1", b"")
    assert Speaker().utterances.recognized([action], 0.0) == [action]
