import pytest

from tests.understanding.hebrew import HEBREW
from understanding.half_told import half_told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *(("המסך", "a subject"), ("הדוד שלנו", "a subject"), ("הבן הגדול שלי", "a subject"), ("אמא שלי", "a subject")),
        *(("דלת הכניסה", "a subject"), ("הדלת של המקרר", "a subject"), ("המדיח שקניתי אצלכם", "a subject")),
        *(("הכביסה בסלון", "a subject"), ("שתי פיצות", "a subject"), ("שלום המזגן", "a subject")),
        *(("אם אפשר", "a condition"), ("כשאני עולה במדרגות", "a condition"), ("אם אני מבטלת היום", "a condition")),
        *(("מאז שהייתה הפסקת חשמל", "a condition"), ("למרות שביטלתי את המנוי", "a condition")),
        *(("אני אמא של נועם", "says who"), ("מדברת רותי מהגן", "says who"), ("אנחנו זוג מבוגר", "says who")),
        *(("קניתי רכב ממישהו פרטי", "a story"), ("היינו בתאונה", "a story"), ("לפני חודש בערך", "a condition")),
        *(("אתמול בלילה", "a story"), ("אבא שלי נפטר", "a story"), ("בשבוע שעבר הבאתי נעליים", "a story")),
        *(("שילמתי מקדמה", "a story"), ("פתחתם לי תקלה", "a story"), ("הזמנו עוגה", "a story")),
        *(("העניין הוא כזה", "announces"), ("שלום", "a greeting"), ("כן שלום", "a greeting")),
    ],
)
def test_the_other_half_is_to_come(text: str, why: str) -> None:
    """Whoever pauses here is not answered at once."""
    assert half_told(text.split(), HEBREW).startswith(why)


@pytest.mark.parametrize(
    "text",
    [
        *("המסך שבור", "הדוד שלנו לא מחמם", "המקרר התקלקל", "הטכנאי הגיע מאוחר", "דלת הכניסה נתקעה", "נשבר המסך"),
        *("אם אפשר להקדים את התור", "כשאני עולה במדרגות כואבת לי הברך", "מאז שהייתה הפסקת חשמל הוא לא נדלק"),
        *("אם אני מבטלת היום אני מקבלת החזר", "אני צריכה טכנאי", "אני מתקשרת לגבי החשבונית", "אני לא שומע"),
        *("קניתי רכב ואני רוצה להחזיר אותו", "הזמנתי לפני שבוע ועדיין לא הגיע", "איבדתי את הכרטיס"),
        *("קניתי מכם צמיגים ואחד מהם כבר מאבד אוויר", "זה בקשר לתאונה שהייתה בשבוע שעבר", "תודה", "הלו", "אני פה"),
        *("תיקון מקרר", "אין לנו חשמל", "כואבת לי השן", "תורידו אותי מהרשימה"),
    ],
)
def test_what_may_well_be_all(text: str) -> None:
    """Nobody waits a second for an answer to a whole sentence."""
    assert half_told(text.split(), HEBREW) == ""
