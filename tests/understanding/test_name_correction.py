import pytest

from tests.understanding.hebrew import HEBREW
from understanding.clauses import clauses_of
from understanding.name_correction import corrected


@pytest.mark.parametrize(
    ("known", "text", "right"),
    [
        ("דנה", "לא דנה, דינה", "דינה"),
        ("דנה", "לא דנה דינה", "דינה"),
        ("דנה", "לא, דינה", "דינה"),
        ("דנה", "דינה, לא דנה", "דינה"),
        ("דנה", "דינה ולא דנה", "דינה"),
        ("דנה", "לא דנה אלא דינה", "דינה"),
        ("דנה", "סליחה, השם הוא דינה", "דינה"),
        ("דנה", "עם יוד", "דינה"),
        ("רון", "עם יוד בסוף", "רוני"),
        ("שירה", "בלי הא", "שיר"),
        ("דנה לוי", "לא לוי, לביא", "דנה לביא"),
        ("דנה לוי", "לא דנה, אסנת", "אסנת לוי"),
        ("דנה לוי", "לא דנה לוי, דנה לביא", "דנה לביא"),
        ("דנה לוי", "דנה זה נכון, אבל לא לוי, לביא", "דנה לביא"),
        ("דוד בן קוביץ", "שם המשפחה הוא ברקוביץ' ולא בן קוביץ", "דוד ברקוביץ'"),
        ("דנה", "שלום, לא דנה, דינה", "דינה"),
        ("דינה", "זה השם אבל בלי יוד", "דנה"),
        ("דנה", "לא דנה", ""),
        ("דנה", "כן", None),
        ("דנה", "לא, תחזרו למספר אחר", None),
        ("שני", "לא ביום שני", None),
        ("דנה", "מחר בעשר", None),
    ],
)
def test_a_name_that_we_had_wrong(known: str, text: str, right: str | None) -> None:
    assert corrected(clauses_of(text), known, HEBREW, asked=False) == right


def test_a_no_to_the_name_itself_takes_it_back() -> None:
    assert corrected(clauses_of("לא"), "דנה", HEBREW, asked=True) == ""
    assert corrected(clauses_of("לא"), "דנה", HEBREW, asked=False) is None
