"""What cells read and write, construct by construct."""

from __future__ import annotations

import sys

import pytest

from reactive_kernel.effects import effects_of

# source; names shown as read; names that may be written
CELLS = [
    # statements
    ("x = 1", "", "x"),
    ("x = y = z", "z", "x y"),
    ("x, (y, *z) = v", "v", "x y z"),
    ("[x, y] = v", "v", "x y"),
    ("x += y", "x y", "x"),
    ("x.a += y", "x y", ""),
    ("x[i] += y", "x i y", ""),
    ("x[i:j, k] = v", "x i j k v", ""),
    ("x: int", "int", ""),
    ("x: int = y", "int y", "x"),
    ("x.a: int = y", "x int y", ""),
    ("del x", "x", "x"),
    ("del x, (y, z)", "x y z", "x y z"),
    ("del x.a, y[0]", "x y", ""),
    ("print(x)", "print x", ""),
    ("raise E(x) from y", "E x y", ""),
    ("assert x, y", "x y", ""),
    ("pass", "", ""),
    ("global x\nx = y", "y", "x"),
    ("1 + 2", "", ""),
    ("x if y else z", "x y z", ""),
    ("f'{x!r:>{y}} {z=}'", "x y z", ""),
    ("{**x, 'k': y, z: 1}", "x y z", ""),
    ("f(*x, k=y, **z)", "f x y z", ""),
    ("x[y:z:w]", "x y z w", ""),
    ("a < b < c", "a b c", ""),
    ("await f(x)", "f x", ""),
    ("__name__, __file__, __doc__", "__name__ __file__ __doc__", ""),
    # what import statements bind
    ("import a.b.c", "", "a"),
    ("import a.b as c, d", "", "c d"),
    ("from a.b import c as d, e", "", "d e"),
    ("from . import a", "", "a"),
    ("from m import *", "", "*"),
    ("from __future__ import annotations\nx: T = 1\ndef f(a: T) -> T: ...", "", "annotations f x"),
    # order within the cell
    ("x = 1\nprint(x)", "print", "x"),
    ("print(x)\nx = 1", "print x", "x"),
    ("x = x", "x", "x"),
    ("x = 1\nx += 1", "", "x"),
    ("x = 1\ndel x\nprint(x)", "print", "x"),
    ("x: x = 1", "", "x"),
    ("(x := y) + x", "y", "x"),
    ("y = [x := 1, x]", "", "x y"),
    # branches
    ("if c: x = 1\nprint(x)", "c print x", "x"),
    ("if c: x = 1\nelse: x = 2\nprint(x)", "c print", "x"),
    ("if c: x = 1\nelif d: x = 2\nprint(x)", "c d print x", "x"),
    ("if c: x = 1\nelse: raise E\nprint(x)", "c E print", "x"),
    ("if True: x = 1\nprint(x)", "print", "x"),
    ("if (x := f()) and (y := x): print(y)", "f print", "x y"),
    ("if (x := f()) or (y := x): print(y)", "f print y", "x y"),
    ("if not (a and (x := b)): raise E\nprint(x)", "a b E print", "x"),
    ("a and (x := 1)\nx", "a x", "x"),
    ("(x := 1) and a\nx", "a", "x"),
    ("a < b < (x := 1)\nx", "a b x", "x"),
    ("a < (x := 1)\nx", "a", "x"),
    ("(x := 1) if a else (x := 2)\nx", "a", "x"),
    ("assert (x := a)\nx", "a", "x"),
    ("raise E\nprint(x)", "E", ""),
    # loops
    ("for i in r: x = i\nprint(x, i)", "r print x i", "i x"),
    ("for i in (1, 2): x = i\nprint(x, i)", "print", "i x"),
    ("for i in []: x = i\nprint(x)", "print x", "i x"),
    ("for i in r:\n    if i: break\nelse: x = 1\nprint(x)", "r print x", "i x"),
    ("for i in r:\n    if c: continue\n    x = 1\n    print(x)", "r c print", "i x"),
    ("for a[0], b.c in r: pass", "a b r", ""),
    ("while c: x = 1\nprint(x)", "c print x", "x"),
    ("while True:\n    x = 1\n    if c: break\nprint(x)", "c print", "x"),
    ("while True:\n    if c: break\n    x = 1\nprint(x)", "c print x", "x"),
    ("while (x := f()): pass\nprint(x)", "f print", "x"),
    ("while c: pass\nelse: x = 1\nprint(x)", "c print", "x"),
    (
        "for i in r:\n    for j in s:\n        pass\n    else:\n        break\nelse: x = 1\nx",
        "r s x",
        "i j x",
    ),
    ("async for i in f(): x = i", "f", "i x"),
    # try
    ("try: x = f()\nexcept E: x = None\nprint(x)", "f E print", "x"),
    ("try: x = f()\nexcept E: pass\nprint(x)", "f E print x", "x"),
    ("try: x = f()\nexcept E: raise\nprint(x)", "f E print", "x"),
    ("try: x = f()\nexcept E: print(x)", "f E print x", "x"),
    ("try: f()\nexcept E: x = 1\nelse: x = 2\nx", "f E", "x"),
    ("try: f()\nfinally: x = 1\nx", "f", "x"),
    ("try: x = f()\nfinally: print(x)", "f print x", "x"),
    ("try: x = f()\nfinally: g()\nx", "f g", "x"),
    ("try: f()\nexcept E as e: print(e)", "f E print", "e"),
    ("try: f()\nexcept E as e: pass\nprint(e)", "f E print e", "e"),
    ("try: import a\nexcept ImportError: a = None\na", "ImportError", "a"),
    # with
    ("with open(p) as f: x = f.read()\nx", "open p", "f x"),
    ("with a as (b, c[0]), b as d: pass", "a c", "b d"),
    ("with suppress(E): x = 1\nx", "suppress E x", "x"),
    ("with contextlib.suppress(E): x = 1\nx", "contextlib E x", "x"),
    ("async with a as b: b", "a", "b"),
    # match
    ("match s:\n    case x: pass\nx", "s", "x"),
    ("match s:\n    case [x, *y]: pass\nx", "s x", "x y"),
    ("match s:\n    case {'a': x, **y} if x: y", "s", "x y"),
    ("match s:\n    case C(a=x) | D(x): x", "s C D", "x"),
    ("match s:\n    case m.V: y = 1\n    case _: y = 2\ny", "s m", "y"),
    ("match s:\n    case x if x: y = 1\n    case _: y = 2\ny, x", "s", "x y"),
    # functions
    ("def f(): return x", "x", "f"),
    ("def f(x, *y, z=1, **w): return x, y, z, w", "", "f"),
    ("def f(a=b, *, c=d): pass", "b d", "f"),
    ("def f(a: A, *b: B, **c: C) -> D: pass", "A B C D", "f"),
    ("def f():\n    x = 1\n    return x", "", "f"),
    ("def f():\n    print(x)\n    x = 1", "print", "f"),
    ("def f():\n    for x in y: pass", "y", "f"),
    ("def f():\n    import x\n    with a as y, b as (z, w): x, y, z, w", "a b", "f"),
    ("def f():\n    try: pass\n    except E as x: x", "E", "f"),
    ("def f():\n    del x", "", "f"),
    ("def f():\n    x: int\n    return x", "", "f"),
    ("def f():\n    if (x := 1): return x", "", "f"),
    ("def f():\n    [y := 1 for x in z]\n    return y", "z", "f"),
    ("def f():\n    def g(): return x\n    return g", "x", "f"),
    ("def f(x):\n    def g(): return x\n    return g", "", "f"),
    (
        "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = y\n    return x",
        "y",
        "f",
    ),
    ("def f():\n    x = 1\n    def g():\n        global x\n        return x", "x", "f"),
    ("def f():\n    global x\n    x = 1\n    return x", "", "f"),
    ("def f():\n    global x\n    x += 1", "x", "f"),
    ("def f(): return f()", "", "f"),
    ("lambda x, y=z: x + y + w", "z w", ""),
    ("@d(x)\ndef f(): pass", "d x", "f"),
    ("def f():\n    return 1\n    x", "", "f"),
    ("async def f():\n    async for x in y: await x", "y", "f"),
    ("def f():\n    yield x", "x", "f"),
    ("def f():\n    def g(): return h()\n    def h(): return x", "x", "f"),
    ("def f(): return g()\ndef g(): return x", "x", "f g"),
    ("def f(): return x\nx = 1", "", "f x"),
    ("def f(): return __class__", "__class__", "f"),
    # classes
    ("class A(B, metaclass=M): pass", "B M", "A"),
    ("class A:\n    x = 1\n    y = x", "", "A"),
    ("class A:\n    y = x\n    x = 1", "x", "A"),
    ("class A:\n    if c: x = 1\n    y = x", "c x", "A"),
    ("class A:\n    x = 1\n    def f(self): return x", "x", "A"),
    ("class A:\n    x = 1\n    f = lambda self: x", "x", "A"),
    ("class A:\n    x = 1\n    y = [x for _ in z]", "x z", "A"),
    ("class A:\n    x = 1\n    y = [z for z in x]", "", "A"),
    ("class A:\n    x = 1\n    del x\n    y = x", "x", "A"),
    ("class A:\n    global x\n    x = y", "y", "A x"),
    ("class A:\n    def f(self): return super().f(), __class__", "super", "A"),
    ("class A: __module__, __qualname__", "", "A"),
    ("class A:\n    __x = 1\n    def f(self): return __x, self.__y, __z__", "_A__x __z__", "A"),
    ("class A:\n    class B:\n        x = 1\n    y = x", "x", "A"),
    ("class A:\n    x = 1\n    class B: y = x", "x", "A"),
    ("class A:\n    x: T = y", "T y", "A"),
    ("class A: pass\nclass B(A): pass", "", "A B"),
    ("def f():\n    x = 1\n    class A:\n        y = x\n        x = 2", "x", "f"),
    ("def f():\n    x = 1\n    class A: y = x", "", "f"),
    ("def f(x):\n    class A:\n        def g(self): return x", "", "f"),
    ("def f():\n    class A:\n        x = 1\n        def g(self): return x", "x", "f"),
    # comprehensions
    ("[x for x in y if x]", "y", ""),
    ("[x for x in x]", "x", ""),
    ("[x for x in y for y in x]", "y", ""),
    ("[x for y in z for x in y]", "z", ""),
    ("{x: y for x, (y, *z) in w}", "w", ""),
    ("{x for x in a}, (x for x in b), x", "a b x", ""),
    ("[lambda: (i, x) for i in r]", "r x", ""),
    ("[y := x for x in z]\ny", "z y", "y"),
    ("[y for x in z if (y := x)]", "z", "y"),
    ("[[y := x for x in z] for z in w]", "w", "y"),
    ("[x for x[0] in y]", "x y", ""),
    ("[x async for x in y]", "y", ""),
    # from marimo's and other tools' questions: underscores are names as all others
    ("_x = 1\n__y = _x", "", "_x __y"),
    ("_", "_", ""),
]


