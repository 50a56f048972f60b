"""Fingerprints: equal for values that no reader can tell apart.

A fingerprint covers type, structure and sharing within the value, and nothing that differs from
run to run in one process (addresses, line numbers). Values that cannot be looked into have none.
"""

from __future__ import annotations

import functools
import gc
import re
import threading
import types
import weakref
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from . import buffers, caches, codes, instances, kinds, loggers, subclasses, tensors
from .figures import figure_of
from .identity import identity_of
from .origin import made_here
from .own_modules import version_of
from .parts import inside, parts_of
from .reach import ATOMS, is_of_kernel, leads_to_kernel
from .walk import OpaqueError, TooLargeError, Visit, Walk

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
        "typing.TypeAliasType",
        "zoneinfo.ZoneInfo",
        "pathlib.PosixPath",
        "pathlib.WindowsPath",
        "pathlib.PurePosixPath",
        "pathlib.PureWindowsPath",
        "pathlib._local.PosixPath",
        "pathlib._local.WindowsPath",
    }
)
_OF_EACH_MODULE: Final = frozenset({"__builtins__", "__loader__", "__spec__"})
_NO_PARTS: Final[frozenset[int]] = frozenset()
_LONG: Final = 64
_REDUCED: Final = frozenset(
    {"operator.attrgetter", "operator.itemgetter", "operator.methodcaller"}
    | {"collections._tuplegetter", "_collections._tuplegetter"}
)
_TYPE_PARAMETERS: Final = frozenset({"typing.ParamSpec", "typing.TypeVar", "typing.TypeVarTuple"})
_LOGGERS: Final = frozenset({"logging.Logger", "logging.RootLogger"})
_CONTAINERS: Final = frozenset({list, set, frozenset, dict})
_LARGE: Final = 1000

_Digests: TypeAlias = dict[int, tuple[object, bytes | None]]
"""Functions and classes met in pickles during one look, by their identities, and their digests."""


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
    tells_identity : bool
        Whether something in it is equal to nothing but itself, and found in dicts and lists so.
    """

    digest: bytes
    parts: frozenset[int]
    layout: int = 0
    size: int = 0
    tells_identity: bool = False


def fingerprint(value: object, pickles: buffers.Pickles | None = None) -> Fingerprint | None:
    """Look at a value.

    Parameters
    ----------
    value : object
        Any value.
    pickles : Pickles or None
        Takes those of values of libraries, and gives them to the looks at others, as long as
        nothing changes. None for this look alone.

    Returns
    -------
    Fingerprint or None
        None if it, or something in it, cannot be looked into.
    """
    return _look(value, {} if pickles is None else pickles, {})


def _look(value: object, pickles: buffers.Pickles, digests: _Digests) -> Fingerprint | None:
    if type(value) in ATOMS:
        return _of_atom(value)
    digest_of = functools.partial(_digest_of, digests)
    walk = Walk(_visit_of, pickles, digest_of)
    try:
        try:
            walk.visit(value)
        except TooLargeError:
            if not _is_code(value):
                return _pickled(value, digest_of)
            walk = Walk(_visit_in_code, pickles, digest_of)
            walk.visit(value)
    except Exception:
        # Opaque; or changed by another thread meanwhile, nested too deep, or of a class whose
        # attributes are not what they are for others.
        return None
    parts = frozenset(walk.parts) | walk.inner_parts
    return Fingerprint(
        walk.digest(), parts, hash(tuple(walk.parts)), walk.size, walk.tells_identity
    )


def _pickled(value: object, digest_of: buffers.DigestOf) -> Fingerprint | None:
    found = buffers.pickled(value, digest_of)
    if found is None:
        return None
    parts, tells_identity = inside(value)
    return Fingerprint(found.digest, frozenset(parts), 0, found.size, tells_identity)


def _of_atom(value: Any) -> Fingerprint:
    if type(value) is bytes:
        text = value
    elif type(value) is int:
        # Python does not write very long ones as decimal numbers.
        text = b"%x" % value
    else:
        text = repr(value).encode("utf8", "surrogatepass")
    size = len(text)
    if size > _LONG:
        text = blake2b(text, digest_size=16).digest()
    return Fingerprint(type(value).__name__.encode() + b" " + text, _NO_PARTS, 0, size)


def _visit_of(kind: type) -> Visit:
    """Find how values of a type are gone through."""
    visit = (
        _KINDS.get(kind)
        or _of_python(kind)
        or _of_library(kind)
        or codes.visit_of_wrapper(kind)
        or subclasses.visit_of(kind)
        or kinds.visit_of(kind)
    )
    if visit is not None:
        return visit
    if instances.is_plain(kind) and not leads_to_kernel(kind):
        return instances.visit
    raise OpaqueError(kind)


def _of_python(kind: type) -> Visit | None:
    """Return how values of a type that comes with Python are gone through."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    if type in kind.__mro__:
        return codes.visit_class
    if BaseException in kind.__mro__:
        return instances.visit_exception
    if name in _PRINTED:
        return _printed
    if name in _TYPE_PARAMETERS:
        return _type_parameter
    if is_of_kernel(kind):
        return _itself
    if loggers.is_handler(kind):
        return loggers.visit_handler
    if name in _LOGGERS:
        return loggers.visit
    return _reduced if name in _REDUCED else None


