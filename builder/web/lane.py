"""The connections to one origin that are kept: the one that came back last serves the next request.

httpcore's own pool looks at every connection it has, at the start and at the end of every request and with a
system call for each. With sixteen threads that took longer than the requests (docs/measurements.md).
"""

from collections.abc import Callable

import httpcore


class Lane:
    """What `connect` opens, one connection for each request at a time; any number of threads may share it."""

    def __init__(self, connect: Callable[[], httpcore.ConnectionInterface]) -> None:
        self._connect = connect
        # Appending to a list and popping from it are atomic.
        self._idle: list[httpcore.ConnectionInterface] = []

    def take(self) -> httpcore.ConnectionInterface:
        """A connection of one's own, which `give_back` wants to have when its response is closed."""
        while connection := self._pop():
            if not connection.has_expired():
                return connection
            connection.close()
        return self._connect()

    def give_back(self, connection: httpcore.ConnectionInterface) -> None:
        """Keep a connection that can serve again; hang up another."""
        if connection.is_idle():
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Hang up what is idle."""
        while connection := self._pop():
            connection.close()

    def _pop(self) -> httpcore.ConnectionInterface | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None
