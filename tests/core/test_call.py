"""One whole call as the runner sees it: events in, actions out, on a clock that the test holds."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.events import CallEnded, CallEvent, UtteranceFinal
from media_service.core import actions as act
from media_service.core import events as ev
from media_service.core.call import CallLogic
from media_service.core.call_settings import CallSettings
from media_service.core.conversation import AssistantSettings, Turn
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.record.transcript import CallIdentity
from media_service.core.speaking.announcement import Announcement, Say
from media_service.core.turns.leaving import LeavingSettings
from media_service.core.turns.listening import ListeningSettings
from media_service.core.turns.turn_taking import TurnSettings
from media_service.core.vad.audio import BYTES_PER_S, FRAME_BYTES, FRAME_S
from tests.core.hebrew_texts import INTAKE

VOICE, QUIET = b"\x10\x90" * (FRAME_BYTES // 2), b"\xff" * FRAME_BYTES
PROMPTS: dict[Say, Announcement] = {
    say: Announcement(f"<{say.value}>", b"\x50" * BYTES_PER_S) for say in Say if say is not Say.DISCLOSURE
}
ONE_SECOND = b"\x50" * BYTES_PER_S
DEFAULTS = CallSettings()
STARTED = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)


class Desk:
    """A call, with everything around it played by the test."""

    def __init__(self, settings: CallSettings = DEFAULTS, leg: int = 1, greeted: bool = True) -> None:
        identity = CallIdentity("CA1", leg, "iw-IL", STARTED, started_at=100.0, recognizer="google_streaming")
        self.logic = CallLogic(identity, settings, INTAKE, PROMPTS, AssistantSettings())
        self.now = 100.0
        self.done: list[act.Action] = []
        self.marks: list[str] = []
        self._take(self.logic.start(self.now))
        self.stream = next((action.stream for action in self.done if isinstance(action, act.OpenStream)), "")
        if self.stream:
            self.tell(ev.StreamOpened(self.stream))
        if greeted:
            self.wait(1.0)
            self.play_out()

    def _take(self, actions: list[act.Action]) -> None:
        assert not self.hung_up or not actions, "nothing follows the end"
        self.done += actions
        self.marks += [action.name for action in actions if isinstance(action, act.SendMark)]

    @property
    def hung_up(self) -> list[act.HangUp]:
        return [action for action in self.done if isinstance(action, act.HangUp)]

    @property
    def published(self) -> list[CallEvent]:
        return [action.event for action in self.done if isinstance(action, act.Publish)]

    @property
    def lines(self) -> list[tuple[str, str]]:
        return [(event.speaker, event.text) for event in self.published if isinstance(event, UtteranceFinal)]

    @property
    def end(self) -> CallEnded:
        end = self.published[-1]
        assert isinstance(end, CallEnded)
        return end

    def last(self, kind: type[act.Action]) -> act.Action:
        return next(action for action in reversed(self.done) if isinstance(action, kind))

    def count(self, kind: type[act.Action]) -> int:
        return sum(isinstance(action, kind) for action in self.done)

    def tell(self, event: ev.Event) -> None:
        self._take(self.logic.handle(event, self.now))

    def wait(self, seconds: float, frame: bytes = QUIET) -> None:
        for _ in range(round(seconds / FRAME_S)):
            self.pass_time(FRAME_S)
            self.tell(ev.CallerAudio(frame))

    def pass_time(self, seconds: float) -> None:
        """Time without any audio."""
        until = self.now + seconds
        while (due := self.logic.deadline()) <= until:
            self.now = max(self.now, due)
            self._take(self.logic.on_timer(self.now))
        self.now = until

    def play_out(self) -> None:
        while self.marks:
            self.tell(ev.MarkReached(self.marks.pop(0)))

    def hear(self, text: str, *, final: bool = True, voice_s: float = 0.6, end_s: float | None = None) -> None:
        """The caller says this, and the recognizer understands it at once."""
        self.wait(voice_s, VOICE)
        self.tell(ev.StreamResult(self.stream, ev.RecognitionResult(text, final, end_s, confidence=0.9)))
        self.wait(0.5)

    def answer(self, text: str, *, ends_call: bool = False, audible: bool = True) -> None:
        """The reply engine and the synthesis answer at once."""
        start = self.last(act.StartReply)
        assert isinstance(start, act.StartReply)
        self.tell(ev.ReplyTextArrived(start.turn, text))
        self.tell(ev.ReplyFinished(start.turn, ends_call))
        clip = self.last(act.Synthesize)
        assert isinstance(clip, act.Synthesize)
        if audible:
            self.tell(ev.SpeechSynthesized(clip.clip, ONE_SECOND))


def test_a_call_from_the_greeting_to_the_goodbye() -> None:
    desk = Desk()
    desk.hear("אני צריכה טכנאי למזגן")
    desk.answer("איך קוראים לכם?")
    desk.wait(1.0)
    desk.play_out()
    desk.hear("דנה לוי")
    desk.answer("תודה דנה, להתראות.", ends_call=True)
    desk.wait(1.0)
    desk.play_out()
    desk.wait(1.1)

    assert desk.lines == [
        ("assistant", "<greeting>"),
        ("caller", "אני צריכה טכנאי למזגן"),
        ("assistant", "איך קוראים לכם?"),
        ("caller", "דנה לוי"),
        ("assistant", "תודה דנה, להתראות."),
    ]
    assert [event.seq for event in desk.published] == [1, 2, 3, 4, 5, 6]
    assert desk.end.reason == "assistant_goodbye"
    assert {name: found.value for name, found in desk.end.fields.items()} == {
        "need": "אני צריכה טכנאי למזגן",
        "name": "דנה לוי",
    }
    assert desk.end.latency.turns == 2
    assert desk.hung_up == [act.HangUp("assistant_goodbye", on_record=True)]


def test_what_the_caller_talked_over_comes_before_it_and_holds_what_was_heard() -> None:
    desk = Desk()
    desk.hear("כמה עולה טכנאי")
    desk.answer("אחת שתיים שלוש ארבע.")
    desk.wait(0.3)
    desk.hear("רגע, כמה זה עולה", voice_s=0.4)

    assert desk.lines[1:] == [("caller", "כמה עולה טכנאי"), ("assistant", "אחת"), ("caller", "רגע, כמה זה עולה")]
    assert desk.count(act.ReportBargeIn) == 1
    assert desk.count(act.ClearPlayback) == 1


def test_late_words_start_the_answer_anew_as_long_as_it_was_not_heard() -> None:
    desk = Desk()
    desk.hear("אני צריכה מזגן לדירה", final=False)
    desk.tell(ev.StreamResult(desk.stream, ev.RecognitionResult("אני צריכה מזגן לדירה שלי", True)))

    assert [type(a) for a in desk.done if isinstance(a, act.StartReply | act.CancelReply)] == [
        act.StartReply, act.CancelReply, act.StartReply,
    ]  # fmt: skip
    start = desk.last(act.StartReply)
    assert isinstance(start, act.StartReply)
    assert start.conversation.turns[-1].text == "אני צריכה מזגן לדירה שלי"
    assert start.conversation.fields["need"].value == "אני צריכה מזגן לדירה שלי"
    assert desk.lines[-1] == ("caller", "אני צריכה מזגן לדירה שלי")


def test_once_the_answer_is_heard_late_words_only_complete_the_transcript() -> None:
    desk = Desk()
    desk.hear("אני צריכה מזגן לדירה", final=False)
    desk.answer("איך קוראים לכם?")
    desk.tell(ev.StreamResult(desk.stream, ev.RecognitionResult("אני צריכה מזגן לדירה שלי", True)))

    assert desk.count(act.StartReply) == 1
    assert desk.count(act.ClearPlayback) == 0
    assert desk.lines[-1] == ("caller", "אני צריכה מזגן לדירה שלי")


def test_an_opener_heard_before_a_second_utterance_stands_before_it() -> None:
    desk = Desk()
    desk.hear("כמה עולה טכנאי")
    desk.wait(2.0)
    desk.hear("אני צריכה טכנאי למזגן")

    assert desk.lines[1:] == [
        ("caller", "כמה עולה טכנאי"),
        ("assistant", "<opener>"),
        ("caller", "אני צריכה טכנאי למזגן"),
    ]


def test_digits_are_something_the_caller_said() -> None:
    desk = Desk()
    for digit in "0501234567":
        desk.tell(ev.DigitPressed(digit))
    desk.pass_time(3.1)

    assert desk.lines[-1] == ("caller", "0501234567")
    start = desk.last(act.StartReply)
    assert isinstance(start, act.StartReply)
    assert start.conversation.fields["phone"].value == "+972501234567"


def test_digits_typed_right_before_hanging_up_are_kept() -> None:
    desk = Desk()
    for digit in "0501234567":
        desk.tell(ev.DigitPressed(digit))
    desk.tell(ev.CallerHungUp())

    assert desk.lines[-1] == ("caller", "0501234567")
    assert desk.end.fields["phone"].value == "+972501234567"


def test_a_silent_caller_is_asked_twice_and_then_let_go() -> None:
    desk = Desk()
    for _ in range(3):
        desk.wait(9.0)
        desk.play_out()
    desk.wait(1.1)

    assert [text for _, text in desk.lines] == ["<greeting>", "<still_there>", "<still_there>", "<goodbye_silence>"]
    assert desk.end.reason == "silence"


def test_a_caller_who_speaks_during_the_goodbye_is_answered() -> None:
    desk = Desk()
    desk.wait(9.0)
    desk.play_out()
    desk.wait(9.0)
    desk.play_out()
    desk.wait(8.1)
    desk.hear("רגע אני פה")
    desk.answer("בבקשה.")
    desk.wait(1.0)
    desk.play_out()

    assert not desk.hung_up
    assert desk.lines[-2:] == [("caller", "רגע אני פה"), ("assistant", "בבקשה.")]


def test_a_call_that_is_too_long_ends() -> None:
    desk = Desk(CallSettings(turns=TurnSettings(leaving=LeavingSettings(max_call_s=5.0))))
    desk.wait(4.1)
    desk.wait(0.5, VOICE)
    desk.wait(0.5)
    desk.play_out()
    desk.pass_time(2.5)

    assert desk.end.reason == "max_duration"
    assert desk.lines[-1] == ("assistant", "<goodbye_time>")


def test_no_media_at_all_ends_the_call_as_an_error() -> None:
    desk = Desk(CallSettings(media_timeout_s=5.0))
    desk.pass_time(4.9)
    assert not desk.hung_up
    desk.pass_time(0.2)

    assert desk.end.reason == "error"
    assert desk.hung_up == [act.HangUp("error", on_record=True)]


def test_marks_show_that_the_peer_is_there() -> None:
    desk = Desk(CallSettings(media_timeout_s=5.0))
    for _ in range(4):
        desk.pass_time(4.0)
        desk.tell(ev.MarkReached("1-1"))
    assert not desk.hung_up


def test_silence_is_fed_to_the_recognizer_while_nothing_arrives() -> None:
    desk = Desk()
    before = len(desk.done)
    desk.pass_time(10.0)
    fed = sum(len(action.audio) for action in desk.done[before:] if isinstance(action, act.SendAudio))
    assert abs(fed / BYTES_PER_S - 10.0) < 0.3


def test_a_drained_instance_ends_its_calls() -> None:
    desk = Desk()
    desk.tell(ev.DrainStarted())
    assert desk.end.reason == "drained"


@pytest.mark.parametrize(("because_of_us", "reason"), [(False, "caller_hangup"), (True, "error")])
def test_a_lost_socket_leaves_no_reason_on_record_so_that_the_call_may_come_back(
    because_of_us: bool, reason: str
) -> None:
    desk = Desk()
    desk.tell(ev.SocketLost(because_of_us=because_of_us))
    assert desk.hung_up == [act.HangUp(reason, on_record=False)]


def test_a_socket_lost_after_the_caller_hung_up_changes_nothing() -> None:
    desk = Desk()
    desk.hear("שלום", final=False)
    desk.tell(ev.CallerHungUp())
    desk.tell(ev.SocketLost())
    desk.pass_time(20.1)
    assert desk.hung_up == [act.HangUp("caller_hangup", on_record=True)]


def test_a_later_leg_says_so_and_goes_on_with_what_is_known() -> None:
    desk = Desk(leg=2)
    desk.tell(
        ev.CallRecalled(
            "+972501234567",
            (
                Turn("assistant", "איך אפשר לעזור?", 1),
                Turn("caller", "אני צריכה מזגן", 2),
                Turn("assistant", "איך קוראים לכם?", 3),
            ),
        )
    )
    desk.hear("דנה")
    start = desk.last(act.StartReply)
    assert isinstance(start, act.StartReply)

    assert desk.lines[0] == ("assistant", "<line_was_lost>")
    assert [turn.text for turn in start.conversation.turns][:3] == [
        "איך אפשר לעזור?",
        "אני צריכה מזגן",
        "איך קוראים לכם?",
    ]
    assert start.conversation.caller_number == "+972501234567"
    assert {name: found.value for name, found in start.conversation.fields.items()} == {
        "need": "אני צריכה מזגן",
        "name": "דנה",
    }
    desk.tell(ev.CallerHungUp())
    assert [event.leg for event in desk.published] == [2, 2, 2]


LOST_AFTER_A_QUESTION = ev.CallRecalled(
    "+972501234567",
    (
        Turn("assistant", "איך אפשר לעזור?", 1),
        Turn("caller", "אני צריכה מזגן", 2),
        Turn("assistant", "איך קוראים לכם?", 3),
    ),
)


def test_a_later_leg_asks_the_pending_question_again_after_its_apology() -> None:
    desk = Desk(leg=2, greeted=False)
    desk.tell(LOST_AFTER_A_QUESTION)
    asked = desk.last(act.Synthesize)
    assert isinstance(asked, act.Synthesize)
    assert asked.text == "איך קוראים לכם?"
    desk.tell(ev.SpeechSynthesized(asked.clip, ONE_SECOND))
    desk.wait(2.0)
    desk.play_out()
    desk.hear("דנה")

    assert desk.lines[0] == ("assistant", "<line_was_lost> איך קוראים לכם?")
    assert desk.logic.fields["name"].value == "דנה"
    assert desk.count(act.StartReply) == 1, "the question needed no model"


def test_a_caller_who_goes_on_by_themselves_is_not_asked_over() -> None:
    desk = Desk(leg=2)
    desk.hear("אני פה, קוראים לי דנה")
    desk.tell(LOST_AFTER_A_QUESTION)
    assert desk.count(act.Synthesize) == 0


def test_a_lost_call_whose_question_cannot_be_synthesized_is_apologized_for() -> None:
    desk = Desk(leg=2, greeted=False)
    desk.tell(LOST_AFTER_A_QUESTION)
    asked = desk.last(act.Synthesize)
    assert isinstance(asked, act.Synthesize)
    desk.wait(1.0)
    desk.play_out()
    desk.tell(ev.SynthesisFailed(asked.clip))
    desk.wait(1.0)
    desk.play_out()
    assert desk.lines[0] == ("assistant", "<line_was_lost> <trouble>")


def test_records_that_answer_late_do_not_undo_what_was_said_since() -> None:
    desk = Desk(leg=2)
    desk.hear("קוראים לי רון לוי")
    desk.wait(0.7)
    desk.tell(ev.CallRecalled("", (Turn("assistant", "איך קוראים לכם?", 1), Turn("caller", "דנה", 2))))
    assert desk.logic.fields["name"].value == "רון לוי"


def test_the_last_words_are_waited_for_but_not_for_long() -> None:
    desk = Desk()
    desk.wait(0.6, VOICE)
    desk.tell(ev.CallerHungUp())
    assert not desk.hung_up
    assert any(isinstance(action, act.FinishStream) for action in desk.done)
    desk.tell(ev.StreamResult(desk.stream, ev.RecognitionResult("תחזרו אליי", True, confidence=0.9)))
    desk.pass_time(1.6)

    assert desk.lines[-1] == ("caller", "תחזרו אליי")
    assert desk.end.ended_at < STARTED + timedelta(seconds=desk.now - 101.0), "the call ended when the caller left"
    assert desk.hung_up


def test_a_bug_ends_the_call_cleanly() -> None:
    desk = Desk()
    desk.hear("שלום", final=False)
    desk.tell(ev.RunnerFailed())
    assert desk.end.reason == "error"
    assert desk.lines[-1] == ("caller", "שלום")


def in_single_requests() -> Desk:
    desk = Desk(CallSettings(listening=ListeningSettings(streaming=False)))
    desk.wait(0.8, VOICE)
    desk.wait(0.6)
    return desk


def test_a_call_by_single_requests() -> None:
    desk = in_single_requests()
    request = desk.last(act.RecognizeOnce)
    assert isinstance(request, act.RecognizeOnce)
    desk.tell(
        ev.RequestRecognized(request.request, (ev.RecognitionResult("שלום", True, confidence=0.8),), "google_single")
    )

    assert desk.lines[-1] == ("caller", "שלום")
    assert desk.count(act.OpenStream) == 0
    assert desk.count(act.StartReply) == 1
    desk.tell(ev.CallerHungUp())
    assert desk.end.recognizer == "google_single"


def test_a_request_that_fails_costs_its_utterance_and_not_the_call() -> None:
    desk = in_single_requests()
    request = desk.last(act.RecognizeOnce)
    assert isinstance(request, act.RecognizeOnce)
    desk.tell(ev.RequestFailed(request.request, "503"))
    assert desk.count(act.ReportRequestFailed) == 1
    desk.tell(ev.CallerHungUp())
    assert desk.end.reason == "caller_hangup"


def test_requests_still_under_way_at_the_end_are_waited_for() -> None:
    desk = in_single_requests()
    request = desk.last(act.RecognizeOnce)
    assert isinstance(request, act.RecognizeOnce)
    desk.tell(ev.CallerHungUp())
    assert not desk.hung_up
    desk.tell(ev.RequestRecognized(request.request, (ev.RecognitionResult("שלום", True),), "google_single"))
    assert desk.lines[-1] == ("caller", "שלום")
    assert desk.hung_up


@pytest.mark.parametrize("typing", [False, True])
def test_the_sound_of_keys_is_no_speech_that_anybody_would_want_to_hear_again(typing: bool) -> None:
    desk = in_single_requests()
    request = desk.last(act.RecognizeOnce)
    assert isinstance(request, act.RecognizeOnce)
    if typing:
        desk.tell(ev.DigitPressed("5"))
    played = desk.count(act.PlayAudio)
    desk.tell(ev.RequestFailed(request.request, "503"))
    assert (desk.count(act.PlayAudio) > played) is not typing, "it is asked for a number otherwise"


@pytest.mark.parametrize("first", ["recognized", "failed"])
@pytest.mark.parametrize("second", ["recognized", "failed"])
def test_a_request_that_is_answered_twice_is_one_utterance(first: str, second: str) -> None:
    desk = in_single_requests()
    request = desk.last(act.RecognizeOnce)
    assert isinstance(request, act.RecognizeOnce)
    outcomes: dict[str, ev.Event] = {
        "recognized": ev.RequestRecognized(request.request, (ev.RecognitionResult("שלום", True),), "google_single"),
        "failed": ev.RequestFailed(request.request, "503"),
    }
    desk.tell(outcomes[first])
    done = len(desk.done)
    desk.tell(outcomes[second])
    assert desk.done[done:] == []


@pytest.mark.parametrize("how", ["interim", "final", "final after a pause"])
def test_words_that_have_to_wait_for_a_request_before_them_stop_the_assistant_at_once(how: str) -> None:
    """They are not in the transcript yet, but the caller is speaking, and must not be talked over."""
    streams = StreamSettings(retry_streaming_after_s=1.0)
    desk = Desk(CallSettings(listening=ListeningSettings(streams=streams, keep_order_s=9.0)))
    desk.wait(0.8, VOICE)
    desk.tell(ev.StreamEnded(desk.stream, "refused", permanent=True))
    desk.wait(1.5)
    opening = desk.last(act.OpenStream)
    assert isinstance(opening, act.OpenStream)
    desk.tell(ev.StreamOpened(opening.stream))
    desk.wait(1.0)
    assert desk.marks, "the filler is being played, since the request is not answered"
    desk.wait(0.1, VOICE)
    desk.wait(0.3 if how == "final after a pause" else 0.0)
    assert desk.count(act.ClearPlayback) == 0
    desk.tell(ev.StreamResult(opening.stream, ev.RecognitionResult("רגע אחד", how != "interim")))
    assert desk.count(act.ClearPlayback) == 1
    assert desk.lines == [("assistant", "<greeting>")]


ENDINGS = [ev.CallerHungUp(), ev.SocketLost(), ev.DrainStarted(), ev.RunnerFailed()]


@pytest.mark.parametrize(
    "state", ["greeting", "listening", "hearing", "thinking", "speaking", "leaving", "between_streams"]
)
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda event: type(event).__name__)
def test_every_call_ends_with_its_end_and_nothing_after_it(state: str, ending: ev.Event) -> None:
    """Whenever it ends: every line is published first, `call.ended` last and once, then the socket is closed."""
    desk = Desk(greeted=state != "greeting")
    if state in ("thinking", "speaking"):
        desk.hear("אני צריכה מזגן לדירה", final=False)
    if state == "speaking":
        desk.answer("רגע אחד בבקשה.")
        desk.wait(0.5)
    if state == "hearing":
        desk.wait(0.5, VOICE)
        desk.tell(ev.StreamResult(desk.stream, ev.RecognitionResult("אני צריכה", False)))
    if state == "leaving":
        for _ in range(2):
            desk.wait(9.0)
            desk.play_out()
        desk.wait(8.1)
    if state == "between_streams":
        desk.wait(0.5, VOICE)
        desk.tell(ev.StreamEnded(desk.stream, "broke"))
    desk.tell(ending)
    desk.pass_time(20.1)
    for late in (ev.MarkReached("1-1"), ev.CallerAudio(QUIET), ev.CallerHungUp(), ev.DigitPressed("5"), ending):
        desk.tell(late)

    assert len(desk.hung_up) == 1
    assert isinstance(desk.done[-1], act.HangUp)
    assert isinstance(desk.done[-2], act.Publish)
    assert [event.seq for event in desk.published] == list(range(1, len(desk.published) + 1))
    assert sum(isinstance(event, CallEnded) for event in desk.published) == 1
    said = [text for speaker, text in desk.lines if speaker == "caller"]
    assert said == {
        "thinking": ["אני צריכה מזגן לדירה"],
        "speaking": ["אני צריכה מזגן לדירה"],
        "hearing": ["אני צריכה"],
    }.get(state, [])
    assert desk.logic.deadline() == math.inf
    assert desk.logic.is_over


anything = st.one_of(
    st.sampled_from([ev.CallerAudio(QUIET * 10), ev.CallerAudio(VOICE * 10), ev.CallerAudio(VOICE[:7])]),
    st.builds(ev.DigitPressed, st.sampled_from("0123456789*#A")),
    st.builds(ev.MarkReached, st.sampled_from(["1-1", "1-2", "2-2", "2-3", "x"])),
    st.builds(ev.StreamOpened, st.sampled_from(["caller-1", "caller-2", "caller-3"])),
    st.builds(ev.StreamEnded, st.sampled_from(["caller-1", "caller-2", "caller-3"]), st.just("broke")),
    st.builds(
        ev.StreamResult,
        st.sampled_from(["caller-1", "caller-2", "caller-3"]),
        st.builds(
            ev.RecognitionResult,
            st.sampled_from(["", "שלום", "שלום אני דנה", "אני דנה", "להתראות", "כן."]),
            st.booleans(),
            st.none() | st.floats(0.0, 5.0),
        ),
    ),
    st.builds(ev.ReplyTextArrived, st.integers(1, 4), st.sampled_from(["", "שלום. ", "איך קוראים לכם?"])),
    st.builds(ev.ReplyFinished, st.integers(1, 4), st.booleans()),
    st.builds(ev.SpeechSynthesized, st.integers(1, 5), st.sampled_from([b"", ONE_SECOND])),
    st.builds(ev.SynthesisFailed, st.integers(1, 5)),
    st.builds(
        ev.RequestRecognized,
        st.sampled_from(["caller-request-1", "caller-request-2"]),
        st.sampled_from([(), (ev.RecognitionResult("כן", True),)]),
        st.just("google_single"),
    ),
    st.builds(ev.RequestFailed, st.sampled_from(["caller-request-1", "caller-request-2"]), st.just("503")),
    st.just(ev.CallRecalled("+972501234567", (Turn("caller", "שלום", 1),))),
)
moments = st.lists(st.tuples(anything, st.sampled_from([0.0, 0.02, 0.3, 1.0, 4.0])), max_size=60)
QUICK = CallSettings(turns=TurnSettings(leaving=LeavingSettings(max_call_s=60.0)))


@given(moments, st.booleans())
def test_whatever_happens_in_whatever_order_the_books_are_kept(
    happenings: list[tuple[ev.Event, float]], streaming: bool
) -> None:
    """No order of events breaks the logic, leaves a gap in the numbers, or lets anything follow the end."""
    desk = Desk(replace(QUICK, listening=ListeningSettings(streaming=streaming)), greeted=False)
    for event, pause_s in happenings:
        desk.pass_time(pause_s)
        desk.tell(event)
    desk.tell(ev.CallerHungUp())
    desk.pass_time(20.1)

    assert [event.seq for event in desk.published] == list(range(1, len(desk.published) + 1))
    assert isinstance(desk.end, CallEnded)
    assert len(desk.hung_up) == 1


def test_thanks_into_the_goodbye_let_it_finish() -> None:
    desk = Desk()
    desk.hear("כמה עולה טכנאי")
    desk.answer("תודה, להתראות.", ends_call=True)
    desk.wait(0.2)
    desk.hear("תודה רבה ביי")
    desk.wait(2.0)
    desk.play_out()
    desk.wait(1.1)
    assert desk.count(act.StartReply) == 1
    assert desk.lines[-2:] == [("assistant", "תודה, להתראות."), ("caller", "תודה רבה ביי")] or desk.lines[-2:] == [
        ("caller", "תודה רבה ביי"),
        ("assistant", "תודה, להתראות."),
    ]
    assert desk.end.reason == "assistant_goodbye"
