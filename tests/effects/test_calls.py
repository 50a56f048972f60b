"""What defining a function reads, and what calling it reads."""

from __future__ import annotations

import pytest

from reactive_kernel.effects import Calls, effects_of


@pytest.mark.parametrize(
    ("source", "reads", "deferred"),
    [
        ("def f(): return x", "", "x"),
        ("def f(): return x\nf()", "x", ""),
        ("x = 1\ndef f(): return x\nf()", "", ""),
        ("def f(): return x\nx = 1\nf()", "", ""),
        ("def f(): return x\nif c: x = 1\nf()", "c x", ""),
        ("def f(): return x\nprint(f)", "print x", ""),
        ("def f(): return x\ng = f", "", "x"),
        ("def f(): return x\ng = f\ng()", "x", ""),
        ("def f(): return x\ng = f\nx = 1\ng()", "", ""),
        ("def f(): return x\nl = [f]", "", "x"),
        ("def f(): return x\nd = {'f': f}\nx = 1\nd['f']()", "", ""),
        ("def f(): return x\nd = {'f': f}\nd['f']()", "x", ""),
        ("f = lambda: x", "", "x"),
        ("f = lambda: x\nf()", "x", ""),
        ("m(lambda: x)", "m x", ""),
        ("l = [lambda: x]", "", "x"),
        ("def f(): return g()\ndef g(): return x\nf()", "x", ""),
        ("def f(): return g()\nf()\ndef g(): return x", "g x", ""),
        ("def f(): return x\nf()\ndef f(): return y", "x", "y"),
        ("def f(): return f() + x\nf()", "x", ""),
        ("def f():\n    global x\n    x = 1\n    return x\nf()\nx", "", ""),
        ("def f():\n    global x\n    x = 1\n    return g()\ndef g(): return x\nf()", "", ""),
        ("@d\ndef f(): return x", "d x", ""),
        ("class A:\n    @property\n    def p(self): return x", "property", "x"),
        ("class A:\n    @p.setter\n    def p(self): return x", "p", "x"),
        ("@functools.cache\ndef f(): return x", "functools", "x"),
        ("@dataclass\nclass A:\n    def m(self): return x", "dataclass", "x"),
        ("class A:\n    def m(self): return x\na = A()", "x", ""),
        ("class A:\n    def m(self): return x\nB = A", "", "x"),
        ("class A:\n    def m(self): return x\nclass B(A): pass\nx = 1\nB()", "", ""),
        ("class A:\n    def m(self): return x\nclass B(A): pass\nB()", "x", ""),
        ("class A:\n    def __init_subclass__(cls): x\nclass B(A): pass", "x", ""),
        ("class A:\n    def h(): return x\n    y = h()", "x", ""),
        ("for i in r:\n    k = i\n    f = lambda: k\n    f()", "r", "k"),
        ("for i in r:\n    f()\n    def f(): return x", "r f x", ""),
        ("for i in r:\n    if i: g()\n    g = f\n    def f(): return x", "r g f x", ""),
        ("def f(): return x\n[f() for _ in r]", "r x", ""),
        ("def f(a=g): pass\ndef g(): return x", "g", "x"),
        ("def g(): return x\ndef f(a=g): pass", "", "x"),
        ("def f(): return x\nif c: f = g\nf()", "c g x", ""),
        ("f, g = (lambda: x), (lambda: y)\nf()", "x", "y"),
        ("def f():\n    def g(): return x\n    return g", "", "x"),
        ("def f(): return globals()", "", "* globals"),
        ("try:\n    def f(): return x\nexcept E:\n    def f(): return y\nf()", "E x y", ""),
    ],
)
def test_where_functions_are_called(source: str, reads: str, deferred: str) -> None:
    effects = effects_of(source)
    assert effects.problem is None
    assert effects.reads == set(reads.split())
    assert effects.deferred == set(deferred.split())


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("x = 1\ndef f(): return x", {"f": ("x", "")}),
        ("def f():\n    global x\n    x = y", {"f": ("y", "x")}),
        ("def f():\n    global x\n    del x", {"f": ("x", "x")}),
        ("def f(): return g()\ndef g(): return x", {"f": ("g x", ""), "g": ("x", "")}),
        ("f = lambda: x\ng = f\nl = [g]", {"f": ("x", ""), "g": ("x", ""), "l": ("x", "")}),
        ("class A:\n    y = z\n    def m(self): return x", {"A": ("x", "")}),
        ("class A:\n    def m(self): return x\nclass B(A): pass", {"A": ("x", ""), "B": ("x", "")}),
        ("def f(): return x\nf = 1", {}),
        ("if c:\n    def f(): return x\nelse:\n    def f(): return y", {"f": ("x y", "")}),
        ("def f(): exec(c)", {"f": ("* exec c", "*")}),
        ("y = f(x)", {}),
        ("for i in r: a = b", {}),
    ],
)
def test_what_calls_do_later(source: str, calls: dict[str, tuple[str, str]]) -> None:
    expected = {
        name: Calls(frozenset(reads.split()), frozenset(writes.split()))
        for name, (reads, writes) in calls.items()
    }
    assert effects_of(source).calls == expected


