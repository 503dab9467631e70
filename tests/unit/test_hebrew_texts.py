"""The file the assistant speaks from has every text the code asks for, and they fit each other."""

import pytest

from calls.events import FieldValue
from calls.lead_fields import BY_NAME
from media_service.core.conversation import Conversation, Turn
from media_service.core.record.spoken_number import spoken_number
from media_service.core.speaking.announcement import Say
from media_service.ports import ReplyPart
from media_service.replies.scripted_replies import ScriptedReplies
from media_service.texts import load
from understanding.questions import asked_field, read_back

TEXTS = load()
LANGUAGE = TEXTS.intake.language


def test_there_is_a_prompt_for_everything_said_from_memory() -> None:
    assert set(TEXTS.announcements) == {say.value for say in Say if say not in (Say.DISCLOSURE, Say.GREETING)}


@pytest.mark.parametrize("field", BY_NAME)
def test_the_intake_recognizes_its_own_questions(field: str) -> None:
    """It remembers nothing: what was asked is read from what was said."""
    assert asked_field(LANGUAGE.fields[field].question, LANGUAGE) == field


def test_only_what_there_is_to_tell_is_acknowledged() -> None:
    assert set(TEXTS.intake.acknowledged) == {*BY_NAME, "other"}


def test_the_second_way_to_ask_for_a_number_is_recognized_too() -> None:
    assert asked_field(TEXTS.intake.phone_unknown, LANGUAGE) == "phone"


# Those of the keypad do ask for a number.
@pytest.mark.parametrize("name", sorted(name for name in TEXTS.announcements if "keypad" not in name))
def test_no_prompt_is_mistaken_for_a_question_about_the_lead(name: str) -> None:
    assert asked_field(TEXTS.announcements[name], LANGUAGE) == ""


def test_the_greeting_asks_what_is_needed() -> None:
    assert asked_field(TEXTS.greeting.format(business_name="מזגני הצפון"), LANGUAGE) == "need"


async def test_scripted_replies_say_which_part_of_them_asks_for_what() -> None:
    parts = [part async for part in ScriptedReplies(TEXTS.intake).reply(Conversation(()))]
    assert parts == [ReplyPart(LANGUAGE.fields["need"].question, asks="need")]

    need = FieldValue("מזגן", 1)
    conversation = Conversation((Turn("caller", "מזגן", 1),), fields={"need": need})
    parts = [part async for part in ScriptedReplies(TEXTS.intake).reply(conversation)]
    assert parts == [ReplyPart("הבנתי. ", asks=""), ReplyPart(LANGUAGE.fields["name"].question, asks="name")]


def test_a_number_read_back_is_recognized_among_the_words_of_the_reply() -> None:
    known = {"phone": FieldValue("+972521234567", 1)}
    reply = TEXTS.intake.phone_read_back.format(value=spoken_number("+972521234567", TEXTS.intake.numbers))
    assert asked_field(reply, LANGUAGE, known=known) == "phone"
    assert read_back(reply, known, LANGUAGE) == {"phone"}
