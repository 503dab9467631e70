"""What is said from memory. Time is virtual: nothing here waits."""

import asyncio
from collections.abc import Mapping

import pytest

from evals.virtual_clock import run
from media_service.core.conversation import AssistantSettings
from media_service.core.speaking.announcement import Announcement, Say
from media_service.errors import VendorUnavailable
from media_service.replies.announcements import Announcements
from media_service.texts import load

TEXTS = load()
NEW = AssistantSettings(greeting="שלום מ{business_name}!", business_name="מזגני הדרום")


class Voice:
    """Says the text back as bytes, after a while. Texts in `failing` cannot be said."""

    def __init__(self, after_s: float = 0.1, failing: frozenset[str] = frozenset()) -> None:
        self.after_s = after_s
        self.failing = failing
        self.asked: list[str] = []

    async def synthesize(self, text: str) -> bytes:
        self.asked.append(text)
        await asyncio.sleep(self.after_s)
        if text in self.failing:
            raise VendorUnavailable("no voice")
        return text.encode()


def said_first(prompts: Mapping[Say, Announcement]) -> str:
    """The greeting, in whatever parts."""
    return " ".join(filter(None, (prompts[Say.DISCLOSURE].text, prompts[Say.GREETING].text)))


def test_the_notice_of_the_team_is_said_in_the_greeting_and_protected() -> None:
    async def scenario() -> None:
        book = Announcements(Voice(), TEXTS, "שלום, מוסך דני. במה אפשר לעזור?", "")
        assistant = AssistantSettings(notice="השיחה נשמרת בכתב.")
        await book.warm_up()
        await book.prepare(assistant)
        prompts = book.for_call(assistant)
        assert prompts[Say.DISCLOSURE].text == "שלום, מוסך דני. השיחה נשמרת בכתב."
        assert prompts[Say.GREETING].text == "במה אפשר לעזור?"

    run(scenario())


def test_a_warm_book_says_everything_without_asking_again() -> None:
    async def scenario() -> None:
        voice = Voice()
        book = Announcements(voice, TEXTS, "", "מזגני הצפון")
        assert not book.is_warm
        await book.warm_up()
        await book.warm_up()

        assert book.is_warm
        assert len(voice.asked) == len(set(voice.asked)) == len(Say)
        prompts = book.for_call(AssistantSettings())
        assert set(prompts) == set(Say)
        assert all(prompt.audio == prompt.text.encode() for prompt in prompts.values())
        assert said_first(prompts) == TEXTS.greeting.format(business_name="מזגני הצפון")
        assert [say for say, prompt in prompts.items() if prompt.is_protected] == [Say.DISCLOSURE]
        assert "מתומללת" in prompts[Say.DISCLOSURE].text

    run(scenario())


@pytest.mark.parametrize(
    ("greeting", "name", "assistant", "text"),
    [
        ("", "", AssistantSettings(), TEXTS.greeting.format(business_name=TEXTS.business_name)),
        ("הגעתם אל {business_name}", "הצפון", AssistantSettings(), "הגעתם אל הצפון"),
        ("שלום", "הצפון", AssistantSettings(), "שלום"),
        ("שלום", "הצפון", NEW, "שלום ממזגני הדרום!"),
        ("{business_name} {x} }{", "הצפון", AssistantSettings(), "הצפון {x} }{"),
    ],
)
def test_whose_greeting_is_said(greeting: str, name: str, assistant: AssistantSettings, text: str) -> None:
    """The product team's before the deployment's before the built-in; braces that mean nothing do no harm."""
    assert Announcements(Voice(), TEXTS, greeting, name).greeting(assistant) == text


def test_a_new_greeting_is_said_to_the_first_caller_if_it_is_ready_in_time() -> None:
    async def scenario() -> None:
        book = Announcements(Voice(after_s=0.5), TEXTS, "", "")
        await book.warm_up()
        await book.prepare(NEW)
        assert book.for_call(NEW)[Say.GREETING].text == "שלום ממזגני הדרום!"

    run(scenario())


def test_a_new_greeting_that_takes_long_is_ready_for_a_later_caller_and_asked_for_once() -> None:
    async def scenario() -> None:
        voice = Voice()
        book = Announcements(voice, TEXTS, "", "")
        await book.warm_up()
        voice.after_s, voice.asked = 3.0, []
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(book.prepare(NEW) for _ in range(20)))

        assert asyncio.get_running_loop().time() - began == pytest.approx(1.0)
        assert said_first(book.for_call(NEW)) == TEXTS.greeting.format(business_name=TEXTS.business_name)
        await asyncio.sleep(3.0)
        assert book.for_call(NEW)[Say.GREETING].text == "שלום ממזגני הדרום!"
        assert voice.asked == ["שלום ממזגני הדרום!"]

    run(scenario())


def test_what_could_not_be_synthesised_is_not_said_and_tried_again() -> None:
    async def scenario() -> None:
        opener = TEXTS.announcements["opener"]
        voice = Voice(failing=frozenset({opener}))
        book = Announcements(voice, TEXTS, "", "")
        await book.warm_up()
        assert book.is_warm, "the greeting is what counts"
        assert book.for_call(AssistantSettings())[Say.FILLER].audio == b""
        voice.failing = frozenset()
        await book.warm_up()
        assert book.for_call(AssistantSettings())[Say.FILLER].audio == opener.encode()

    run(scenario())
