"""The stages of an utterance, and the ways from one to the next."""

import itertools

import pytest

from media_service.core.turns.utterance import Stage, Trigger, Utterance
from media_service.errors import InvalidTransition

WAYS = {
    Stage.NONE: {Trigger.SPEECH: Stage.OPEN, Trigger.WORDS: Stage.OPEN},
    Stage.OPEN: {
        Trigger.SILENCE: Stage.CLOSED,
        Trigger.HUNG_UP: Stage.CLOSED,
        Trigger.NOISE: Stage.DROPPED,
        Trigger.REQUEST: Stage.REQUESTED,
    },
    Stage.REQUESTED: {Trigger.ANSWER: Stage.SETTLED, Trigger.NOTHING: Stage.DROPPED},
    Stage.CLOSED: dict.fromkeys((Trigger.FINAL, Trigger.LATE, Trigger.NEXT, Trigger.HUNG_UP), Stage.SETTLED),
    Stage.SETTLED: {Trigger.REVISED: Stage.SETTLED},
    Stage.DROPPED: {},
}


@pytest.mark.parametrize(("stage", "trigger"), [*itertools.product(Stage, Trigger)], ids=lambda each: each.name)
def test_there_is_one_way_or_none(stage: Stage, trigger: Trigger) -> None:
    """An utterance is answered once and published once. What has no way is a bug of ours, and changes nothing."""
    utterance = Utterance("caller", 0.0, 1.0, stage=stage)
    target = WAYS[stage].get(trigger)
    if target is None:
        with pytest.raises(InvalidTransition, match=f"utterance {stage.value}: {trigger.value}"):
            utterance.go(trigger)
    else:
        utterance.go(trigger)
    assert utterance.stage is (target or stage)
