"""Connections that every client here shares: TLS, proxies, time limits. It knows no service."""

import sys

# httpx imports its own command line with rich, click and pygments, two thirds of its 0.25 s of start-up. It
# does without when that module cannot be imported, and nobody here runs it.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