@pytest.mark.parametrize(("source", "reads", "writes"), CELLS, ids=[cell[0] for cell in CELLS])
def test_reads_and_writes(source: str, reads: str, writes: str) -> None:
    effects = effects_of(source)
    assert effects.problem is None
    assert effects.shown_reads == set(reads.split())
    assert effects.may_writes == set(writes.split())


TYPE_PARAMETERS = [
    ("def f[T: B](a: T) -> T: return T, x", "B x", "f"),
    ("class A[T](C[T]):\n    x: T\n    def m[U](self, u: U) -> T: return T, U", "C", "A"),
    ("type X[T] = list[T] | Y", "list Y", "X"),
    ("class A:\n    y = 1\n    def m[T: y](self, a: y): pass", "", "A"),
]
NEW_SYNTAX = [
    *(TYPE_PARAMETERS if sys.version_info >= (3, 12) else ()),
    *([("def f[T = D](): pass", "D", "f")] if sys.version_info >= (3, 13) else ()),
    *([("t'{x:{y}}'", "x y", "")] if sys.version_info >= (3, 14) else ()),
    *(
        [("try: f()\nexcept* E as e: print(e, x)", "f E print x", "e")]
        if sys.version_info >= (3, 11)
        else ()
    ),
    ("with (a as b, c as d): b", "a c", "b d"),
]


