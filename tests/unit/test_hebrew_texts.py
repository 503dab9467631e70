"""The file the assistant speaks from has every text the code asks for, and they fit each other."""

import pytest

from calls.lead_fields import BY_NAME
from media_service.core.conversation import Conversation
from media_service.core.speaking.announcement import Say
from media_service.ports import ReplyPart
from media_service.replies.scripted_replies import ScriptedReplies
from media_service.texts import load
from understanding.questions import asked_field

TEXTS = load()
LANGUAGE = TEXTS.intake.language


def test_there_is_a_prompt_for_everything_said_from_memory() -> None:
    assert set(TEXTS.announcements) == {say.value for say in Say if say is not Say.GREETING}


@pytest.mark.parametrize("field", BY_NAME)
def test_the_intake_recognizes_its_own_questions(field: str) -> None:
    """It remembers nothing: what was asked is read from what was said."""
    assert asked_field(LANGUAGE.fields[field].question, LANGUAGE) == field


def test_only_what_there_is_to_tell_is_acknowledged() -> None:
    assert set(TEXTS.intake.acknowledged) <= set(BY_NAME)


def test_the_second_way_to_ask_for_a_number_is_recognized_too() -> None:
    assert asked_field(TEXTS.intake.phone_unknown, LANGUAGE) == "phone"


# Those of the keypad do ask for a number.
@pytest.mark.parametrize("name", sorted(name for name in TEXTS.announcements if "keypad" not in name))
def test_no_prompt_is_mistaken_for_a_question_about_the_lead(name: str) -> None:
    assert asked_field(TEXTS.announcements[name], LANGUAGE) == ""


def test_the_greeting_asks_what_is_needed() -> None:
    assert asked_field(TEXTS.greeting.format(business_name="מזגני הצפון"), LANGUAGE) == "need"


async def test_scripted_replies_give_the_reply_in_one_piece() -> None:
    parts = [part async for part in ScriptedReplies(TEXTS.intake).reply(Conversation(()))]
    assert parts == [ReplyPart(LANGUAGE.fields["need"].question, ends_call=False)]
