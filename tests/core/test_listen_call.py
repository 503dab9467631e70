"""Listen mode: both sides are recognized, nothing is played, and the same records come out."""

from datetime import UTC, datetime

import pytest

from calls.events import CallEnded, CallEvent, UtteranceFinal
from calls.lead_fields import Kind, LeadField
from media_service.core import actions as act
from media_service.core import events as ev
from media_service.core.actions import Action, HangUp, OpenStream, Publish, RecognizeOnce, ReportFinal, ReportInterim
from media_service.core.call_settings import CallSettings
from media_service.core.conversation import AssistantSettings, Turn
from media_service.core.listen_call import ListenLogic
from media_service.core.record.transcript import CallIdentity
from media_service.core.turns.listening import ListeningSettings
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S
from tests.core.hebrew_texts import INTAKE

VOICE, QUIET = b"\x10\x90" * (FRAME_BYTES // 2), b"\xff" * FRAME_BYTES
TRACKS = {"caller": "inbound", "callee": "outbound"}
DEFAULTS = CallSettings()
BUILT_IN = AssistantSettings()
SINGLE = CallSettings(listening=ListeningSettings(streaming=False))
FLOOR = LeadField("floor", Kind.NUMBER, question="באיזו קומה הדירה?")
STARTED = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)


class Wire:
    """A call between two people, with streams that are open."""

    def __init__(self, settings: CallSettings = DEFAULTS, business: AssistantSettings = BUILT_IN) -> None:
        identity = CallIdentity("CA1", 1, "iw-IL", STARTED, started_at=100.0, recognizer="google_streaming")
        self.logic = ListenLogic(identity, settings, INTAKE, business)
        self.now = 100.0
        self.done: list[Action] = []
        self.take(self.logic.start(self.now))
        for action in list(self.done):
            if isinstance(action, OpenStream):
                self.tell(ev.StreamOpened(action.stream))

    def take(self, actions: list[Action]) -> list[Action]:
        self.done += actions
        return actions

    def tell(self, event: ev.Event) -> list[Action]:
        return self.take(self.logic.handle(event, self.now))

    def wait(self, seconds: float, speaking: str = "") -> None:
        """Both tracks have frames; at most one of them speech."""
        for _ in range(round(seconds / FRAME_S)):
            self.now = round(self.now + FRAME_S, 6)
            if self.now >= self.logic.deadline():
                self.take(self.logic.on_timer(self.now))
            for speaker, track in TRACKS.items():
                self.tell(ev.CallerAudio(VOICE if speaker == speaking else QUIET, track))

    def says(self, speaker: str, text: str) -> list[Action]:
        self.wait(0.8, speaking=speaker)
        step = self.tell(ev.StreamResult(f"{speaker}-1", ev.RecognitionResult(text, True, confidence=0.9)))
        self.wait(0.5)
        return step

    @property
    def asked(self) -> str:
        """The stream that was asked for last."""
        return [action.stream for action in self.done if isinstance(action, OpenStream)][-1]

    @property
    def published(self) -> list[CallEvent]:
        return [action.event for action in self.done if isinstance(action, Publish)]

    @property
    def lines(self) -> list[tuple[str, str]]:
        return [(event.speaker, event.text) for event in self.published if isinstance(event, UtteranceFinal)]


def test_both_sides_make_one_transcript_and_the_caller_makes_the_lead() -> None:
    """What the callee asks is what the caller answers."""
    wire = Wire()
    wire.says("callee", "איך קוראים לכם?")
    wire.says("caller", "דנה לוי")
    wire.says("callee", "קוראים לי רון")
    wire.tell(ev.CallerHungUp())
    assert wire.lines == [("callee", "איך קוראים לכם?"), ("caller", "דנה לוי"), ("callee", "קוראים לי רון")]
    end = wire.published[-1]
    assert isinstance(end, CallEnded)
    assert {name: found.value for name, found in end.fields.items()} == {"name": "דנה לוי"}
    assert (end.seq, end.latency.turns) == (4, 0)


def test_interims_and_finals_are_reported_with_their_speaker() -> None:
    wire = Wire()
    wire.wait(0.8, speaking="callee")
    shown = wire.tell(ev.StreamResult("callee-1", ev.RecognitionResult("שלום,", False)))
    assert shown == [ReportInterim("callee", "שלום")]
    wire.says("callee", "שלום, במה אפשר לעזור?")
    assert ReportFinal("callee", "שלום, במה אפשר לעזור?") in wire.done


def test_nothing_is_ever_said_to_them() -> None:
    """However long both are silent."""
    wire = Wire()
    wire.says("callee", "שלום")
    wire.wait(30.0)
    wire.says("caller", "שלום")
    spoken = act.StartReply | act.Synthesize | act.PlayAudio | act.SendMark | act.ClearPlayback
    assert not [action for action in wire.done if isinstance(action, spoken)]


@pytest.mark.parametrize(
    "event",
    [
        ev.MarkReached("1-1"),
        ev.DigitPressed("5"),
        ev.ReplyTextArrived(1, "שלום. "),
        ev.ReplyFinished(1, True),
        ev.SpeechSynthesized(1, b"\x50"),
        ev.SynthesisFailed(1),
    ],
)
def test_what_only_an_assistant_meets_has_no_effect(event: ev.Event) -> None:
    wire = Wire()
    wire.wait(0.5, speaking="caller")
    deadline = wire.logic.deadline()
    assert wire.tell(event) == []
    assert (wire.logic.deadline(), wire.logic.is_over) == (deadline, False)


