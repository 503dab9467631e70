import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.understanding.hebrew import HEBREW
from understanding.numbers import PhoneReading, phone_stands_in, read_id_number, read_number, read_phone
from understanding.said import Said
from understanding.telephone import national, telephone

CALLED_FROM = "+972501112233"
SETS = Path(__file__).parents[2] / "evals" / "sets" / "words"


def items(name: str) -> list[Any]:
    """Of a set of `make eval WHAT=words`."""
    return [
        pytest.param(item, id=item["id"]) for item in json.loads((SETS / f"{name}.json").read_text(encoding="utf-8"))
    ]


def expected(item: dict[str, Any], field: str) -> list[str | None]:
    """The values that are right."""
    values = item["expect"][field]
    return values if isinstance(values, list) else [values]


def phone(*utterances: str, asked: str = "phone", caller_number: str = CALLED_FROM, known: str = "") -> PhoneReading:
    *earlier, text = utterances
    before = {"phone": known} if known else {}
    return read_phone(Said(text, asked, caller_number, earlier=tuple(earlier), known=before), HEBREW)


@pytest.mark.parametrize("item", [*items("phone"), *items("yes_no")])
def test_the_number_of_an_item_is_understood(item: dict[str, Any]) -> None:
    texts = item.get("texts") or [item["text"]]
    known, value = dict(item.get("known", {})), None
    for place, text in enumerate(texts):
        said = Said(text, item.get("asked", ""), item.get("caller_number", ""), tuple(texts[:place]), known)
        reading = read_phone(said, HEBREW)
        value = reading.number or (said.caller_number if reading.is_caller_number else value)
        known |= {"phone": value} if value else {}
    assert value in expected(item, "phone")
    if item["expect"].get("reply_asks"):
        assert reading.wants_other


@pytest.mark.parametrize("item", items("id_number"))
def test_the_identity_number_of_an_item_is_understood(item: dict[str, Any]) -> None:
    texts = item.get("texts") or [item["text"]]
    said = Said(texts[-1], item["asked"], item.get("caller_number", ""), tuple(texts[:-1]))
    assert (read_id_number(said, HEBREW).number or None) in expected(item, "id_number")


def test_two_numbers_are_one_and_another() -> None:
    assert phone("0521234567 או 03-6543210") == PhoneReading("+972521234567", others=("+97236543210",))
    assert phone("0521234567", "ויש גם 03-6543210") == PhoneReading("", others=("+97236543210",))


def test_what_was_heard_of_a_number_is_told_so_that_it_can_be_asked_again() -> None:
    assert phone("052 123 45 6").incomplete == "052123456"
    assert phone("052 123 45 678").incomplete == "05212345678"
    assert phone("אפס חמש שתיים", "אחת שתיים").incomplete == "05212"
    assert phone("+972 52 123").incomplete == "+97252123"
    assert phone("בשעה 5").incomplete == ""
    assert phone("יש לי 3 ילדים", asked="need").incomplete == ""


def test_an_utterance_without_digits_gives_no_number_again() -> None:
    assert phone("0521234567", "תודה") == PhoneReading()


def test_a_number_that_is_nobodys_question_is_taken_if_it_can_be_nothing_else() -> None:
    assert phone("המזגן מטפטף, 0521234567", asked="need").number == "+972521234567"
    assert phone("031234567", asked="id_number").number == ""
    assert phone("הטלפון שלי 031234567", asked="id_number").number == "+97231234567"
    assert phone("0012125551234", asked="need").number == ""


@pytest.mark.parametrize("text", ["כן", "אותו מספר", "למספר שממנו התקשרתי", "כן, אבל רק בערב", "לא, לאותו מספר"])
def test_the_number_that_called_is_meant(text: str) -> None:
    assert phone(text) == PhoneReading(is_caller_number=True)
    assert not phone(text, caller_number="").is_caller_number


@pytest.mark.parametrize("text", ["לא", "למספר אחר", "כן, אבל למספר אחר", "לא למספר הזה", "עדיף לנייד של אשתי"])
def test_another_number_is_meant(text: str) -> None:
    assert phone(text) == PhoneReading(wants_other=True)


def test_a_yes_to_a_number_that_was_read_back_is_none_to_the_number_that_called() -> None:
    assert not phone("כן", known="+972521234567").is_caller_number
    assert phone("למספר שממנו התקשרתי", known="+972521234567").is_caller_number


@pytest.mark.parametrize("text", ["אין צורך", "לא צריך שתחזרו אליי", "אני אתקשר אליכם"])
def test_who_wants_no_call_is_not_asked_for_another_number(text: str) -> None:
    assert phone(text) == PhoneReading()


def test_what_was_not_the_question_is_told_by_a_request_to_call() -> None:
    assert phone("תחזרו אליי למספר הזה", asked="need").is_caller_number
    assert phone("תחזרו אליי למספר אחר", asked="need").wants_other
    assert phone("הטלפון של המשרד לא עובד", asked="need") == PhoneReading()
    assert phone("כן", asked="need") == PhoneReading()


