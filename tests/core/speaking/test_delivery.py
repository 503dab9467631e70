"""What the assistant has to say, from its text to the phone."""

from media_service.core.actions import CancelReply, ClearPlayback, PlayAudio, SendMark, Synthesize
from media_service.core.speaking.announcement import Announcement
from media_service.core.speaking.delivery import Delivery
from media_service.core.speaking.playback import Heard, PlaybackSettings
from media_service.core.vad.audio import BYTES_PER_S

CLIP = b"\x50" * BYTES_PER_S
OTHER = b"\x60" * BYTES_PER_S


def replying(text: str = "אחת שתיים. ") -> Delivery:
    """A reply whose first sentence is being synthesized, as clip 1."""
    delivery = Delivery(PlaybackSettings())
    assert delivery.begin_reply() == 1
    delivery.text(1, text)
    return delivery


def played(actions: object) -> list[bytes]:
    assert isinstance(actions, list)
    return [action.audio for action in actions if isinstance(action, PlayAudio)]


def test_a_clip_is_held_until_it_may_be_played() -> None:
    delivery = replying()
    assert delivery.synthesized(1, CLIP) == []
    assert delivery.is_holding
    assert delivery.release(2.0) == [PlayAudio(CLIP), SendMark("1-1")]
    assert not delivery.is_holding
    assert delivery.release(2.0) == []


def test_clips_held_together_are_played_in_the_order_of_the_text() -> None:
    delivery = replying("ראשון. שני. ")
    delivery.synthesized(2, OTHER)
    delivery.synthesized(1, CLIP)
    assert played(delivery.release(2.0)) == [CLIP, OTHER]


def test_text_of_another_reply_than_the_newest_is_dropped() -> None:
    delivery = replying()
    assert delivery.begin_reply() == 2
    assert delivery.text(1, "ישן. ") == []
    assert delivery.text_ended(1, ends_call=True) == []
    assert delivery.text(2, "חדש. ") == [Synthesize(2, "חדש.")], "clips are numbered on"
    assert delivery.reply is not None
    assert not delivery.reply.ends_call


def test_a_clip_of_a_reply_that_was_given_up_is_not_waited_for() -> None:
    delivery = replying()
    assert delivery.waits_for(1)
    assert delivery.drop_reply() == [CancelReply(1)]
    assert not delivery.waits_for(1)
    assert delivery.synthesized(1, CLIP) == []
    assert not delivery.is_holding


def test_giving_a_reply_up_leaves_what_is_being_played() -> None:
    delivery = replying("ראשון. שני. ")
    delivery.synthesized(1, CLIP)
    delivery.release(2.0)
    delivery.synthesized(2, OTHER)
    assert delivery.drop_reply() == [CancelReply(1)]
    assert not delivery.is_holding
    assert not delivery.is_over, "the first sentence is still to be heard"
    assert delivery.drop_reply() == []


def test_it_is_over_when_everything_is_made_and_heard() -> None:
    delivery = replying("אחת שתיים. ")
    assert not delivery.is_over
    delivery.text_ended(1, ends_call=False)
    assert not delivery.is_over, "a clip is being made"
    delivery.synthesized(1, CLIP)
    assert not delivery.is_over, "it is held"
    delivery.release(2.0)
    assert not delivery.is_over, "it is being played"
    delivery.mark_reached("1-1", 3.0)
    assert delivery.is_over
    assert delivery.finish_turn(3.0) == Heard("אחת שתיים.", 2.0, 3.0)
    assert delivery.reply is None


def test_a_reply_whose_text_goes_on_is_not_over() -> None:
    delivery = replying()
    delivery.synthesized(1, CLIP)
    delivery.release(2.0)
    delivery.mark_reached("1-1", 3.0)
    assert not delivery.is_over


def test_an_announcement_comes_after_what_is_being_played() -> None:
    delivery = replying()
    delivery.synthesized(1, CLIP)
    delivery.release(2.0)
    assert delivery.announce(Announcement("להתראות", OTHER), 2.5) == [PlayAudio(OTHER), SendMark("1-2")]
    delivery.drop_reply()
    delivery.mark_reached("1-2", 4.0)
    assert delivery.finish_turn(4.0) == Heard("אחת שתיים. להתראות", 2.0, 4.0)


def test_stopping_gives_up_everything_and_tells_what_was_heard() -> None:
    delivery = replying("אחת שתיים. שלוש. ")
    delivery.synthesized(1, CLIP)
    delivery.release(2.0)
    delivery.synthesized(2, OTHER)
    assert delivery.stop(2.5) == ([CancelReply(1), ClearPlayback()], Heard("אחת", 2.0, 2.5))
    assert delivery.is_over
    assert delivery.stop(2.6) == ([], None)
    assert delivery.release(2.6) == []


def test_a_mark_that_never_comes_is_taken_for_reached() -> None:
    delivery = Delivery(PlaybackSettings(mark_grace_s=2.0))
    delivery.announce(Announcement("שלום", CLIP), 1.0)
    assert delivery.deadline() == 4.0
    delivery.on_timer(3.9)
    assert not delivery.is_over
    delivery.on_timer(4.0)
    assert delivery.is_over
