"""Imported by every Python process that finds it: the network is refused, and who asked is noted.

Sockets between processes of one machine (Unix sockets) are let through.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import NoReturn

ATTEMPTS = Path(os.environ["ARTSTYLENET_NETWORK_ATTEMPTS"])


def refuse(*address: object, **_: object) -> NoReturn:
    """Note who was looked up, and refuse."""
    with ATTEMPTS.open("a", encoding="utf-8") as file:
        file.write(f"{address}\n")
    raise OSError(f"no network here: {address}")


class OfflineSocket(socket.socket):
    """A socket that reaches this machine alone."""

    def connect(self, address: object) -> None:
        if self.family != socket.AF_UNIX:
            refuse(address)
        super().connect(address)  # type: ignore[arg-type]

    def connect_ex(self, address: object) -> int:
        if self.family != socket.AF_UNIX:
            refuse(address)
        return super().connect_ex(address)  # type: ignore[arg-type]

    def sendto(self, *arguments: object) -> int:
        if self.family != socket.AF_UNIX:
            refuse(arguments[-1])
        return super().sendto(*arguments)  # type: ignore[call-overload, no-any-return]


socket.socket = OfflineSocket  # type: ignore[misc]
socket.getaddrinfo = socket.gethostbyname = refuse
