"""Environment variables, and how their problems are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.env import BadEnvironment, EnvReader


def test_every_problem_stands_in_one_message() -> None:
    """Whoever deploys learns of all mistakes at once instead of one a try."""
    env = EnvReader({"MODE": "sing", "COUNT": "many", "SHARE": "7", "LOUD": "maybe"})
    env.required("SECRET", "it signs")
    env.choice("MODE", "talk", {"talk", "listen"})
    env.integer("COUNT", 1, 0, 9)
    env.number("SHARE", 0.5, 0, 1)
    env.flag("LOUD", False)
    env.problem("and one more")
    with pytest.raises(BadEnvironment) as refusal:
        env.finish()
    for part in ("SECRET is not set: it signs", "MODE='sing'", "COUNT='many'", "SHARE=7", "LOUD='maybe'", "one more"):
        assert part in str(refusal.value)


def test_a_variable_read_twice_is_one_problem() -> None:
    env = EnvReader({"LOUD": "maybe"})
    env.flag("LOUD", False)
    env.flag("LOUD", False)
    with pytest.raises(BadEnvironment) as refusal:
        env.finish()
    assert str(refusal.value).count("LOUD") == 1


def test_a_good_environment_finishes_quietly() -> None:
    env = EnvReader({"MODE": "listen", "COUNT": " 3 ", "SHARE": "0.25", "LOUD": "YES", "SECRET": "s"})
    assert env.required("SECRET", "") == "s"
    assert env.choice("MODE", "talk", {"talk", "listen"}) == "listen"
    assert env.integer("COUNT", 1, 0, 9) == 3
    assert env.number("SHARE", 0.5, 0, 1) == 0.25
    assert env.flag("LOUD", False) is True
    env.finish()


@pytest.mark.parametrize("environ", [{}, {"X": ""}, {"X": "  "}])
def test_an_empty_variable_counts_as_unset(environ: dict[str, str]) -> None:
    env = EnvReader(environ)
    assert env.text("X", "default") == "default"
    assert env.integer("X", 5, 0, 9) == 5
    assert env.flag("X", True) is True
    assert env.choice("X", "a", {"a"}) == "a"
    env.finish()


def test_a_variable_may_be_switched_off_by_the_empty_string() -> None:
    assert EnvReader({"X": ""}).text_or_empty("X", "default") == ""
    assert EnvReader({}).text_or_empty("X", "default") == "default"
    assert EnvReader({"X": " a "}).text_or_empty("X", "default") == "a"


@pytest.mark.parametrize("value", ["false", "False", "FALSE", "0", "no", "No", " no "])
def test_an_unmistakable_no_switches_off(value: str) -> None:
    assert not EnvReader({"X": value}).switched_on("X")


@pytest.mark.parametrize("value", ["", "true", "1", "yes", "off?", "nope", "disabled", "00"])
def test_anything_else_leaves_it_on(value: str) -> None:
    assert EnvReader({"X": value}).switched_on("X")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "0x10", "1,5", "א"])
def test_a_number_that_cannot_be_used_is_a_problem(value: str) -> None:
    env = EnvReader({"X": value})
    assert env.number("X", 1.0, 0, 10) == 1.0
    with pytest.raises(BadEnvironment):
        env.finish()


@given(st.text(max_size=20))
def test_no_value_breaks_the_reader(value: str) -> None:
    env = EnvReader({"X": value})
    assert 0 <= env.integer("X", 1, 0, 10) <= 10
    assert 0 <= env.number("X", 1, 0, 10) <= 10
    assert env.choice("X", "a", {"a", "b"}) in {"a", "b"}
    assert env.flag("X", True) in {True, False}


def test_the_bounds_themselves_are_allowed() -> None:
    env = EnvReader({"LOW": "0", "HIGH": "10"})
    assert (env.integer("LOW", 5, 0, 10), env.integer("HIGH", 5, 0, 10)) == (0, 10)
    env.finish()


def test_a_variable_may_hold_several_parts() -> None:
    assert EnvReader({"X": "old, new,"}).parts("X") == ("old", "new")
    assert EnvReader({"X": " , "}).parts("X") == EnvReader({}).parts("X") == ()
