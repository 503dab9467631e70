"""What a field of the lead takes: a line in `calls/lead_fields.py`, and its words in `understanding/he/fields.toml`.

Tried on a copy of the tree, in a process of its own: from there on every deployable knows it.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAST_FIELD = '    LeadField(CALLBACK_TIME, Kind.TIME, column="callback_time"),\n'
LINE = '    LeadField("address", Kind.TEXT, column="address"),\n'
WORDS = """
[address]
question = "מה הכתובת?"
asked_by = [[["מה"], ["כתובת", "הכתובת"]]]
asked_alone = ["כתובת"]
not_with = []
label = "כתובת"
description = "כתובת לביקור"
"""
PROGRAM = """
from datetime import UTC, datetime

from calls import records
from calls.events import FieldValue
from functions.summarize import texts as summary_texts
from calls.lead_fields import LEAD_FIELDS
from functions.summarize.answer import schema
from functions.summarize.event_documents import storable
from functions.summarize.summarizing import Clock, Summarizer
from media_service import texts
from media_service.core.conversation import Conversation, Turn
from media_service.core.record.intake import next_reply
from media_service.replies.gemini_prompt import prompt_for
from tests.functions.summarize.example_calls import CALLER, CALL_SID, DEMO_LINES, conversation, ended
from tests.functions.summarize.memory import Memory, MemoryStore

hebrew, written = texts.load(), summary_texts.load()
known = {name: FieldValue("x", 1, confirmed=True) for name in ("need", "name", "phone", "callback_time")}
asking = next_reply(Conversation((Turn("caller", "מחר"),), caller_number=CALLER, fields=known), hebrew.intake).text
assert asking.endswith("מה הכתובת?"), asking
assert "כתובת" in prompt_for(hebrew, "")(Conversation(()))
assert "address: כתובת לביקור." in written.instructions(LEAD_FIELDS)
assert "address" in schema(LEAD_FIELDS)["properties"]["fields"]["required"]

lines = [*DEMO_LINES[:-1], ("assistant", asking), ("caller", "הרצל 5")]
now = datetime(2026, 1, 1, 10, 5, tzinfo=UTC)
memory = Memory(now)
memory.calls[CALL_SID] = records.new_call(CALL_SID, CALLER, "", "assistant", now, 365)
memory.leads[records.phone_digits(CALLER)] = records.new_lead(CALL_SID, CALLER, "", now, 365)
assert memory.leads[records.phone_digits(CALLER)]["address"] == ""
store = MemoryStore(memory)
for event in conversation(*lines):
    store.add_event(storable(event), now)
clock = Clock(now=lambda: now, sleep=lambda _: None)
Summarizer(store, None, written, claim_lasts_s=1.0, clock=clock).take(ended(11))
lead = memory.leads[records.phone_digits(CALLER)]
assert lead["address"] == lead["fields"]["address"]["value"] == "הרצל 5", lead
print("known everywhere")
"""


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for package in ("calls", "understanding", "media_service", "functions", "tests"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.wav"))
    return tmp_path


def run(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", "-c", PROGRAM]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)  # noqa: S603 - our own


def test_a_field_is_declared_once_and_known_to_every_deployable(tree: Path) -> None:
    replaced(tree / "calls/lead_fields.py", LAST_FIELD, LAST_FIELD + LINE)
    words = tree / "understanding/he/fields.toml"
    words.write_text(words.read_text("utf-8") + WORDS, "utf-8")
    done = run(tree)
    assert done.stdout == "known everywhere\n", done.stderr


def test_half_a_declaration_stops_the_start(tree: Path) -> None:
    replaced(tree / "calls/lead_fields.py", LAST_FIELD, LAST_FIELD + LINE)
    assert "fields without words, or words without a field: address" in run(tree).stderr
