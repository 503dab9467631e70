from media_service.core.record.asking import Asking


def asked(*pieces: tuple[int, str, str | None], heard: str) -> str | None:
    asking = Asking()
    for reply, text, asks in pieces:
        asking.piece(reply, text, asks)
    return asking.heard(heard)


REPLY = ((1, "נעים מאוד. ", ""), (1, "מה מספר הטלפון?", "phone"))


def test_a_question_that_was_heard_or_begun_was_asked() -> None:
    assert asked(*REPLY, heard="נעים מאוד. מה מספר הטלפון?") == "phone"
    assert asked(*REPLY, heard="רגע אחד. נעים מאוד. מה מספר") == "phone"


def test_a_question_of_which_nothing_was_heard_was_not() -> None:
    assert asked(*REPLY, heard="נעים מאוד. מה") == ""
    assert asked(*REPLY, heard="רגע אחד.") == ""


def test_of_words_that_nobody_vouches_for_nothing_is_said() -> None:
    assert asked((1, "מה מספר הטלפון?", None), heard="מה מספר הטלפון?") is None
    assert asked(heard="אתם עדיין על הקו?") is None


def test_a_reply_that_was_given_up_is_forgotten() -> None:
    assert asked(*REPLY, (2, "מתי נוח?", "callback_time"), heard="מה מספר הטלפון?") == ""
    assert asked((2, "מתי נוח?", "callback_time"), *REPLY, heard="מתי נוח?") == "callback_time"


def test_what_was_heard_is_told_once() -> None:
    asking = Asking()
    for piece in REPLY:
        asking.piece(*piece)
    assert asking.heard("נעים מאוד. מה מספר הטלפון?") == "phone"
    assert asking.heard("אתם עדיין על הקו?") is None


def test_a_question_broken_off_after_its_first_word_is_known_to_whoever_answers_it_all_the_same() -> None:
    asking = Asking()
    for reply, text, asks in REPLY:
        asking.piece(reply, text, asks)
    assert asking.broken_off("נעים מאוד. מה") == "phone"
    assert asking.broken_off("נעים מאוד.") == ""
    assert asking.broken_off("") == ""
