"""Connections themselves, as values: where they lead, and what has been set on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import xxhash

from reactive_kernel.effects.sql_text import Piece

from .addresses import Address

Fate = Literal["again", "stays", "lost"]


@dataclass(frozen=True, slots=True, eq=False)
class Logged:
    """A statement that changes what later ones mean.

    Parameters
    ----------
    piece : Piece
        The statement.
    values : tuple
        What went into its places.
    fate : {"again", "stays", "lost"}
        What becomes of it with a new connection: it is run again, its database keeps it, or only
        running its cell again brings it back.
    """

    piece: Piece
    values: tuple[Any, ...]
    fate: Fate


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
    def is_lost(self) -> bool:
        """Whether a new connection cannot be brought into it."""
        return any(each.fate == "lost" for each in self.log)

    @property
    def key(self) -> bytes:
        """What it is compared by, with nothing secret in it."""
        url = self.address.public if self.address is not None else ""
        told = (url, [(each.piece.text, each.values, each.fate) for each in self.log])
        return xxhash.xxh3_128_digest(repr(told).encode("utf-8", "surrogatepass"))

    def after(self, logged: Logged) -> State:
        """Return the state after one more statement."""
        return State(self.address, (*self.log, logged))
