"""Connections themselves, as values: where they lead, and what has been set on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xxhash

from reactive_kernel.effects.sql_text import Piece

from .addresses import Address


@dataclass(frozen=True, slots=True, eq=False)
class Logged:
    """A statement that changes what later ones mean: it is run again on a new connection.

    Parameters
    ----------
    piece : Piece
        The statement.
    values : tuple
        What went into its places.
    """

    piece: Piece
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A connection, as cells above have left it.

    Parameters
    ----------
    address : Address or None
        Where it leads; None for the notebook's own database.
    log : tuple of Logged
        What has been set on it.
    """

    address: Address | None = None
    log: tuple[Logged, ...] = ()

    @property
    def key(self) -> bytes:
        """What it is compared by, with nothing secret in it."""
        url = self.address.public if self.address is not None else ""
        told = (url, [(each.piece.text, each.values) for each in self.log])
        return xxhash.xxh3_128_digest(repr(told).encode("utf-8", "surrogatepass"))

    def after(self, piece: Piece, values: tuple[Any, ...]) -> State:
        """Return the state after one more statement."""
        return State(self.address, (*self.log, Logged(piece, values)))