@pytest.mark.parametrize(("source", "reads", "writes"), NEW_SYNTAX)
def test_syntax_of_newer_versions(source: str, reads: str, writes: str) -> None:
    effects = effects_of(source)
    assert effects.shown_reads == set(reads.split())
    assert effects.may_writes == set(writes.split())


@pytest.mark.parametrize(
    ("source", "writes"),
    [
        ("x = 1", "x"),
        ("if c: x = 1", ""),
        ("if c: x = 1\nelse: del x", "x"),
        ("for x in y: pass", ""),
        ("for x in 'ab': pass", "x"),
        ("while True:\n    x = 1\n    break", "x"),
        ("try: x = 1\nexcept E: pass", ""),
        ("try: x = 1\nexcept E: raise", "x"),
        ("try: pass\nfinally: x = 1", "x"),
        ("with a as x: y = 1", "x y"),
        ("[x := 1 for _ in y]", ""),
        ("(x := 1)", "x"),
        ("def f(): pass", "f"),
        ("from m import *\nx = 1", "x"),
        ("def f():\n    global x\n    x = 1\nf()", "f x"),
        ("def f():\n    global x\n    if c: return\n    x = 1\nf()", "f"),
        ("def f():\n    global x\n    x = yield\nf()", "f"),
        ("async def f():\n    global x\n    x = 1\nf()", "f"),
        ("@d\ndef f():\n    global x\n    x = 1\nf()", "f"),
        ("match s:\n    case [x]: y = 1\n    case _: y = 2", "y"),
    ],
)
def test_sure_writes(source: str, writes: str) -> None:
    assert effects_of(source).writes == set(writes.split())


