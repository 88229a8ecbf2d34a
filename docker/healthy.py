"""Exits with 0 if the server in this container answers and, where it says so, is ready; else says why not.

Asks the voice channel, or the path and port given: ``healthy.py 5055/health``.
"""

from __future__ import annotations

import http.client  # unlike urllib it takes no notice of a proxy in the environment
import json
import sys


def main() -> None:
    """Ask once."""
    port, _, path = (sys.argv[1] if len(sys.argv) > 1 else "5005/webhooks/voice/").partition("/")
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
    try:
        connection.request("GET", f"/{path}")
        answer = connection.getresponse()
        state = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        sys.exit(f"127.0.0.1:{port}/{path}: {error}")
    if answer.status != 200 or state.get("ready", True) is not True:
        sys.exit(f"127.0.0.1:{port}/{path}: {answer.status} {state}")


if __name__ == "__main__":
    main()