@pytest.mark.parametrize(
    ("quote", "value", "stands"),
    [
        ("המספר 050-1234567", "0501234567", True),
        ("המספר 050-1234567", "+972501234567", True),
        ("המספר 050-1234568", "0501234567", False),
        ("אפס חמישים, מאה עשרים ושלוש, ארבעים וחמש, שישים ושבע", "+972501234567", True),
        ("אפס חמש שתיים, פעמיים שבע, שלוש ארבע חמש שש שמונה", "+972527734568", True),
        ("0501234568, סליחה, 67", "+972501234567", True),
        ("כוכבית עשרים ושבע אפס אפס", "*2700", True),
        ("מספר ההזמנה 0501234567", "+972501234567", False),
        ("אני צריכה טכנאי", "+972501234567", False),
        ("1", "1", False),
        ("", "", False),
    ],
)
def test_a_number_is_proved_by_a_quote_that_holds_its_digits(quote: str, value: str, stands: bool) -> None:
    assert phone_stands_in(quote, value, HEBREW) is stands


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("שלושה", "3"),
        ("יש לנו 12 חדרים", "12"),
        ("בערך מאה עשרים", "120"),
        ("1,200 מטר", "1200"),
        ("שלושה וחצי חדרים", "3.5"),
        ("3.5", "3.5"),
        ("שני ילדים", "2"),
        ("לא שלושה, ארבעה", "4"),
        ("שלושה, סליחה, ארבעה", "4"),
        ("אפס", "0"),
        ("ארבע שבע אחת תשע", "4719"),
        ("אף אחד", ""),
        ("לא יודעת", ""),
        ("", ""),
    ],
)
def test_a_plain_number(text: str, number: str) -> None:
    assert read_number(Said(text), HEBREW).number == number


def test_what_was_heard_of_an_identity_number_is_told() -> None:
    reading = read_id_number(Said("123456789", "id_number"), HEBREW)
    assert (reading.number, reading.incomplete) == ("", "123456789")


_DIGIT_WORDS = {digit: word for word, digit in reversed(list(HEBREW.numbers.digits.items()))}


_CUTS = st.lists(st.integers(1, 9), max_size=4)
_SPOKEN_GROUPS = st.lists(st.booleans(), min_size=5, max_size=5)


@given(
    st.from_regex(r"05[0-9]{8}", fullmatch=True), _CUTS, _SPOKEN_GROUPS, st.sampled_from([" ", ", ", ". ", "-", None])
)
def test_however_a_number_is_cut_it_is_the_same(
    digits: str, cuts: list[int], spoken: list[bool], between: str | None
) -> None:
    """In groups of any size, each in digits or in words, in one utterance or one after the other."""
    places = sorted({0, *cuts, len(digits)})
    groups = [digits[start:end] for start, end in itertools.pairwise(places)]
    said = [
        " ".join(_DIGIT_WORDS[digit] for digit in group) if in_words else group
        for group, in_words in zip(groups, spoken, strict=False)
    ]
    utterances = said if between is None else [between.join(said)]
    assert phone(*utterances).number == f"+972{digits[1:]}"


@given(st.from_regex(r"05[0-9]{7}|05[0-9]{9}|0[2-489][0-9]{6}", fullmatch=True), st.booleans())
def test_a_digit_short_or_long_is_never_a_number(digits: str, spoken: bool) -> None:
    text = " ".join(_DIGIT_WORDS[digit] for digit in digits) if spoken else digits
    assert phone(text) == PhoneReading(incomplete=digits)


_SPOKEN = st.sampled_from(
    [
        *HEBREW.numbers.forms,
        *HEBREW.number_runs.correction_talk,
        *HEBREW.number_kinds.other,
        "052",
        "+",
        "*",
        "כן",
        "ל",
        ",",
        "?",
    ]
)


@given(st.lists(st.lists(_SPOKEN, max_size=10).map(" ".join), min_size=1, max_size=3))
def test_whatever_is_said_comes_to_a_number_one_can_dial_or_to_none(utterances: list[str]) -> None:
    reading = phone(*utterances)
    for number in filter(None, (reading.number, *reading.others)):
        assert (
            telephone(national(number).lstrip("+*"), number[0] if number[0] in "+*" and number[1:4] != "972" else "")
            == number
        )
    assert not (reading.number and reading.incomplete)
    assert not (reading.is_caller_number and reading.wants_other)


@pytest.mark.parametrize(
    "text",
    [
        "למספר הזה לא",
        "אל תתקשרו לפה",
        "המספר הזה מתנתק מחר",
        "לא בטלפון הזה",
        "מה המספר שאתה רואה?",
    ],
)
def test_a_number_that_is_named_to_say_that_it_is_no_good_is_not_meant(text: str) -> None:
    assert not phone(text).is_caller_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("הפקס הוא 03-1234567 והטלפון 03-7654321", "+97237654321"),
        ("כוכבית ארבע ספרות 5 5 6 6", "*5566"),
        ("אפס חמישים, אחרי זה שבעים ושבע, אחרי זה שמונים ושמונה, תשע מאות ותשעים", "+972507788990"),
        ("תנסו קודם 03-5556677 ואם לא עונים 052-3456789", "+97235556677"),
        ("אמרתי 054 6667778 אבל התכוונתי 054 6667779", "+972546667779"),
        ("0521234567 אחרי שש", "+972521234567"),
        ("ת ז 0521234567", ""),
    ],
)
def test_what_stands_around_the_digits_tells_which_count(text: str, number: str) -> None:
    assert phone(text).number == number


def test_what_is_denied_behind_the_right_digits_stays_out() -> None:
    assert phone("71 בסוף, לא 70", known="+972552103670").number == "+972552103671"


def test_a_group_of_the_same_length_takes_the_place_of_the_last_one() -> None:
    assert not phone("055 210", "36", "לא, 63").number
    assert phone("055 210", "36", "לא, 63", "70").number == "+972552106370"
