"""The scripted intake: whole Hebrew conversations."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.events import CALLER_ID, FieldValue
from calls.lead_fields import BY_NAME, CALLBACK_TIME, NAME, NEED, PHONE, Kind, LeadField, understood
from media_service.core.conversation import AssistantSettings, Conversation, Turn
from media_service.core.record.callback_offer import promised
from media_service.core.record.intake import ScriptedReply, next_reply, resumed
from media_service.core.record.returning_caller import Reading, learned
from media_service.core.record.spoken_number import spoken_number
from tests.core.hebrew_texts import INTAKE, TEXTS
from understanding.opening_hours import opening_hours

NOW = datetime(2026, 1, 2, 8, 0, tzinfo=UTC)
"""A Friday, ten in the morning in Israel."""
NUMBER = "+972501234567"
OTHER_NUMBER = "+972527654321"
BUILT_IN = AssistantSettings()
NOBODY: dict[str, FieldValue] = {}
GREETING = TEXTS.greeting.format(business_name="מזגני הצפון")


class Phone:
    """A caller who says one thing after another to the intake."""

    def __init__(
        self,
        number: str = NUMBER,
        settings: AssistantSettings = BUILT_IN,
        earlier: Mapping[str, FieldValue] = NOBODY,
    ) -> None:
        """`earlier`: what the caller told in earlier calls."""
        self.number = number
        self.settings = settings
        self.earlier = earlier
        self.turns = [Turn("assistant", GREETING, 1)]
        self.fields: dict[str, FieldValue] = {}
        self.asks = ""
        self.ended = False

    def says(self, text: str, *, typed: bool = False) -> str:
        said = Turn("caller", text, len(self.turns) + 1, typed=typed, at=NOW)
        fields = understood(self.settings.fields_to_collect)
        reading = Reading(tuple(self.turns), said, self.number, INTAKE.language, fields)
        self.fields = promised(self.fields, learned(self.fields, self.earlier, reading), reading, self.settings.hours)
        self.turns.append(said)
        reply = next_reply(self.conversation, INTAKE)
        self.asks, self.ended = reply.asks, reply.ends_call
        self.turns.append(Turn("assistant", reply.text, len(self.turns) + 1, asks=reply.asks))
        return reply.text

    def hears(self, text: str) -> None:
        self.turns.append(Turn("assistant", text, len(self.turns) + 1))

    @property
    def conversation(self) -> Conversation:
        return Conversation(tuple(self.turns), self.settings, self.number, self.fields, self.earlier)

    @property
    def known(self) -> dict[str, str]:
        return {topic: found.value for topic, found in self.fields.items()}


def read_back(number: str) -> str:
    return INTAKE.phone_read_back.format(value=spoken_number(number, INTAKE.numbers))


def test_the_whole_intake() -> None:
    phone = Phone()

    assert phone.says("שלום, אני צריכה הצעת מחיר להתקנת מזגן") == "הבנתי. איך קוראים לכם?"
    assert phone.says("קוראים לי דנה לוי") == "נעים מאוד, דנה לוי. אפשר לחזור אליכם למספר שממנו התקשרתם?"
    assert phone.says("כן") == "מצוין. מתי נוח לכם שנחזור?"
    assert phone.says("ביום שני בבוקר") == "תודה דנה לוי. רשמתי הכול. ביום שני בבוקר נחזור אליכם. להתראות."
    assert phone.ended
    assert {name: (found.seq, found.confirmed, found.source) for name, found in phone.fields.items()} == {
        NEED: (2, False, "rule"),
        NAME: (4, True, "rule"),
        PHONE: (6, True, CALLER_ID),
        CALLBACK_TIME: (8, False, "rule"),
    }


def test_a_name_given_before_it_is_asked_for_is_taken_and_not_asked_again() -> None:
    phone = Phone()
    phone.says("שלום, קוראים לי דנה לוי ואני צריכה מזגן")
    assert phone.known[NAME] == "דנה לוי"
    while not phone.ended:
        assert phone.asks != NAME
        phone.says("כן")


def test_a_withheld_number_is_asked_for() -> None:
    phone = Phone(number="")
    phone.says("אני צריכה מזגן")

    assert phone.says("דנה").endswith(INTAKE.phone_unknown)
    phone.says("כן")
    assert PHONE not in phone.known, "a yes names no number"
    phone.says("אפס חמש אפס אחת שתיים שלוש ארבע חמש שש שבע")
    assert phone.known[PHONE] == NUMBER


def asked_for_number() -> Phone:
    phone = Phone()
    phone.says("אני צריכה מזגן")
    phone.says("דנה")
    return phone


def test_another_number_than_the_one_that_called_is_read_back_in_groups() -> None:
    phone = asked_for_number()

    assert phone.says("לא") == INTAKE.phone_unknown
    assert phone.says("052-7654321") == "מצוין. רשמתי אפס חמש שתיים, שבע שש חמש, ארבע שלוש שתיים אחת. נכון?"
    assert phone.fields[PHONE].confirmed is False, "it was heard, which confirms nothing"
    assert phone.says("כן") == "מצוין. מתי נוח לכם שנחזור?"
    assert phone.fields[PHONE].value == OTHER_NUMBER
    assert phone.fields[PHONE].confirmed


def test_a_number_that_is_not_right_is_asked_for_again_and_one_correction_is_understood() -> None:
    phone = asked_for_number()
    phone.says("לא")
    phone.says("052-7654321")

    assert phone.says("לא") == INTAKE.phone_unknown
    assert phone.says("053-7654321").endswith(read_back("+972537654321"))
    phone.says("לא, 054-7654321")
    assert phone.known[PHONE] == "+972547654321"
    assert phone.asks == CALLBACK_TIME, "read back twice: the conversation goes on"
    assert phone.fields[PHONE].confirmed is False


def test_an_answer_that_is_neither_yes_nor_no_leaves_the_number_unconfirmed_and_the_call_goes_on() -> None:
    phone = asked_for_number()
    phone.says("לא")
    phone.says("052-7654321")
    phone.says("רגע")
    assert phone.asks == CALLBACK_TIME
    assert phone.fields[PHONE].confirmed is False


def test_a_number_with_digits_missing_is_asked_for_again_with_what_was_heard() -> None:
    phone = asked_for_number()
    phone.says("לא")

    assert (
        phone.says("052-76543") == f"שמעתי אפס חמש שתיים, שבע שש חמש, ארבע שלוש, וחסרות ספרות. {INTAKE.phone_unknown}"
    )
    assert PHONE not in phone.known
    assert phone.says("21").endswith(read_back(OTHER_NUMBER)), "the rest is all that was missing"
    assert phone.fields[PHONE].quote == "052-76543 21"


def test_who_cannot_make_it_understood_may_type_it() -> None:
    phone = asked_for_number()
    phone.says("לא")
    phone.says("052-765")
    assert "להקיש" in phone.says("052-76")
    assert phone.says("0527654321", typed=True) == "מצוין. מתי נוח לכם שנחזור?"
    assert phone.fields[PHONE].confirmed


def test_a_correction_replaces_what_was_understood() -> None:
    phone = Phone()
    phone.says("אני צריכה מזגן")
    phone.says("רינה")
    reply = phone.says("לא, קוראים לי דינה")

    assert phone.known[NAME] == "דינה"
    assert reply == f"נעים מאוד, דינה. {INTAKE.language.fields[PHONE].question}"


def test_a_caller_who_wants_a_person_is_promised_one_and_asked_on() -> None:
    phone = Phone()
    reply = phone.says("אני רוצה לדבר עם נציג")
    assert reply.startswith(INTAKE.person_wanted)
    assert phone.asks in (NAME, NEED)


@pytest.mark.parametrize("farewell", ["ביי", "תודה ושלום", "טוב, להתראות"])
def test_a_farewell_ends_the_call_at_any_time(farewell: str) -> None:
    phone = Phone()
    reply = phone.says(farewell)
    assert phone.ended
    assert "להתראות" in reply
    assert phone.known == {}


def test_good_day_opens_a_call_and_ends_one() -> None:
    phone = Phone()
    phone.says("יום טוב!")
    assert not phone.ended
    phone.says("אני צריכה מזגן")
    phone.says("יום טוב!")
    assert phone.ended


def test_a_word_that_only_contains_a_farewell_is_none() -> None:
    phone = Phone()
    phone.says("אני צריכה בייביסיטר")
    assert not phone.ended
    assert "בייביסיטר" in phone.known[NEED]


def test_what_is_not_answered_twice_is_left_out() -> None:
    phone = Phone()
    phone.says("אני צריכה מזגן")
    assert phone.says("לא").startswith(INTAKE.retry)
    phone.says("לא רוצה")

    assert phone.asks == PHONE
    assert NAME not in phone.known


@pytest.mark.parametrize("between", ["אתם עדיין על הקו?", "כן, אני מקשיב.", "סליחה, הקו נותק לרגע. בואו נמשיך."])
def test_a_question_stands_until_it_is_answered(between: str) -> None:
    """Whatever the assistant says in between: the silent caller of a moment ago answers the question."""
    phone = Phone()
    phone.says("אני צריכה מזגן")
    phone.hears(between)
    phone.says("דנה")

    assert phone.known[NAME] == "דנה"


# What the business wants to know


def collecting(*fields: LeadField) -> AssistantSettings:
    return AssistantSettings(fields_to_collect=fields)


ID = LeadField("id_number", Kind.ID_NUMBER)
FLOOR = LeadField("floor", Kind.NUMBER, question="באיזו קומה הדירה?")
HOME = LeadField("home", Kind.CHOICE, question="זו דירה או בית?", choices=("דירה", "בית"), required=False)


def test_the_product_team_chooses_what_is_asked() -> None:
    phone = Phone(settings=collecting(BY_NAME[NAME]))
    phone.says("אני צריכה מזגן")
    assert phone.asks == NAME
    phone.says("דנה")
    assert phone.ended


def test_the_business_s_own_questions_are_asked_in_its_order_and_the_answers_stored() -> None:
    phone = Phone(settings=collecting(BY_NAME[NEED], FLOOR, HOME, ID))

    assert phone.says("אני צריכה מזגן") == "הבנתי. באיזו קומה הדירה?"
    assert phone.says("3") == "תודה. זו דירה או בית?"
    assert phone.says("דירה") == "תודה. מה מספר תעודת הזהות?"
    phone.says("039337423")
    assert phone.ended
    assert phone.known == {NEED: phone.known[NEED], "floor": "3", "home": "דירה", "id_number": "039337423"}


def test_what_is_not_required_is_asked_once() -> None:
    phone = Phone(settings=collecting(HOME, FLOOR))
    phone.says("אני צריכה מזגן")
    assert phone.asks == "home"
    phone.says("לא יודעת")
    assert phone.asks == "floor"
    phone.says("לא יודעת")
    assert phone.asks == "floor"


def test_the_business_s_wording_of_a_field_of_everybody_s_is_used() -> None:
    name = LeadField(NAME, Kind.NAME, column="name", question="מה שמכם המלא?")
    phone = Phone(settings=collecting(name))
    assert phone.says("אני צריכה מזגן").endswith("מה שמכם המלא?")
    phone.says("דנה לוי")
    assert phone.known[NAME] == "דנה לוי"


def test_a_field_that_nobody_has_worded_is_left_to_the_model() -> None:
    phone = Phone(settings=collecting(LeadField("budget", Kind.TEXT), BY_NAME[NAME]))
    phone.says("אני צריכה מזגן")
    assert phone.asks == NAME


answers = st.sampled_from(
    [
        "כן",
        "לא",
        "מה?",
        "דנה",
        "מחר",
        "אה",
        "נציג",
        "אני צריכה מזגן",
        "0501234567",
        "052765",
        "לא, 054-7654321",
        "לא יודעת",
        "קוראים לי דנה",
        "",
        "...",
    ]
)


@given(st.lists(answers, min_size=15, max_size=15), st.sampled_from([NUMBER, ""]))
def test_the_script_always_comes_to_an_end(said: list[str], number: str) -> None:
    phone = Phone(number)
    for text in said:
        phone.says(text)
        if phone.ended:
            break

    assert phone.ended


def goes_on(phone: Phone) -> ScriptedReply:
    return resumed(phone.conversation, INTAKE)


def test_a_lost_call_goes_on_with_the_question_that_was_pending() -> None:
    phone = Phone()
    assert (goes_on(phone).text, goes_on(phone).asks) == ("איך אפשר לעזור?", NEED)
    phone.says("אני צריכה מזגן")
    for _ in range(3):  # however often the line is lost
        assert (goes_on(phone).text, goes_on(phone).asks) == ("איך קוראים לכם?", NAME)
        phone.hears("סליחה, הקו נותק לרגע. בואו נמשיך. איך קוראים לכם?")
    assert phone.says("דנה לוי").startswith("נעים מאוד, דנה לוי.")


def test_a_lost_call_goes_on_with_the_read_back_that_nobody_answered() -> None:
    phone = Phone(number="")
    phone.says("אני צריכה מזגן")
    phone.says("דנה לוי")
    assert phone.says(OTHER_NUMBER.replace("+972", "0")).endswith(read_back(OTHER_NUMBER))
    assert goes_on(phone).text == read_back(OTHER_NUMBER)


def test_a_lost_call_that_was_over_ends_with_its_goodbye() -> None:
    phone = Phone()
    for text in ("אני צריכה מזגן", "דנה לוי", "כן", "ביום שני"):
        phone.says(text)
    assert phone.ended
    assert goes_on(phone).ends_call
    assert "דנה לוי" in goes_on(phone).text


# A caller who has called before

DANA = {NAME: FieldValue("דנה לוי", 4, confirmed=True)}
PERHAPS_DANA = {NAME: FieldValue("דנה לוי", 4)}
OFFICE = {PHONE: FieldValue("+97231234567", 6, confirmed=True)}


def test_who_is_known_by_name_is_greeted_by_it_once_and_not_asked_for_it() -> None:
    phone = Phone(earlier=DANA)

    assert phone.says("אני צריכה טכנאי") == "שלום דנה לוי. הבנתי. אפשר לחזור אליכם למספר שממנו התקשרתם?"
    assert phone.says("כן") == "מצוין. מתי נוח לכם שנחזור?"
    assert phone.says("ביום שני") == "תודה דנה לוי. רשמתי הכול. ביום שני נחזור אליכם. להתראות."


def test_a_name_that_was_only_heard_before_is_read_back_and_a_yes_confirms_it() -> None:
    phone = Phone(earlier=PERHAPS_DANA)

    assert phone.says("אני צריכה טכנאי") == "הבנתי. רשום אצלי השם דנה לוי. נכון?"
    assert phone.says("כן").startswith("נעים מאוד, דנה לוי.")
    name = phone.fields[NAME]
    assert (name.value, name.confirmed, name.quote, name.seq) == ("דנה לוי", True, "כן", 4)


@pytest.mark.parametrize("no", ["לא", "לא, זה לא אני"])
def test_a_name_that_is_not_the_caller_s_is_asked_for(no: str) -> None:
    phone = Phone(earlier=PERHAPS_DANA)
    phone.says("אני צריכה טכנאי")

    assert phone.says(no).endswith(INTAKE.language.fields[NAME].question)
    phone.says("יוסי כהן")
    assert phone.known[NAME] == "יוסי כהן"


@pytest.mark.parametrize("earlier", [DANA, PERHAPS_DANA])
def test_somebody_else_at_the_same_telephone_is_taken_at_their_word(earlier: dict[str, FieldValue]) -> None:
    phone = Phone(earlier=earlier)
    reply = phone.says("שלום, קוראים לי יוסי כהן ואני צריך טכנאי")
    assert phone.known[NAME] == "יוסי כהן"
    assert "דנה" not in reply


def test_who_is_greeted_by_a_wrong_name_is_asked_for_the_right_one() -> None:
    phone = Phone(earlier=DANA)
    phone.says("אני צריך טכנאי")
    assert "דנה" not in phone.says("אני לא דנה לוי")
    while not phone.ended and phone.asks != NAME:
        phone.says("כן")
    assert phone.asks == NAME


def test_the_number_of_an_earlier_call_is_read_back_instead_of_asked_for() -> None:
    phone = Phone(number="", earlier={**DANA, **OFFICE})
    number = spoken_number("+97231234567", INTAKE.numbers)

    assert phone.says("אני צריכה טכנאי") == f"שלום דנה לוי. הבנתי. אני רואה שהמספר שלכם הוא {number}. נכון?"
    phone.says("כן")
    assert (phone.known[PHONE], phone.fields[PHONE].confirmed) == ("+97231234567", True)


def test_a_yes_to_another_number_than_the_one_that_calls_is_a_yes_to_that_number() -> None:
    phone = Phone(earlier={**DANA, **OFFICE})
    phone.says("אני צריכה טכנאי")
    phone.says("כן, נכון")
    assert (phone.known[PHONE], phone.fields[PHONE].source) == ("+97231234567", "rule")


def test_a_no_to_the_number_of_an_earlier_call_asks_for_another() -> None:
    phone = Phone(earlier={**DANA, **OFFICE})
    phone.says("אני צריכה טכנאי")
    assert phone.says("לא") == INTAKE.phone_unknown
    phone.says("052-7654321")
    assert phone.known[PHONE] == OTHER_NUMBER


def test_what_the_business_asked_before_is_read_back_where_a_yes_can_mean_it() -> None:
    street = LeadField("street", Kind.TEXT, question="באיזה רחוב הדירה?")
    earlier = {"street": FieldValue("הרצל", 4), "floor": FieldValue("3", 6)}
    phone = Phone(settings=collecting(street, FLOOR), earlier=earlier)

    assert phone.says("אני צריכה טכנאי") == "הבנתי. באיזה רחוב הדירה? רשום אצלי הרצל. נכון?"
    assert phone.says("כן") == "תודה. באיזו קומה הדירה?"
    assert phone.known["street"] == "הרצל"
    assert "floor" not in phone.known


def test_a_lost_call_goes_on_with_what_was_read_back() -> None:
    phone = Phone(earlier=PERHAPS_DANA)
    phone.says("אני צריכה טכנאי")
    assert (goes_on(phone).asks, goes_on(phone).text) == (NAME, INTAKE.language.fields[NAME].question)


@given(
    st.lists(answers, min_size=25, max_size=25), st.sampled_from([NUMBER, ""]), st.sampled_from([DANA, PERHAPS_DANA])
)
def test_the_script_comes_to_an_end_with_a_caller_who_is_known(
    said: list[str], number: str, earlier: dict[str, FieldValue]
) -> None:
    phone = Phone(number, earlier={**earlier, **OFFICE})
    for text in said:
        phone.says(text)
        if phone.ended:
            break

    assert phone.ended


# A time at which nobody can call back

SUNDAY = datetime(2026, 1, 4, 7, 0, tzinfo=UTC)
OFFERED = "בזמן הזה לא נוכל לחזור אליכם. מתאים לכם שנחזור ביום ראשון בתשע בבוקר?"


def asked_for_time(settings: AssistantSettings = BUILT_IN) -> Phone:
    phone = Phone(settings=settings)
    for text in ("אני צריכה מזגן", "דנה לוי", "כן"):
        phone.says(text)
    assert phone.asks == CALLBACK_TIME
    return phone


def test_who_wants_to_be_called_on_shabbat_is_offered_the_next_possible_time() -> None:
    phone = asked_for_time()

    assert phone.says("בשבת בעשר בבוקר") == OFFERED
    assert (phone.known[CALLBACK_TIME], phone.fields[CALLBACK_TIME].at) == ("בשבת בעשר בבוקר", None), "not agreed yet"
    assert phone.says("כן, מתאים") == "תודה דנה לוי. רשמתי הכול. ביום ראשון בתשע בבוקר נחזור אליכם. להתראות."
    agreed = phone.fields[CALLBACK_TIME]
    assert (agreed.value, agreed.at, agreed.confirmed) == ("בשבת בעשר בבוקר", SUNDAY, True)
    assert phone.ended


def test_the_hours_of_the_business_decide_what_can_be_offered() -> None:
    hours, _ = opening_hours({"monday": ["10:00-12:00"]})
    phone = asked_for_time(AssistantSettings(hours=hours))
    assert phone.says("ביום ראשון בעשר").endswith("מתאים לכם שנחזור ביום שני בעשר בבוקר?")
    assert phone.says("עדיף ביום שני באחת עשרה").startswith("תודה דנה לוי. רשמתי הכול. ביום שני באחת עשרה")
    assert phone.fields[CALLBACK_TIME].at == datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_a_no_to_the_offer_is_a_question_for_another_time_and_then_nothing_is_promised() -> None:
    phone = asked_for_time()
    phone.says("בשבת בעשר בבוקר")

    assert phone.says("לא") == f"{INTAKE.retry} {INTAKE.language.fields[CALLBACK_TIME].question}"
    assert phone.says("לא יודעת") == OFFERED.replace("בזמן", f"{INTAKE.retry} בזמן")
    assert "בהקדם נחזור אליכם" in phone.says("לא")
    assert phone.fields[CALLBACK_TIME].at is None


def test_a_wish_that_was_told_before_it_was_asked_for_is_dealt_with_before_the_goodbye() -> None:
    phone = Phone(settings=collecting(BY_NAME[NAME]))
    phone.says("תחזרו אליי בשבת בעשר בבוקר בבקשה")
    assert phone.says("דנה לוי").endswith(OFFERED)
    assert "ביום ראשון בתשע בבוקר" in phone.says("בסדר")


def test_a_lost_call_goes_on_with_the_offer() -> None:
    phone = asked_for_time()
    phone.says("בשבת בעשר בבוקר")
    assert goes_on(phone).question == "מתאים לכם שנחזור ביום ראשון בתשע בבוקר?"
