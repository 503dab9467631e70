"""Where a public address is really served.

Everything is signed and named as the public URL says; only the TCP connection goes elsewhere. A route's key is a
public host, or a host and the beginning of a path (`maane.test/webhook/stream_status`); the part that matched is
replaced as a whole, as Google's front end does when it strips a function's name from the path.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

_PLAIN = {"https": "http", "wss": "ws", "http": "http", "ws": "ws"}


class Routes:
    def __init__(self, addresses: Mapping[str, str]) -> None:
        """`addresses`: public host (and path) -> local `host:port` (and path). A scheme on either side is ignored."""
        pairs = [(_without_scheme(public), _without_scheme(local)) for public, local in addresses.items()]
        self._longest_first = sorted(pairs, key=lambda pair: len(pair[0]), reverse=True)

    def connect_url(self, public_url: str) -> str:
        """The URL to connect to: unencrypted to a local address, and the public URL itself where no route matches."""
        parts = urlsplit(public_url)
        wanted = f"{parts.netloc}{parts.path}"
        for public, local in self._longest_first:
            if wanted == public or wanted.startswith(f"{public}/"):
                netloc, slash, path = (local + wanted[len(public) :]).partition("/")
                return urlunsplit((_PLAIN[parts.scheme], netloc, slash + path or "/", parts.query, ""))
        return urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ""))


def parse_route(text: str) -> tuple[str, str]:
    """`PUBLIC=ADDRESS`, as on a command line. Raises `ValueError`."""
    public, equals, local = text.partition("=")
    if not (public and equals and local):
        raise ValueError(f"expected PUBLIC_HOST=ADDRESS, not {text!r}")
    return public, local


def _without_scheme(address: str) -> str:
    return address.rpartition("://")[2].rstrip("/")
