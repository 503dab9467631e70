"""`python -m media_service.replay`: the name under which operators know `media_service.republish`."""

from media_service.republish import main

if __name__ == "__main__":
    raise SystemExit(main())
