"""The file the assistant speaks from has every text the code asks for, and they fit each other."""

import pytest

from media_service.core.conversation import Conversation
from media_service.core.intake import TOPICS, asked_topic
from media_service.core.prompt import Say
from media_service.ports import ReplyPart
from media_service.replies.scripted_replies import ScriptedReplies
from media_service.texts import load

TEXTS = load()


def test_there_is_a_prompt_for_everything_said_from_memory() -> None:
    assert set(TEXTS.prompts) == {say.value for say in Say if say is not Say.GREETING}


@pytest.mark.parametrize("topic", TOPICS)
def test_the_intake_recognises_its_own_questions(topic: str) -> None:
    """It remembers nothing: what was asked is read from what was said."""
    assert asked_topic(TEXTS.intake.questions[topic], TEXTS.intake) == topic
    assert topic in TEXTS.gemini.field_names


def test_the_second_way_to_ask_for_a_number_is_recognised_too() -> None:
    assert asked_topic(TEXTS.intake.phone_unknown, TEXTS.intake) == "phone"


# Those of the keypad do ask for a number.
@pytest.mark.parametrize("name", sorted(name for name in TEXTS.prompts if "keypad" not in name))
def test_no_prompt_is_mistaken_for_a_question_about_the_lead(name: str) -> None:
    assert asked_topic(TEXTS.prompts[name], TEXTS.intake) == ""


def test_the_greeting_asks_what_is_needed() -> None:
    assert asked_topic(TEXTS.greeting.format(business_name="מזגני הצפון"), TEXTS.intake) == "need"


async def test_scripted_replies_give_the_reply_in_one_piece() -> None:
    parts = [part async for part in ScriptedReplies(TEXTS.intake).reply(Conversation(()))]
    assert parts == [ReplyPart(TEXTS.intake.questions["need"], ends_call=False)]
