"""One HTTP exchange with a registry: connections, redirects, authorization, retries, bounded bodies."""

from builder import web  # noqa: F401  before httpx, whose start-up it shortens
