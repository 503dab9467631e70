"""What the caller's last words did, as the intake sees it."""

from calls.events import FieldValue
from media_service.core.conversation import Conversation, Turn
from media_service.core.record.answered import Answered
from tests.core.hebrew_texts import INTAKE
from understanding.yes_no import YesNo

NUMBER = "+972521234567"
ASKS_NAME = Turn("assistant", "איך קוראים לכם?", 1, asks="name")
ASKS_PHONE = Turn("assistant", "באיזה מספר טלפון אפשר לחזור אליכם?", 3, asks="phone")
READS_BACK = Turn("assistant", "רשמתי 052-1234567. נכון?", 5, asks="phone")


def answered(*turns: Turn, **fields: FieldValue) -> Answered:
    return Answered(Conversation(turns, fields=fields), INTAKE.language)


def test_what_these_words_told_was_not_known_when_it_was_asked_for() -> None:
    said = answered(ASKS_NAME, Turn("caller", "דנה", 2), name=FieldValue("דנה", 2))
    assert (said.asked, said.told) == ("name", ("name",))
    later = answered(
        ASKS_NAME, Turn("caller", "דנה", 2), ASKS_PHONE, Turn("caller", "רגע", 4), name=FieldValue("דנה", 2)
    )
    assert (later.asked, later.told) == ("phone", ())


def test_a_number_that_lacks_digits_is_one_of_an_answer_to_the_question_for_it() -> None:
    assert answered(ASKS_PHONE, Turn("caller", "052-1234", 4)).phone.incomplete == "0521234"
    assert answered(ASKS_NAME, Turn("caller", "052-1234", 2)).phone.incomplete == ""
    uncertain = Turn("caller", "052-1234", 4, confidence=0.3)
    assert answered(ASKS_PHONE, uncertain).phone.incomplete == "", "nobody may have said it"


def test_a_no_to_what_was_read_back_takes_it_back() -> None:
    phone = FieldValue(NUMBER, 4)
    no = answered(ASKS_PHONE, Turn("caller", "052-1234567", 4), READS_BACK, Turn("caller", "לא", 6), phone=phone)
    assert (no.answer, no.is_taken_back("phone")) == (YesNo.NO, True)
    yes = answered(ASKS_PHONE, Turn("caller", "052-1234567", 4), READS_BACK, Turn("caller", "כן", 6), phone=phone)
    assert not yes.is_taken_back("phone")
    uncertain = answered(READS_BACK, Turn("caller", "לא", 6, confidence=0.3), phone=phone)
    assert uncertain.answer is YesNo.UNCLEAR


def test_asking_for_a_number_and_reading_one_back_are_counted_apart() -> None:
    said = answered(ASKS_NAME, ASKS_PHONE, READS_BACK, Turn("caller", "כן", 6), phone=FieldValue(NUMBER, 4))
    assert said.times_asked_for_phone() == (1, 1)
    assert (said.times_asked("name"), said.times_asked("need")) == (1, 0)
    assert said.was_read_back(FieldValue(NUMBER, 4))
    assert not said.was_read_back(FieldValue("+972527654321", 4))


def test_before_anybody_spoke_there_is_nothing() -> None:
    said = answered()
    assert (said.asked, said.told, said.turn.text) == ("", (), "")