@pytest.mark.parametrize(
    "source",
    [
        "a = f",
        "a = b = f",
        "a, b = b, a",
        "l = [f, (g, 1)]",
        "d = {'a': f}",
        "f = lambda: g()",
        "def f(a=b): return g()",
        "class A:\n    x = 1\n    def m(self): return g()",
        "del f",
        "x: int = f",
        "'text'",
        "pass",
        "if True: a = f",
    ],
)
def test_inert(source: str) -> None:
    assert effects_of(source).inert


@pytest.mark.parametrize(
    "source",
    [
        "f",
        "f()",
        "a = f()",
        "a = -f",
        "a = f + g",
        "a = f.b",
        "a = f[0]",
        "a.b = f",
        "a, b = f",
        "f'{f}'",
        "{f: 1}",
        "if f: pass",
        "a = f or g",
        "a = f if g else 1",
        "for a in f: pass",
        "with f: pass",
        "import f",
        "from f import *",
        "a += 1",
        "@d\ndef f(): pass",
        "class A(B): pass",
        "class A:\n    x = f",
        "class A:\n    f()",
        "a = [f for f in g]",
        "%time f",
        "assert f",
        "match f:\n    case 1: pass",
    ],
)
def test_not_inert(source: str) -> None:
    assert not effects_of(source).inert


@pytest.mark.parametrize(
    ("source", "mutates", "may_mutate"),
    [
        ("x.a = 1", "x", "x"),
        ("x[0] += 1", "x", "x"),
        ("del x[0], y.b", "x y", "x y"),
        ("x.a.b[0] = 1", "x", "x"),
        ("for x[0] in y: pass", "x", "x"),
        ("with f() as x.y: pass", "x", "x"),
        ("x.a: int = 1", "x", "x"),
        ("x.a, y[0] = 1, 2", "x y", "x y"),
        ("x += 1", "", "x"),
        ("x.append(1)", "", "x"),
        ("x.a[0].sort()", "", "x"),
        ("x.f().g()", "", "x"),
        ("print(x)", "", ""),
        ("x.a", "", ""),
        ("x = []\nx.append(1)\nx[0] = 1", "", ""),
        ("def f(): x.append(1)", "", ""),
        ("def f(): x.append(1)\nf()", "", "x"),
        ("def f():\n    x = y\n    x.append(1)\nf()", "", ""),
        ("def f(x): x[0] = 1\nf(y)", "", ""),
        ("class A:\n    x = []\n    x.append(1)", "", ""),
        ("[x.append(x) for x in y]", "", ""),
        ("[x.append(y) for y in z]", "", "x"),
        ("setattr(x, 'a', 1)", "", "x"),
        ("f(x).a = 1", "", ""),
    ],
)
def test_mutating(source: str, mutates: str, may_mutate: str) -> None:
    effects = effects_of(source)
    assert effects.mutates == set(mutates.split())
    assert effects.may_mutate == set(may_mutate.split())