def _of_library(kind: type) -> Visit | None:
    if kind.__module__.partition(".")[0] in buffers.LIBRARIES:
        return _library_value
    return tensors.visit if tensors.is_tensor(kind) else None


def _digest_of(digests: _Digests, code: object) -> bytes | None:
    identity = identity_of(code)
    if identity not in digests:
        # While it is looked at, since what leads back to it cannot be looked into.
        digests[identity] = code, None
        found = _look(code, {}, digests)
        digests[identity] = code, None if found is None else found.digest
    return digests[identity][1]


def _is_code(value: object) -> bool:
    """Tell whether a value is a function or class, of which a pickle has the name alone."""
    return type(value) is types.FunctionType or type in type(value).__mro__


def _visit_in_code(kind: type) -> Visit:
    """Find how values are gone through in functions and classes that hold too many parts."""
    return _container_in_code if kind in _CONTAINERS else _visit_of(kind)


def _container_in_code(walk: Walk, value: Any) -> None:
    if len(value) > _LARGE:
        _library_value(walk, value)
    else:
        _KINDS[type(value)](walk, value)


def _printed(walk: Walk, value: Any) -> None:
    walk.put(type(value).__module__)
    walk.put(repr(value))


def _without_content(walk: Walk, value: Any) -> None:
    walk.put(type(value).__module__)


def _type_parameter(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    bounds = ("__bound__", "__constraints__", "__covariant__", "__contravariant__", "__default__")
    walk.each((value.__name__, *(getattr(value, name, None) for name in bounds)))


def _itself(walk: Walk, value: Any) -> None:
    # Not what is in it: that is the kernel's.
    walk.put(str(identity_of(value)))


def _reduced(walk: Walk, value: Any) -> None:
    walk.each(value.__reduce__())


def _lock(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.put(str(value.locked()))


def _pattern(walk: Walk, value: Any) -> None:
    walk.each((value.pattern, value.flags))


def _reference(walk: Walk, value: Any) -> None:
    walk.visit(value())


def _members(walk: Walk, value: Any) -> None:
    # A set in its order too, which is seen by who goes through it: other histories lead to others.
    if type(value) is list or type(value) is set:
        walk.changeable(value)
    walk.put(str(len(value)))
    walk.each(value)


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
    if made_here(value):
        walk.changeable(value)
        walk.named(item for item in vars(value).items() if item[0] not in _OF_EACH_MODULE)
        return
    version = version_of(value.__name__)
    walk.put(version)
    if version:
        # It may be loaded again, and is then another.
        walk.changeable(value)


def _library_value(walk: Walk, value: Any) -> None:
    place = None
    figure = figure_of(value)
    found = None if figure is None else _pickle_of(walk, figure)
    if found is not None:
        place = found.artists.get(identity_of(value))
    if found is None or place is None:
        found = _pickle_of(walk, value)
    if found is None:
        raise OpaqueError(type(value))
    walk.visit(found.digest)
    walk.visit(place)
    walk.size += found.size
    walk.inner_parts |= parts_of(value)
    if type(value).__module__.partition(".")[0] == "pandas" and hasattr(type(value), "attrs"):
        # What people set on a frame goes into no pickle.
        walk.named(item for item in vars(value).items() if item[0][0] != "_")


def _pickle_of(walk: Walk, value: object) -> buffers.Pickled | None:
    known = walk.pickles.get(identity_of(value))
    if known is None:
        known = value, buffers.pickled(caches.without_caches(value), walk.digest_of)
        walk.pickles[identity_of(value)] = known
    return known[1]


def _sentinel(walk: Walk, value: Any) -> None:
    # Nothing but itself, by which it is told from others.
    walk.changeable(value)


_KINDS: Final[dict[type, Visit]] = {
    object: _sentinel,
    tuple: _members,
    list: _members,
    set: _members,
    frozenset: _members,
    dict: _dict,
    bytearray: _bytearray,
    slice: _slice,
    types.MappingProxyType: _mapping_proxy,
    types.ModuleType: _module,
    type(threading.Lock()): _lock,
    type(threading.RLock()): _without_content,
    re.Pattern: _pattern,
    weakref.ReferenceType: _reference,
    weakref.KeyedRef: _reference,
    **codes.KINDS,
    **instances.KINDS,
}
