"""What can go wrong, and whose fault it is.

MaaneError
    InvalidTransition       our bug: the core was told something that cannot happen in its state
    MediaProtocolError      the peer on the media WebSocket broke the protocol
    VendorError             a vendor failed
        VendorUnavailable   it may work again at once: network, overload, time-out, internal error
        VendorRefused       it will not work until somebody changes something: permission, configuration, quota of size
        VendorExhausted     it will work again later: rate or concurrency quota
        VendorSuspended     it was not even asked: it failed too often lately
"""

from __future__ import annotations


class MaaneError(Exception):
    """The root of this service's own errors."""


class InvalidTransition(MaaneError):
    """The core received an event that its state does not allow: a bug of ours."""


class MediaProtocolError(MaaneError):
    """The peer on the media WebSocket sent something the protocol does not allow."""


class VendorError(MaaneError):
    """A vendor did not do what was asked. The vendor's own exception is the cause (`raise ... from`)."""

    retryable = True
    """Whether the same request may succeed if it is simply sent again."""


class VendorUnavailable(VendorError):
    """Network, overload, time-out or an internal error of the vendor."""


class VendorRefused(VendorError):
    """Permission, configuration or a request that cannot be served; sending it again will not help."""

    retryable = False


class VendorExhausted(VendorError):
    """A quota is used up for now; sending it again at once makes it worse."""


class VendorSuspended(VendorError):
    """The vendor was not asked, because it failed so often lately; for now, sending it again will not change that."""

    retryable = False


def reason_of(error: BaseException) -> str:
    """What to log of an error: its text, or its class where it has none, as a `TimeoutError` of asyncio's."""
    return str(error).strip() or type(error).__name__
