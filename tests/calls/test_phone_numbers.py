"""All spellings of a number are one number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.phone_numbers import phone_number

MOBILE = "+972501234567"


@pytest.mark.parametrize(
    "spelling",
    [
        "+972501234567",
        "972501234567",
        "00972501234567",
        "0501234567",
        "050-123-4567",
        "050\u2013123 4567",
        "+972 50-123-4567",
        "+972 (0)50 123.4567",
        "+9720501234567",
        "+0501234567",
        "9720501234567",
        "009720501234567",
        "whatsapp:+972501234567",
        "WhatsApp:+9720501234567",
        "whatsapp: 972501234567",
        "sip:+972501234567@example.sip.twilio.com",
        "sip:0501234567@10.0.0.1:5060;transport=udp",
        "sips:%2B972501234567@example.com",
        "sip:+972501234567;phone-context=x@example.com;user=phone",
        '"Dana" <sip:+972501234567@example.com>',
        "tel:+972-50-123-4567",
        "client:+972501234567",
        "client:0501234567",
        "  0501234567 ",
    ],
)
def test_every_spelling_of_a_number_is_that_number(spelling: str) -> None:
    assert phone_number(spelling) == MOBILE


@pytest.mark.parametrize(
    ("spelling", "number"),
    [
        ("03-9876543", "+97239876543"),
        ("+97239876543", "+97239876543"),
        ("+442071234567", "+442071234567"),
        ("whatsapp:+12125551234", "+12125551234"),
        ("12125551234", "+12125551234"),
        ("2700", "2700"),
        ("1700123456", "1700123456"),
        ("501234567", "501234567"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_other_numbers_stay_theirs(spelling: str, number: str) -> None:
    assert phone_number(spelling) == number


@pytest.mark.parametrize(
    "hidden",
    [
        *("", " ", "anonymous", "Anonymous", "Restricted", "unavailable", "+266696687", "266696687", "+8656696"),
        *("+86282452253", "+7378742833", "2562533", "sip:anonymous@anonymous.invalid", "sip:266696687@example.com"),
        *("sip:dana@example.com", "client:dana", "client:agent_7", "whatsapp:", "+12", "12", "++972501234567"),
        *("+1234567890123456", "sip:@", "<>", "05\u0661234567", "+972501234567x"),
    ],
)
def test_who_hides_the_number_or_has_none_has_none(hidden: str) -> None:
    assert phone_number(hidden) == ""


@given(st.text(max_size=60) | st.from_regex(r"(sip:|whatsapp:|)\+?[0-9() -]{0,20}(@[a-z.]{0,9})?", fullmatch=True))
def test_the_form_of_a_number_is_final(given_: str) -> None:
    """Whatever is given, the result is a number or nothing, and reading it again changes nothing."""
    number = phone_number(given_)
    assert number == "" or (number.lstrip("+").isascii() and number.lstrip("+").isdecimal() and len(number) <= 16)
    assert phone_number(number) == number
