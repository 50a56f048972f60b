"""Samples: a quick look at a part of a large value.

A sample that differs shows a change; one that is the same shows none, but is no proof. It is for
values of which nothing in a cell suggests that it changes them.
"""

from __future__ import annotations

import pickle
from hashlib import blake2b
from itertools import islice
from typing import Any, Final

from .buffers import no_deeper
from .fingerprints import fingerprint

_BLOCK: Final = 4096
_BLOCKS: Final = 256
_MEMBERS: Final = 100


def sample(value: Any) -> bytes | None:
    """Take a digest of a part of a value.

    Parameters
    ----------
    value : object
        A large value: an array, a frame or a builtin container.

    Returns
    -------
    bytes or None
        None where there is no quick look at it.
    """
    if type(value) in (list, tuple):
        return _of_members(value, value[:: max(1, len(value) // _MEMBERS)])
    if type(value) in (dict, set, frozenset):
        return _of_members(value, list(islice(value, _MEMBERS)))
    if not hasattr(type(value), "__array__"):
        return None
    return _of_buffers(value)


def _of_members(value: Any, members: Any) -> bytes | None:
    if isinstance(value, dict):
        members = [(key, value[key]) for key in members]
    found = fingerprint(list(members))
    return None if found is None else b"%d:%s" % (len(value), found.digest)


def _of_buffers(value: object) -> bytes | None:
    digest = blake2b(digest_size=16)

    def take(buffer: pickle.PickleBuffer) -> bool:
        with buffer.raw() as raw:
            step = max(_BLOCK, raw.nbytes // _BLOCKS)
            for start in range(0, raw.nbytes, step):
                digest.update(raw[start : start + _BLOCK])
            digest.update(b"%d" % raw.nbytes)
        return False

    try:
        with no_deeper():
            rest = pickle.dumps(value, protocol=5, buffer_callback=take)
    except Exception:
        # Whatever a library's own code raises: there is no look at it.
        return None
    digest.update(rest)
    return digest.digest()
