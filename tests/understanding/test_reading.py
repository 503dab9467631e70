"""One reader: what it makes of an utterance, and that a second reading comes to the same."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.events import CALLER_ID, KEYPAD, FieldValue
from calls.lead_fields import CALLBACK_TIME, FIRM, NAME, NEED, PHONE, Kind, LeadField, understood
from tests.understanding.hebrew import HEBREW
from understanding.reading import learn_from, read_again, taught
from understanding.said import LOW_CONFIDENCE, OTHER, Turn

NUMBER = "+972501234567"
TOLD = "+972521234567"
INTAKE = (
    Turn("assistant", "שלום, איך אפשר לעזור?", 1),
    Turn("caller", "אני צריכה הצעת מחיר", 2, confidence=0.9),
    Turn("assistant", "איך קוראים לכם?", 3),
    Turn("caller", "דנה לוי", 4, confidence=0.8),
    Turn("assistant", "נעים מאוד, דנה לוי. אפשר לחזור אליכם למספר שממנו התקשרתם?", 5),
    Turn("caller", "כן", 6),
    Turn("assistant", "מצוין. מתי נוח לכם שנחזור?", 7),
    Turn("caller", "מחר בבוקר", 8),
)
OWN = understood(
    (
        LeadField("id_number", Kind.ID_NUMBER, question="מה מספר תעודת הזהות?"),
        LeadField("floor", Kind.NUMBER, question="באיזו קומה הדירה?"),
        LeadField("parking", Kind.YES_NO, question="יש לכם חניה?"),
        LeadField("second_phone", Kind.PHONE, question="יש טלפון נוסף?"),
        LeadField("address", Kind.TEXT, question="מה הכתובת?"),
    )
)


def after(
    asked: str, text: str, known: dict[str, FieldValue] | None = None, spoken: str = "", **said: object
) -> dict[str, FieldValue]:
    """The fields after the answer to a question; `spoken` is how it was put."""
    turn = Turn("caller", text, 9, **said)  # type: ignore[arg-type]
    return learn_from(known or {}, [Turn("assistant", spoken, 8, asks=asked)], turn, NUMBER, HEBREW, OWN)


def test_a_conversation_is_read_from_its_lines_with_the_words_that_say_so() -> None:
    assert read_again(INTAKE, NUMBER, HEBREW) == {
        NEED: FieldValue("אני צריכה הצעת מחיר", 2, quote="אני צריכה הצעת מחיר", confidence=0.9),
        NAME: FieldValue("דנה לוי", 4, confirmed=True, quote="דנה לוי", confidence=0.8),
        PHONE: FieldValue(NUMBER, 6, confirmed=True, quote="כן", source=CALLER_ID),
        CALLBACK_TIME: FieldValue("מחר בבוקר", 8, quote="מחר בבוקר"),
    }


texts = st.sampled_from(
    ["כן", "לא", "דנה", "מחר", "קוראים לי דינה", "0521234567", "אני צריכה מזגן", "איך קוראים לך?", "מתי נוח?", "..."]
)
turns = st.builds(Turn, st.sampled_from(["caller", "assistant", "callee"]), texts)


def numbered(said: list[Turn]) -> list[Turn]:
    return [Turn(turn.speaker, turn.text, seq) for seq, turn in enumerate(said, start=1)]


@given(st.lists(turns, max_size=12).map(numbered))
def test_reading_again_comes_to_what_was_understood_line_by_line(said: list[Turn]) -> None:
    known: dict[str, FieldValue] = {}
    for place, turn in enumerate(said):
        if turn.speaker == "caller":
            known = learn_from(known, said[:place], turn, NUMBER, HEBREW)
    assert read_again(said, NUMBER, HEBREW) == known


@given(st.lists(turns, max_size=12).map(numbered))
def test_every_value_stands_with_words_of_the_caller(said: list[Turn]) -> None:
    callers = {turn.seq: turn.text for turn in said if turn.speaker == "caller"}
    for found in read_again(said, NUMBER, HEBREW).values():
        assert found.seq in callers
        assert found.quote.endswith(callers[found.seq])


@pytest.mark.parametrize("refusal", ["לא רוצה להגיד", "אני לא רוצה להגיד", "לא", "למה אתם צריכים לדעת את זה עכשיו"])
def test_a_refusal_is_no_name(refusal: str) -> None:
    assert NAME not in after(NAME, refusal)


# Confirmed


@pytest.mark.parametrize(
    ("field", "value", "spoken"),
    [
        (NAME, "דנה לוי", "רשמתי דנה לוי. נכון?"),
        (PHONE, TOLD, "רשמתי 052-1234567, נכון?"),
        (PHONE, TOLD, "רשמתי אפס חמש שתיים, אחת שתיים שלוש, ארבע חמש שש שבע. נכון?"),
    ],
)
def test_a_yes_to_what_was_read_back_confirms_it_and_a_no_takes_that_back(field: str, value: str, spoken: str) -> None:
    told = {field: FieldValue(value, 4, quote="...")}
    assert after(field, "כן", told, spoken)[field] == FieldValue(value, 4, confirmed=True, quote="...")
    assert after(field, "לא", {field: FieldValue(value, 4, confirmed=True)}, spoken)[field].confirmed is False
    assert after(field, "רגע", told, spoken)[field] == told[field]


def test_what_was_not_read_back_is_not_confirmed_by_going_on() -> None:
    """That it was understood confirms nothing."""
    known = {NAME: FieldValue("דנה", 4)}
    assert after(PHONE, "כן", known, "אפשר לחזור אליכם למספר שממנו התקשרתם?")[NAME].confirmed is False
    assert after(PHONE, "0521234567")[PHONE].confirmed is False


def test_a_yes_confirms_the_name_it_was_said_to_and_a_no_to_the_question_after_it_does_not_take_it_back() -> None:
    known = {NAME: FieldValue("דנה", 4)}
    spoken = "נעים מאוד, דנה. אפשר לחזור אליכם למספר שממנו התקשרתם?"
    assert after(PHONE, "כן", known, spoken)[NAME].confirmed
    confirmed = {NAME: FieldValue("דנה", 4, confirmed=True)}
    assert after(PHONE, "לא", confirmed, spoken)[NAME].confirmed


def test_a_correction_replaces_even_what_was_confirmed() -> None:
    confirmed = {NAME: FieldValue("רינה", 4, confirmed=True)}
    corrected = after(PHONE, "לא, קוראים לי דינה", confirmed, "נעים מאוד, רינה. אפשר לחזור?")[NAME]
    assert (corrected.value, corrected.seq, corrected.confirmed) == ("דינה", 9, False)
    number = after(PHONE, "לא, 053-7654321", {PHONE: FieldValue(TOLD, 4, confirmed=True)}, "רשמתי 052-1234567, נכון?")
    assert (number[PHONE].value, number[PHONE].confirmed) == ("+972537654321", False)


def test_a_number_said_beside_a_confirmed_one_is_kept_as_another() -> None:
    confirmed = {PHONE: FieldValue(NUMBER, 4, confirmed=True, source=CALLER_ID)}
    found = after(CALLBACK_TIME, "אפשר גם לנייד 052-1234567", confirmed)[PHONE]
    assert (found.value, found.confirmed, found.other) == (NUMBER, True, TOLD)


def test_no_to_the_number_that_called_takes_back_a_yes_to_it() -> None:
    agreed = {PHONE: FieldValue(NUMBER, 4, confirmed=True, source=CALLER_ID)}
    assert after(PHONE, "לא", agreed)[PHONE].confirmed is False


def test_what_is_typed_is_confirmed() -> None:
    assert after("", "0521234567", typed=True) == {
        PHONE: FieldValue(TOLD, 9, confirmed=True, quote="0521234567", source=KEYPAD)
    }
    assert after("id_number", "039337423", typed=True)["id_number"].source == KEYPAD
    assert after(NEED, "12", typed=True) == {}, "a key is no need"


# What teaches nothing


def test_what_was_recognized_with_low_confidence_fills_nothing_and_confirms_nothing() -> None:
    """Recognizers invent digits in silence."""
    invented = "0 5 0 8 0 8 0 0 0 0"
    assert after(PHONE, invented, confidence=0.58) == {}
    assert after(PHONE, invented, confidence=LOW_CONFIDENCE)[PHONE].value == "+972508080000"
    told = {PHONE: FieldValue(TOLD, 4)}
    assert after(PHONE, "כן", told, "רשמתי 052-1234567, נכון?", confidence=0.3) == told


def test_words_without_any_voice_fill_nothing() -> None:
    assert after(PHONE, "0521234567", confidence=0.9, voiced=False) == {}
    assert after(PHONE, "0521234567", confidence=0.9)[PHONE].value == TOLD


# Which field it is the answer to


@pytest.mark.parametrize("text", ["12", "חיפה", "0521234567", "דנה", "מחר בבוקר"])
def test_the_answer_to_a_question_that_is_not_ours_fills_no_field(text: str) -> None:
    assert after(OTHER, text) == {}


def test_what_is_clearly_told_is_taken_whatever_was_asked() -> None:
    assert after(OTHER, "קוראים לי דנה")[NAME].value == "דנה"
    assert after(OTHER, "תחזרו אליי לנייד 0521234567")[PHONE].value == TOLD


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [
        ("id_number", "039337423", "039337423"),
        ("floor", "3", "3"),
        ("parking", "כן", "כן"),
        ("parking", "לא", "לא"),
        ("second_phone", "0521234567", TOLD),
        ("address", "רחוב הרצל 5", "רחוב הרצל 5"),
    ],
)
def test_the_business_s_own_question_fills_its_own_field_and_no_other(asked: str, text: str, value: str) -> None:
    assert {name: found.value for name, found in after(asked, text).items()} == {asked: value}


def test_the_first_thing_of_substance_is_the_need_and_stays_it() -> None:
    first = after("", "שלום, המזגן לא עובד")
    assert {name: found.value for name, found in first.items()} == {NEED: "המזגן לא עובד"}
    assert after("", "ועוד משהו", first) == first


def test_what_tells_a_name_or_a_number_is_not_also_the_need() -> None:
    assert set(after("", "קוראים לי דנה")) == {NAME}
    assert set(after(NEED, "0501234567")) == {PHONE}


def test_an_answer_to_another_question_is_no_need() -> None:
    assert after(NAME, "למה אתם צריכים לדעת את זה עכשיו") == {}


def test_what_others_say_is_never_the_caller_s_word() -> None:
    assert read_again([Turn("assistant", "קוראים לי מאיה ואני צריכה את הפרטים", 1)], NUMBER, HEBREW) == {}


# Several utterances


def dictated(*texts: str, spoken: str = "כן") -> dict[str, FieldValue]:
    lines = [Turn("assistant", "באיזה מספר טלפון אפשר לחזור אליכם?", 1)]
    for text in texts:
        lines += [Turn("caller", text, len(lines) + 1), Turn("assistant", spoken, len(lines) + 2)]
    return read_again(lines, NUMBER, HEBREW)


@pytest.mark.parametrize("spoken", ["כן", "אני רושם", "אהה, כן", "אתם עדיין על הקו?"])
def test_a_number_dictated_in_groups_is_one_number_whoever_says_yes_in_between(spoken: str) -> None:
    found = dictated("אפס חמש שתיים", "אחת שתיים שלוש", "ארבע חמש שש שבע", spoken=spoken)[PHONE]
    assert (found.value, found.seq) == (TOLD, 6)
    assert found.quote == "אפס חמש שתיים אחת שתיים שלוש ארבע חמש שש שבע"


def test_a_yes_between_two_groups_of_digits_is_no_yes_to_the_number_that_called() -> None:
    assert PHONE not in dictated("אפס חמש שתיים", "כן")
    assert dictated("רגע", "כן")[PHONE].value == NUMBER


def test_what_is_new_or_changed_is_what_an_utterance_taught() -> None:
    before = {NAME: FieldValue("דנה", 2), NEED: FieldValue("מזגן", 2)}
    changed = {NAME: FieldValue("דנה", 2, confirmed=True), PHONE: FieldValue(TOLD, 4)}
    assert taught(before, {**before, **changed}) == changed


def test_a_need_that_a_lost_line_broke_off_gives_way_to_the_whole_of_it() -> None:
    lines = [
        Turn("assistant", "שלום, במה אפשר לעזור?", 1),
        Turn("caller", "אני צריכה", 2),
        Turn("assistant", "סליחה, הקו נותק לרגע. בואו נמשיך.", 1, leg=2),
        Turn("caller", "אני צריכה טכנאי למקרר", 2, leg=2),
    ]
    need = read_again(lines, "", HEBREW)[NEED]
    assert (need.value, need.leg, need.seq) == ("אני צריכה טכנאי למקרר", 2, 2)


def test_the_firm_that_is_told_with_a_name_is_kept_beside_it() -> None:
    found = after("", "זה יוסי מהמוסך")
    assert {name: (each.value, each.quote) for name, each in found.items()} == {
        NAME: ("יוסי", "זה יוסי מהמוסך"),
        FIRM: ("המוסך", "זה יוסי מהמוסך"),
    }
    again = after("", "מדבר יוסי מחברת אלקטרה", found)
    assert (again[NAME].value, again[FIRM].value) == ("יוסי", "חברת אלקטרה")
    assert FIRM not in after(NAME, "דנה לוי")


def test_a_firm_that_the_business_asks_for_is_the_answer_to_its_question() -> None:
    firm = LeadField(FIRM, Kind.TEXT, question="מאיזו חברה אתם?")
    turn = Turn("caller", "אלקטרה", 9)
    asked = [Turn("assistant", "מאיזו חברה אתם?", 8, asks=FIRM)]
    assert learn_from({}, asked, turn, NUMBER, HEBREW, understood((firm,)))[FIRM].value == "אלקטרה"


def _calls(work: Callable[[], object]) -> int:
    """How many functions are called for it: a measure of time that no busy machine changes."""
    count = 0

    def counted(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    ("asked", "text", "most"),
    [
        (NEED, "שלום, אני צריכה טכנאי למזגן שמטפטף בסלון", 2500),
        (NAME, "אז קוראים לי דנה לוי", 900),
        (PHONE, "כן, למספר הזה", 1600),
        (PHONE, "אפס חמש שתיים, אחת שתיים שלוש, ארבע חמש שש שבע", 3500),
        (CALLBACK_TIME, "מחר אחרי ארבע, או ביום שלישי בבוקר", 2900),
        ("", "הבנתי, תודה רבה לך על העזרה", 2500),
    ],
)
def test_reading_an_utterance_stays_cheap(asked: str, text: str, most: int) -> None:
    """It is done beside the audio of thirty calls, and a thousand functions take about 150 microseconds."""
    after(asked, f"{text} שם")  # what is made once and kept, as the lists of phrases are
    assert _calls(lambda: after(asked, text)) < most


def test_a_part_of_what_was_read_back_confirms_the_whole() -> None:
    """ "Tomorrow at noon?" - "yes, at noon" does not lose the day."""
    known = {CALLBACK_TIME: FieldValue("מחר בצהריים", 8)}
    found = after(CALLBACK_TIME, "כן, בצהריים", known, spoken="אז מחר בצהריים, טוב?")[CALLBACK_TIME]
    assert (found.value, found.confirmed) == ("מחר בצהריים", True)
