"""Whose turn it is: the states of the assistant, and what leads from one to another.

Theory of operation. The caller and the assistant take turns. The assistant is LISTENING until an utterance of the
caller is over; then it is THINKING, until the first audio of the reply is sent; then it is SPEAKING, until the phone
has played everything, and LISTENING again. Three things cut across that:

- The caller speaks over the assistant. What is still to be heard is dropped, and the assistant listens.
- The assistant says something from memory: a greeting, a question whether somebody is there, a filler while it is
  thinking (which is no answer, so it goes on thinking).
- The call is to end. LEAVING is a goodbye that the caller may still speak into, which keeps the call. CUT_OFF is the
  goodbye of a call that has become too long: it ends whatever the caller says, the next call is a call of its own.

A pair that is not in the table cannot happen; if it does all the same, that is a bug of ours (`InvalidTransition`).
The diagram in docs/architecture.md is made from this table by `python -m media_service.core.turns.turn_states`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from media_service.errors import InvalidTransition


class State(Enum):
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    LEAVING = "leaving"
    CUT_OFF = "cut off"
    ENDED = "ended"


class Trigger(Enum):
    ANNOUNCED = "announcement"
    """Something from memory is said."""
    GOODBYE = "goodbye"
    """The last thing to be said, by a reply or from memory."""
    TIME_UP = "time is up"
    UTTERANCE = "utterance"
    """The caller said something that is to be answered."""
    REPLY_AUDIBLE = "reply audible"
    REPLY_FAILED = "reply failed"
    """It came to nothing, and is apologized for."""
    INTERRUPTED = "interrupted"
    PLAYED = "played"
    """Nothing is left to be made or heard."""
    CALL_ENDED = "call ended"


_TALKING = (State.LISTENING, State.THINKING, State.SPEAKING)

NEXT: Mapping[tuple[State, Trigger], State] = {
    (State.LISTENING, Trigger.ANNOUNCED): State.SPEAKING,
    (State.THINKING, Trigger.ANNOUNCED): State.THINKING,
    (State.SPEAKING, Trigger.ANNOUNCED): State.SPEAKING,
    (State.LEAVING, Trigger.ANNOUNCED): State.LEAVING,
    **{(state, Trigger.GOODBYE): State.LEAVING for state in (*_TALKING, State.LEAVING)},
    **{(state, Trigger.TIME_UP): State.CUT_OFF for state in _TALKING},
    **{(state, Trigger.UTTERANCE): State.THINKING for state in (*_TALKING, State.LEAVING)},
    (State.THINKING, Trigger.REPLY_AUDIBLE): State.SPEAKING,
    (State.SPEAKING, Trigger.REPLY_AUDIBLE): State.SPEAKING,
    (State.LEAVING, Trigger.REPLY_AUDIBLE): State.LEAVING,
    (State.THINKING, Trigger.REPLY_FAILED): State.SPEAKING,
    (State.SPEAKING, Trigger.REPLY_FAILED): State.SPEAKING,
    (State.SPEAKING, Trigger.INTERRUPTED): State.LISTENING,
    (State.LEAVING, Trigger.INTERRUPTED): State.LISTENING,
    (State.SPEAKING, Trigger.PLAYED): State.LISTENING,
    **{(state, Trigger.CALL_ENDED): State.ENDED for state in State},
}


def after(state: State, trigger: Trigger) -> State:
    """`InvalidTransition` for a pair that is not in the table."""
    try:
        return NEXT[state, trigger]
    except KeyError:
        raise InvalidTransition(f"{state.value}: {trigger.value}") from None


def diagram() -> str:
    """The table as a Mermaid state diagram. What can end a call in any state stands once."""
    lines = ["stateDiagram-v2", "    [*] --> LISTENING"]
    for state in State:
        ways: dict[State, list[str]] = {}
        for (before, trigger), target in NEXT.items():
            if before is state and trigger is not Trigger.CALL_ENDED:
                ways.setdefault(target, []).append(trigger.value)
        lines += [f"    {state.name} --> {target.name}: {', '.join(names)}" for target, names in ways.items()]
    return "\n".join([*lines, "    LEAVING --> ENDED: played", "    CUT_OFF --> ENDED: played", "    ENDED --> [*]"])


if __name__ == "__main__":
    print(diagram())