@pytest.mark.parametrize(
    ("source", "reads", "probes", "deletes"),
    [
        ("del x", "", "x", "x"),
        ("b = x; del x", "x", "", "x"),
        ("x = 1; del x", "", "", "x"),
        ("del x; x = 1", "", "x", ""),
        ("if c: del x", "c", "x", "x"),
        ("try: f()\nexcept E as x: pass", "f E", "x", "x"),
        ("try: f()\nexcept E as x: pass\nx = 1", "f E", "x", ""),
        ("x = 1\ntry: f()\nexcept E as x: pass", "f E", "", "x"),
        (
            "for i in r:\n    if c: break\n    try: f()\n    except E as x: pass",
            "r c f E",
            "x",
            "x",
        ),
        ("def f():\n    global x\n    del x\nf()", "x", "", "x"),
        ("def f():\n    global x\n    del x", "", "", ""),
        ("try:\n    x = 1\nfinally:\n    del x", "", "x", "x"),
    ],
)
def test_deleting(source: str, reads: str, probes: str, deletes: str) -> None:
    effects = effects_of(source)
    assert effects.reads == set(reads.split())
    assert effects.probes == set(probes.split())
    assert effects.deletes == set(deletes.split())


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("from m import *", ("m",)),
        ("from a.b import *\nfrom ..c import *\nfrom . import *", ("a.b", "..c", ".")),
        ("if c:\n    from m import *", ("m",)),
    ],
)
def test_star_imports(source: str, modules: tuple[str, ...]) -> None:
    assert effects_of(source).star_imports == modules


@pytest.mark.parametrize(
    ("source", "deferred"),
    [
        ("x: T = 1", "T"),
        ("def f(a: A, *b: B) -> C: pass", "A B C"),
        ("class A:\n    T = int\n    x: T\n    def m(self, a: T, b: U): pass", "U"),
        ("def f():\n    def g(a: A): pass", "A"),
    ],
)
def test_annotations_that_are_evaluated_when_asked_for(
    source: str, deferred: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reactive_kernel.effects.expressions.LAZY_ANNOTATIONS", True)
    effects = effects_of.__wrapped__(source)
    assert effects.reads <= {"int"}
    assert effects.deferred == set(deferred.split())


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        ("import numpy as np, os.path", {"np", "os"}),
        ("from a import b as c", {"c"}),
        ("try:\n    import numpy as np\nexcept ImportError:\n    np = None", set()),
        ("def f():\n    import os", set()),
        ("class A:\n    import os", set()),
        ("import x\nx = 1", set()),
    ],
)
def test_names_that_only_an_import_binds(source: str, imports: set[str]) -> None:
    assert effects_of(source).imports == imports
