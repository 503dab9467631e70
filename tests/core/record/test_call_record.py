"""What was said in a leg, numbered, published, and understood."""

from datetime import UTC, datetime

from calls.events import CallEnded, CallEvent, LatencySummary, UtteranceFinal
from media_service.core.actions import Action, Publish
from media_service.core.conversation import AssistantSettings, Turn
from media_service.core.ending import Ending
from media_service.core.record.call_record import CallRecord
from media_service.core.record.transcript import CallIdentity
from media_service.core.speaking.playback import Heard
from media_service.core.turns.utterance import Utterance
from tests.core.hebrew_texts import INTAKE

STARTED = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)
IDENTITY = CallIdentity("CA1", 1, "iw-IL", STARTED, started_at=100.0, recognizer="google_streaming")
ASKS_NAME, ASKS_PHONE = "איך קוראים לכם?", "אפשר לחזור אליכם למספר שממנו התקשרתם?"


def record_of() -> CallRecord:
    return CallRecord(IDENTITY, INTAKE)


def spoken(text: str, speaker: str = "caller", recognizer: str = "") -> Utterance:
    return Utterance(speaker, 101.0, 102.0, text=text, recognizer=recognizer, closed_at=102.5)


def heard(text: str) -> Heard:
    return Heard(text, 103.0, 104.0)


def events(actions: list[Action]) -> list[CallEvent]:
    return [action.event for action in actions if isinstance(action, Publish)]


def lines(actions: list[Action]) -> list[tuple[int, str, str]]:
    return [(each.seq, each.speaker, each.text) for each in events(actions) if isinstance(each, UtteranceFinal)]


def known(record: CallRecord) -> dict[str, str]:
    return {name: found.value for name, found in record.fields.items()}


def test_lines_are_published_in_the_order_of_the_conversation() -> None:
    """What the assistant said to an utterance waits for the utterance's last words."""
    record, caller = record_of(), spoken("שלום")
    record.heard("caller", caller)
    assert record.assistant_said(heard(ASKS_NAME)) == []
    assert lines(record.settled(caller)) == [(1, "caller", "שלום"), (2, "assistant", ASKS_NAME)]
    assert lines(record.assistant_said(heard("הלו?"))) == [(3, "assistant", "הלו?")]


def test_a_line_is_published_once_with_the_words_and_the_confidence_it_settled_with() -> None:
    record, caller = record_of(), spoken("אני צריכה")
    record.heard("caller", caller)
    caller.text, caller.confidence = "אני צריכה מזגן", 0.8
    (event,) = events(record.settled(caller))
    assert isinstance(event, UtteranceFinal)
    assert (event.text, event.confidence) == ("אני צריכה מזגן", 0.8)
    assert record.settled(caller) == []


def test_what_was_published_does_not_change_any_more() -> None:
    """The next reply is made from what the records say."""
    record, caller = record_of(), spoken("אני צריכה מזגן")
    record.heard("caller", caller)
    record.settled(caller)
    caller.text = "קוראים לי דנה"
    record.amended(caller)
    assert [turn.text for turn in record.conversation(AssistantSettings()).turns] == ["אני צריכה מזגן"]
    assert known(record) == {"need": "אני צריכה מזגן"}


def test_late_words_change_the_conversation_and_what_is_known_from_it() -> None:
    record, caller = record_of(), spoken("קוראים לי")
    record.heard("caller", caller)
    before = known(record)
    caller.text = "קוראים לי דנה"
    record.amended(caller)
    assert [turn.text for turn in record.conversation(AssistantSettings()).turns] == ["קוראים לי דנה"]
    assert (before.get("name"), known(record)["name"]) == (None, "דנה")


def test_what_was_learned_from_words_that_were_corrected_is_forgotten() -> None:
    record, caller = record_of(), spoken("אני צריכה לקנות מזגן")
    record.heard("caller", caller)
    assert known(record) == {"need": "אני צריכה לקנות מזגן"}
    caller.text = "אני צריכה לתקן מזגן"
    record.amended(caller)
    assert known(record) == {"need": "אני צריכה לתקן מזגן"}


