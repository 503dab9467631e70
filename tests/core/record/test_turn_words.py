"""What the words of an open utterance mean for whose turn it is, in the light of what was asked and played."""

from datetime import UTC, datetime

import pytest

from media_service.core.conversation import AssistantSettings
from media_service.core.record.call_record import CallRecord
from media_service.core.record.transcript import CallIdentity
from media_service.core.record.turn_words import TurnWords
from media_service.core.speaking.playback import Heard
from tests.core.hebrew_texts import INTAKE
from understanding.overlap import Overlap
from understanding.turn_end import TurnEnd

IDENTITY = CallIdentity("CA1", 1, "iw-IL", datetime(2026, 1, 1, 10, tzinfo=UTC), 0.0, "google_streaming")


def words(asked: str = "") -> TurnWords:
    record = CallRecord(IDENTITY, INTAKE, AssistantSettings())
    if asked:
        record.assistant_said(Heard(asked, 1.0, 2.0))
    return TurnWords(record)


def test_whether_words_can_be_all_depends_on_what_was_asked() -> None:
    assert words("באיזה מספר טלפון אפשר לחזור אליכם?").turn_end("אפס חמש שתיים").end is TurnEnd.DICTATING
    assert words("איך קוראים לכם?").turn_end("דנה לוי").end is TurnEnd.COMPLETE


def test_a_question_that_is_being_said_counts_as_asked() -> None:
    """The caller answers into its last word; it is no line of the transcript yet."""
    turn = words()
    turn.being_said = "באיזה מספר טלפון אפשר לחזור"
    assert turn.turn_end("אפס חמש שתיים").end is TurnEnd.DICTATING


def test_a_voice_far_from_the_telephone_is_waited_out() -> None:
    turn = words("איך קוראים לכם?")
    turn.is_far = True
    assert turn.turn_end("דנה לוי").end is TurnEnd.OPEN


@pytest.mark.parametrize(
    ("newest_clip", "means"),
    [("רשמתי את הפרטים.", Overlap.BACK_CHANNEL), ("הבנתי. נכון?", Overlap.OTHER), ("מה השם?", Overlap.BACK_CHANNEL)],
)
def test_yes_is_an_answer_to_a_yes_no_question_and_an_acknowledgement_otherwise(
    newest_clip: str, means: Overlap
) -> None:
    assert words().overlap("כן", newest_clip, newest_clip) is means


def test_words_of_ours_in_a_quieter_voice_stop_nobody() -> None:
    turn = words()
    played = "הטכנאי מגיע אליכם הביתה ובודק את המזגן."
    assert turn.overlap("הביתה", played, played) is Overlap.OTHER, "the caller may say it too"
    turn.is_quieter = True
    assert turn.overlap("הביתה", played, played) is Overlap.NOTHING
    assert turn.own_words("הביתה", played) == ""


def test_what_follows_an_echo_is_the_callers() -> None:
    played = "הטכנאי מגיע אליכם הביתה ובודק את המזגן."
    assert words().own_words("מגיע אליכם הביתה ובודק כמה זה עולה", played) == "כמה זה עולה"


@pytest.mark.parametrize(("text", "takes"), [("תודה רבה ביי", True), ("בסדר", True), ("רגע יש לי עוד שאלה", False)])
def test_what_one_says_to_a_goodbye_begins_no_new_conversation(text: str, takes: bool) -> None:
    assert words().answers_goodbye(text) is takes


def test_words_among_an_echo_are_kept_where_others_follow_it() -> None:
    """Both are heard at once, and a recognizer writes them word by word."""
    played = "צריך להביא תעודת זהות וספח. בנוסף צריך שלושה תלושי שכר."
    heard = "להביא תעודת זהות וספח אפשר צריך לשלוח שלושה לי את זה במייל"
    assert words().own_words(heard, played) == "אפשר לשלוח לי את זה במייל"


def test_a_caller_who_answers_into_the_first_word_of_a_question_gives_a_whole_answer() -> None:
    record = CallRecord(IDENTITY, INTAKE, AssistantSettings())
    record.assistant_asks(1, "הבנתי. ", "")
    record.assistant_asks(1, "איך קוראים לכם?", "name")
    record.assistant_said(Heard("הבנתי. איך", 1.0, 2.0))
    assert TurnWords(record).turn_end("קוראים לי דנה לוי").end is TurnEnd.COMPLETE
