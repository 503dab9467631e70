"""A pin with an extra has a plain one beside it."""

from infra.plain_pins import with_plain_pins

COMPILED = """\
# made by pip-compile
a-b==1.0 \\
    --hash=sha256:aa
    # via c
c[x,y]==2.0 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via maane

# The following packages are considered to be unsafe in a requirements file:
pip==26.3 \\
    --hash=sha256:dd
"""
PLAIN = """\
c==2.0 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via maane

"""


def test_a_pin_with_extras_is_repeated_without_them() -> None:
    before, after = COMPILED.split("c[x,y]")

    assert with_plain_pins(COMPILED) == f"{before}{PLAIN}c[x,y]{after}"


def test_pins_without_extras_stay_as_they_are() -> None:
    assert with_plain_pins(PLAIN) == PLAIN