def test_correcting_an_older_line_takes_nothing_back_that_was_said_since() -> None:
    record, first, second = record_of(), spoken("אני צריכה"), spoken("קוראים לי דנה")
    record.heard("caller", first)
    record.heard("caller", second)
    first.text = "אני צריכה מזגן"
    record.amended(first)
    assert known(record)["name"] == "דנה"


def test_an_answer_belongs_to_the_question_before_it() -> None:
    record = record_of()
    record.assistant_said(heard(ASKS_NAME))
    record.heard("caller", spoken("דנה לוי"))
    assert known(record) == {"name": "דנה לוי"}


def test_a_person_who_answers_asks_as_the_assistant_does() -> None:
    record = record_of()
    record.heard("callee", spoken(ASKS_NAME, "callee"))
    record.heard("caller", spoken("דנה לוי"))
    assert known(record) == {"name": "דנה לוי"}


def test_only_the_callers_words_tell_of_the_caller() -> None:
    record = record_of()
    record.heard("callee", spoken("קוראים לי רון", "callee"))
    assert known(record) == {}


def test_the_earlier_legs_come_first_in_the_conversation_and_are_not_published_again() -> None:
    record = record_of()
    record.recalled("+972501234567", [("assistant", ASKS_NAME), ("caller", "דנה")])
    record.heard("caller", spoken("אני צריכה מזגן"))
    conversation = record.conversation(AssistantSettings(business_name="מזגני הצפון"))
    assert conversation.turns == (
        Turn("assistant", ASKS_NAME), Turn("caller", "דנה"), Turn("caller", "אני צריכה מזגן", 1),
    )  # fmt: skip
    assert (conversation.caller_number, conversation.settings.business_name) == ("+972501234567", "מזגני הצפון")
    assert conversation.fields["name"].value == "דנה"
    assert lines(record.ended(Ending("silence", 110.0, 112.0), LatencySummary())) == [(1, "caller", "אני צריכה מזגן")]


def test_a_question_of_an_earlier_leg_is_answered_in_this_one() -> None:
    record = record_of()
    record.recalled("+972501234567", [("assistant", ASKS_PHONE)])
    record.heard("caller", spoken("כן"))
    assert known(record)["phone"] == "+972501234567"


def test_what_was_said_since_stands_against_earlier_legs_that_are_recalled_late() -> None:
    """Also where the newest words are corrected after that."""
    record, caller = record_of(), spoken("קוראים לי רון")
    record.heard("caller", caller)
    record.recalled("", [("caller", "קוראים לי דנה"), ("assistant", "איך אפשר לעזור?"), ("caller", "אני צריכה מזגן")])
    assert known(record) == {"name": "רון", "need": "אני צריכה מזגן"}
    caller.text = "קוראים לי רונן"
    record.amended(caller)
    assert known(record) == {"name": "רונן", "need": "אני צריכה מזגן"}


def test_the_end_publishes_what_was_not_settled_and_then_itself() -> None:
    record = record_of()
    record.heard("caller", spoken("אני צריכה מזגן", recognizer="whisper"))
    said, end = events(record.ended(Ending("caller_hangup", 110.0, 130.0), LatencySummary(1, 0.5, 0.5)))
    assert isinstance(said, UtteranceFinal)
    assert isinstance(end, CallEnded)
    assert (end.seq, end.reason, end.duration_s, end.recognizer) == (2, "caller_hangup", 10.0, "whisper")
    assert {name: found.value for name, found in end.fields.items()} == {"need": "אני צריכה מזגן"}
    assert end.latency == LatencySummary(1, 0.5, 0.5)


def test_every_line_names_a_recognizer() -> None:
    """Words whose recognizer did not say who it is, and those of the assistant, are counted with the one before."""
    record = record_of()
    record.heard("caller", spoken("שלום"))
    record.heard("caller", spoken("אני צריכה מזגן", recognizer="whisper"))
    record.heard("caller", spoken("דנה"))
    record.assistant_said(heard("תודה"))
    said = events(record.ended(Ending("silence", 110.0, 112.0), LatencySummary()))
    named = [event.recognizer for event in said if isinstance(event, UtteranceFinal | CallEnded)]
    assert named == ["google_streaming", "whisper", "whisper", "whisper", "whisper"]
