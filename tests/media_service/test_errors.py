"""What the log says of an error."""

import pytest

from media_service.errors import VendorUnavailable, reason_of


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (VendorUnavailable("synthesis: UNAVAILABLE"), "synthesis: UNAVAILABLE"),
        (TimeoutError(), "TimeoutError"),
        (VendorUnavailable(" \n"), "VendorUnavailable"),
    ],
)
def test_an_error_without_a_text_is_told_by_its_class(error: Exception, reason: str) -> None:
    """A line that ends in `error=` leaves whoever reads it with nothing."""
    assert reason_of(error) == reason
