"""Fingerprints: equal for values that no reader can tell apart.

A fingerprint covers type, structure and sharing within the value, and nothing that differs from
run to run (addresses, hash order, line numbers). Values that cannot be looked into have none.
"""

from __future__ import annotations

import gc
import types
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from . import buffers, codes, graphs, instances, kinds, subclasses, tensors
from .own_modules import version_of
from .walk import ATOMS, OpaqueError, TooLargeError, Visit, Walk

_PRINTED: Final = frozenset(
    {
        "builtins.ellipsis",
        "builtins.NotImplementedType",
        "builtins.range",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "fractions.Fraction",
        "uuid.UUID",
        "re.Pattern",
        "zoneinfo.ZoneInfo",
        "pathlib.PosixPath",
        "pathlib.WindowsPath",
        "pathlib.PurePosixPath",
        "pathlib.PureWindowsPath",
        "pathlib._local.PosixPath",
        "pathlib._local.WindowsPath",
    }
)
_NO_PARTS: Final[frozenset[int]] = frozenset()
_LONG: Final = 64
_WITHOUT_CONTENT: Final = frozenset({"_thread.lock", "_thread.RLock", "collections._tuplegetter"})
_ONE_OF_ITS_NAME: Final = frozenset({"logging.Logger", "logging.RootLogger"})


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a look at a value gave.

    Parameters
    ----------
    digest : bytes
        Equal for values that no reader can tell apart, but by identity; 128 bits of a long one.
    parts : frozenset of int
        The identities of the objects in it that can be changed in place; empty for a
        value that nobody can tell from its equal.
    layout : int
        A hash of those of them that were visited one by one: it differs where an object was
        put in the place of its equal.
    size : int
        About how many bytes it holds.
    """

    digest: bytes
    parts: frozenset[int]
    layout: int = 0
    size: int = 0


def fingerprint(value: object) -> Fingerprint | None:
    """Look at a value.

    Parameters
    ----------
    value : object
        Any value.

    Returns
    -------
    Fingerprint or None
        None if it, or something in it, cannot be looked into.
    """
    if type(value) in ATOMS:
        return _of_atom(value)
    walk = Walk(_visit_of)
    try:
        walk.visit(value)
    except TooLargeError:
        found = buffers.pickled(value)
        if found is None:
            return None
        return Fingerprint(found.digest, frozenset(buffers.parts_of(value)), 0, found.size)
    except Exception:
        # Opaque; or changed by another thread meanwhile, nested too deep, or of a class whose
        # attributes are not what they are for others.
        return None
    parts = frozenset(walk.parts) | walk.inner_parts
    return Fingerprint(walk.digest(), parts, hash(tuple(walk.parts)), walk.size)


def _of_atom(value: Any) -> Fingerprint:
    text = value if type(value) is bytes else repr(value).encode("utf8", "surrogatepass")
    size = len(text)
    if size > _LONG:
        text = blake2b(text, digest_size=16).digest()
    return Fingerprint(type(value).__name__.encode() + b" " + text, _NO_PARTS, 0, size)


def _visit_of(kind: type) -> Visit:
    """Find how values of a type are gone through."""
    visit = _KINDS.get(kind)
    if visit is not None:
        return visit
    name = f"{kind.__module__}.{kind.__qualname__}"
    if type in kind.__mro__:
        return codes.visit_class
    if BaseException in kind.__mro__:
        return instances.visit_exception
    if name in _PRINTED:
        return _printed
    if name in _ONE_OF_ITS_NAME:
        return _one_of_its_name
    if name in _WITHOUT_CONTENT:
        return _without_content
    if kind.__module__.partition(".")[0] in buffers.LIBRARIES:
        return _library_value
    if tensors.is_tensor(kind):
        return tensors.visit
    built_on = subclasses.visit_of(kind)
    if built_on is not None:
        return built_on
    foreign = kinds.visit_of(kind)
    if foreign is not None:
        return foreign
    if instances.is_plain(kind):
        return instances.visit
    raise OpaqueError


def _printed(walk: Walk, value: Any) -> None:
    walk.put(type(value).__module__)
    walk.put(repr(value))


def _one_of_its_name(walk: Walk, value: Any) -> None:
    walk.put(str(vars(value)["name"]))


def _without_content(walk: Walk, value: Any) -> None:
    walk.put(type(value).__module__)


def _sequence(walk: Walk, value: Any) -> None:
    if type(value) is list:
        walk.changeable(value)
    walk.put(str(len(value)))
    walk.each(value)


def _set(walk: Walk, value: Any) -> None:
    if type(value) is set:
        walk.changeable(value)
    digests = []
    for member in value:
        found = fingerprint(member)
        if found is None:
            raise OpaqueError
        walk.inner_parts |= found.parts
        digests.append(found.digest)
    walk.visit(b"".join(sorted(digests)))


def _dict(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.put(str(len(value)))
    for key, member in value.items():
        walk.visit(key)
        walk.visit(member)


def _bytearray(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.visit(bytes(value))


def _slice(walk: Walk, value: Any) -> None:
    walk.each((value.start, value.stop, value.step))


def _mapping_proxy(walk: Walk, value: Any) -> None:
    # The mapping itself: whoever changes that changes what is seen through this.
    walk.each(gc.get_referents(value))


def _module(walk: Walk, value: Any) -> None:
    walk.put(value.__name__)
    walk.put(version_of(value.__name__))


def _library_value(walk: Walk, value: Any) -> None:
    found = buffers.pickled(graphs.without_caches(value))
    if found is None:
        raise OpaqueError
    walk.visit(found.digest)
    walk.size += found.size
    walk.inner_parts |= buffers.parts_of(value)


_KINDS: Final[dict[type, Visit]] = {
    tuple: _sequence,
    list: _sequence,
    set: _set,
    frozenset: _set,
    dict: _dict,
    bytearray: _bytearray,
    slice: _slice,
    types.MappingProxyType: _mapping_proxy,
    types.ModuleType: _module,
    **codes.KINDS,
    **instances.KINDS,
}
