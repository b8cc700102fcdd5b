"""Ports of this machine for the servers that tests start."""

from __future__ import annotations

import socket
from dataclasses import fields

from sia.local.ports import Ports


def free_port() -> int:
    """A port of the loopback address at which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def service_ports() -> Ports:
    """Ports for services that nobody else uses, so that the tests of two workers or checkouts do not meet."""
    return Ports(*(free_port() for _ in fields(Ports)))
