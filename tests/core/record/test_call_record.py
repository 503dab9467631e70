"""What was said in a leg, numbered, published, and understood."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from calls.events import CallEnded, CallEvent, FieldValue, LatencySummary, UtteranceFinal
from calls.lead_fields import Kind, LeadField
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
SAID_AT = STARTED + timedelta(seconds=2)
EARLIER = [
    Turn("caller", "קוראים לי דנה", 1),
    Turn("assistant", "איך אפשר לעזור?", 2),
    Turn("caller", "אני צריכה מזגן", 3),
]
ASKS_NAME, ASKS_PHONE = "איך קוראים לכם?", "אפשר לחזור אליכם למספר שממנו התקשרתם?"


MODEL = LeadField("model", Kind.TEXT, question="מה הדגם של המזגן?")


def record_of() -> CallRecord:
    return CallRecord(IDENTITY, INTAKE, AssistantSettings())


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


def test_an_utterance_is_published_with_what_it_taught_or_changed() -> None:
    record = record_of()
    record.recalled("+972501234567", [])
    said = []
    for question, answer in ((ASKS_NAME, "דנה לוי"), (f"נעים מאוד, דנה לוי. {ASKS_PHONE}", "כן"), ("תודה.", "בסדר")):
        record.assistant_said(heard(question))
        caller = spoken(answer)
        caller.confidence = 0.9
        record.heard("caller", caller)
        said += events(record.settled(caller))
    name = FieldValue("דנה לוי", 2, quote="דנה לוי", confidence=0.9)
    number = FieldValue("+972501234567", 4, confirmed=True, quote="כן", confidence=0.9, source="caller_id")
    assert [event.fields for event in said if isinstance(event, UtteranceFinal)] == [
        {"name": name},
        {"name": replace(name, confirmed=True), "phone": number},
        {},
    ]


def test_words_that_prove_to_be_uncertain_teach_nothing_after_all() -> None:
    """The reply is made from an interim; the final result has the recognizer's confidence."""
    record, caller = record_of(), spoken("0 5 0 8 0 8 0 0 0 0")
    record.assistant_said(heard("מה מספר הטלפון?"))
    record.heard("caller", caller)
    assert "phone" in known(record)
    caller.confidence = 0.58
    (event,) = events(record.settled(caller))
    assert isinstance(event, UtteranceFinal)
    assert (event.fields, known(record)) == ({}, {})


def test_words_without_any_voice_under_them_teach_nothing() -> None:
    record = record_of()
    record.heard("caller", replace(spoken("קוראים לי דנה"), voiced=False))
    assert known(record) == {}


@pytest.mark.parametrize("cut", ["נעים מאוד. מה הדגם", "רגע אחד. נעים מאוד. מה הדגם של המזגן?"])
def test_a_question_that_was_begun_is_the_one_that_is_answered(cut: str) -> None:
    """The caller spoke over it, or it came after a filler."""
    record = CallRecord(IDENTITY, INTAKE, AssistantSettings(fields_to_collect=(MODEL,)))
    record.assistant_asks(1, "נעים מאוד. ", "")
    record.assistant_asks(1, "מה הדגם של המזגן?", "model")
    record.assistant_said(heard(cut))
    record.assistant_said(heard("אתם עדיין על הקו?"))
    record.heard("caller", spoken("אלקטרה 20"))
    assert known(record)["model"] == "אלקטרה 20"


def test_a_question_of_which_nothing_was_heard_was_not_asked() -> None:
    record = CallRecord(IDENTITY, INTAKE, AssistantSettings(fields_to_collect=(MODEL,)))
    record.assistant_asks(1, "נעים מאוד. ", "")
    record.assistant_asks(1, "מה הדגם של המזגן?", "model")
    record.assistant_said(heard("נעים מאוד."))
    record.heard("caller", spoken("אלקטרה 20"))
    assert "model" not in known(record)


def test_what_the_business_wants_to_know_stands_in_the_end_of_the_call() -> None:
    record = CallRecord(IDENTITY, INTAKE, AssistantSettings(fields_to_collect=(MODEL,)))
    (end,) = events(record.ended(Ending("silence", 110.0, 112.0), LatencySummary()))
    assert isinstance(end, CallEnded)
    assert end.fields_to_collect == (MODEL,)


def test_digits_that_were_typed_are_confirmed() -> None:
    record = record_of()
    record.heard("caller", replace(spoken("0521234567"), typed=True))
    assert record.fields["phone"].confirmed
    assert record.fields["phone"].source == "keypad"


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
    record = CallRecord(replace(IDENTITY, leg=2), INTAKE, AssistantSettings())
    record.recalled("+972501234567", [Turn("assistant", ASKS_NAME, 1), Turn("caller", "דנה", 2)])
    record.heard("caller", spoken("אני צריכה מזגן"))
    conversation = record.conversation(AssistantSettings(business_name="מזגני הצפון"))
    assert conversation.turns == (
        Turn("assistant", ASKS_NAME, 1),
        Turn("caller", "דנה", 2),
        Turn("caller", "אני צריכה מזגן", 1, leg=2, at=SAID_AT),
    )
    assert (conversation.caller_number, conversation.settings.business_name) == ("+972501234567", "מזגני הצפון")
    assert conversation.fields["name"] == FieldValue("דנה", 2, quote="דנה")
    assert lines(record.ended(Ending("silence", 110.0, 112.0), LatencySummary())) == [(1, "caller", "אני צריכה מזגן")]


def test_a_question_of_an_earlier_leg_is_answered_in_this_one() -> None:
    record = record_of()
    record.recalled("+972501234567", [Turn("assistant", ASKS_PHONE, 1)])
    record.heard("caller", spoken("כן"))
    assert known(record)["phone"] == "+972501234567"


def test_what_was_said_since_stands_against_earlier_legs_that_are_recalled_late() -> None:
    """Also where the newest words are corrected after that."""
    record, caller = record_of(), spoken("קוראים לי רון")
    record.heard("caller", caller)
    record.recalled("", EARLIER)
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


# What earlier calls told

DANA = {"name": FieldValue("דנה לוי", 1), "need": FieldValue("מזגן", 1), "model": FieldValue("אלקטרה", 1)}


def test_what_earlier_calls_told_is_none_of_this_call_s_until_the_caller_agrees() -> None:
    record, caller = record_of(), spoken("כן")
    record.recalled("+972501234567", (), DANA)
    assert known(record) == {}
    assert set(record.conversation(AssistantSettings()).earlier) == {"name"}, (
        "a need was that call's; nobody asks a model"
    )
    record.assistant_said(heard("רשום אצלי השם דנה לוי. נכון?"))
    record.heard("caller", caller)
    (event,) = events(record.settled(caller))
    assert isinstance(event, UtteranceFinal)
    name = event.fields["name"]
    assert (name.value, name.confirmed, name.quote, name.seq) == ("דנה לוי", True, "כן", 2)


def test_what_the_business_asks_is_known_from_earlier_calls_as_well() -> None:
    record = CallRecord(IDENTITY, INTAKE, AssistantSettings(fields_to_collect=(MODEL,)))
    record.recalled("+972501234567", (), DANA)
    assert set(record.conversation(AssistantSettings()).earlier) == {"name", "model"}


def test_the_correction_of_a_name_from_an_earlier_call_is_understood() -> None:
    record = record_of()
    record.recalled("+972501234567", (), DANA)
    record.assistant_said(heard("שלום דנה לוי. אפשר לחזור אליכם למספר שממנו התקשרתם?"))
    record.heard("caller", spoken("לא דנה, דינה"))
    assert known(record)["name"].startswith("דינה")