def test_nobody_waits_for_an_answer_so_nothing_is_told_out_of_order() -> None:
    """A request may take as long as it likes; a stream has the words of the utterance after it long before."""
    wire = Wire()
    wire.wait(0.8, speaking="caller")
    wire.tell(ev.StreamEnded("caller-1", "refused", permanent=True))
    wire.wait(25.0)
    (request,) = [action.request for action in wire.done if isinstance(action, RecognizeOnce)]
    wire.tell(ev.StreamOpened(wire.asked))
    wire.wait(0.8, speaking="caller")
    wire.tell(ev.StreamResult(wire.asked, ev.RecognitionResult("שני", True)))
    wire.wait(30.0)
    assert wire.lines == []
    wire.tell(ev.RequestRecognized(request, (ev.RecognitionResult("ראשון", True),), "google_single"))
    assert wire.lines == [("caller", "ראשון"), ("caller", "שני")]


def test_a_request_answered_after_the_end_tells_nobody() -> None:
    wire = Wire(SINGLE)
    wire.wait(0.8, speaking="caller")
    wire.wait(0.6)
    (request,) = [action.request for action in wire.done if isinstance(action, RecognizeOnce)]
    wire.tell(ev.RunnerFailed())
    assert wire.logic.is_over
    assert wire.tell(ev.RequestRecognized(request, (ev.RecognitionResult("מאוחר", True),), "google_single")) == []


def test_earlier_legs_are_known_in_this_one() -> None:
    wire = Wire()
    wire.tell(ev.CallRecalled("+972501234567", (Turn("callee", "איך קוראים לכם?", 1), Turn("caller", "דנה", 2))))
    wire.tell(ev.CallerHungUp())
    end = wire.published[-1]
    assert isinstance(end, CallEnded)
    assert end.fields["name"].value == "דנה"


@pytest.mark.parametrize(
    ("event", "hang_up"),
    [
        (ev.CallerHungUp(), HangUp("caller_hangup", on_record=True)),
        (ev.DrainStarted(), HangUp("drained", on_record=True)),
        (ev.RunnerFailed(), HangUp("error", on_record=True)),
        (ev.SocketLost(), HangUp("caller_hangup", on_record=False)),
    ],
)
def test_every_call_ends_with_its_end_and_nothing_after_it(event: ev.Event, hang_up: HangUp) -> None:
    wire = Wire()
    wire.says("caller", "שלום")
    wire.tell(event)
    assert wire.done[-1] == hang_up
    assert isinstance(wire.published[-1], CallEnded)
    assert wire.logic.is_over
    assert wire.tell(ev.CallerAudio(VOICE)) == wire.tell(event) == wire.logic.on_timer(wire.now + 60.0) == []


def test_last_words_of_either_side_come_before_the_end() -> None:
    wire = Wire()
    wire.wait(0.8, speaking="callee")
    wire.tell(ev.CallerHungUp())
    assert not wire.logic.is_over
    wire.tell(ev.StreamResult("callee-1", ev.RecognitionResult("להתראות", True)))
    assert wire.lines == [("callee", "להתראות")]
    assert wire.logic.is_over


def test_a_recognizer_that_is_behind_is_given_time() -> None:
    """An interim that leaves out the end of the speech is a guess; here nobody waits for an answer to it."""
    wire = Wire()
    wire.wait(2.0, speaking="caller")
    wire.tell(ev.StreamResult("caller-1", ev.RecognitionResult("אני צריכה הצעת מחיר", False, end_s=1.7)))
    wire.wait(3.4)
    assert not any(isinstance(action, ReportFinal) for action in wire.done)
    wire.wait(0.2)
    assert ReportFinal("caller", "אני צריכה הצעת מחיר") in wire.done


@pytest.mark.parametrize("question", ["באיזו קומה הדירה?", "ובאיזו קומה הדירה שלכם נמצאת?"])
def test_what_the_business_wants_to_know_is_read_from_the_answer_to_the_callee(question: str) -> None:
    """Whether or not the person asks in the words of the settings."""
    wire = Wire(business=AssistantSettings(fields_to_collect=(FLOOR,)))
    wire.says("callee", question)
    wire.says("caller", "שלוש")
    wire.tell(ev.CallerHungUp())
    wire.wait(2.0)
    ended = wire.published[-1]
    assert isinstance(ended, CallEnded)
    assert {name: found.value for name, found in ended.fields.items()} == {"floor": "3"}
    assert ended.fields_to_collect == (FLOOR,)


def test_a_person_may_promise_to_call_on_shabbat() -> None:
    wire = Wire()
    wire.says("callee", "מתי נוח לכם שנחזור?")
    wire.says("caller", "בשבת בעשר בבוקר")
    wire.tell(ev.CallerHungUp())
    wire.wait(2.0)
    ended = wire.published[-1]
    assert isinstance(ended, CallEnded)
    assert ended.fields["callback_time"].at == datetime(2026, 1, 3, 8, 0, tzinfo=UTC)
