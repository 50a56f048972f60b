"""IPython's syntax."""

from __future__ import annotations

import pytest

from reactive_kernel.effects import effects_of


@pytest.mark.parametrize(
    ("source", "reads", "writes"),
    [
        ("!ls {x} $y ${z}", "x y z", ""),
        ("!echo $$HOME {{x}}", "", ""),
        ("!echo '$x'", "", ""),
        ("!awk '{print $1}' {x}", "", ""),
        ("!cp {d['a']} {f(x)!r} $p.name", "d f x p", ""),
        ("!!ls {x}", "x", ""),
        ("files = !ls {x}", "x", "files"),
        ("%cd {x}", "x", ""),
        ("%env A=$x", "x", ""),
        ("%matplotlib inline", "", ""),
        ("%load_ext autoreload\n%autoreload 2", "", ""),
        ("%pip install {x}", "x", ""),
        ("%time x = f(y)\nprint(x)", "f y print", "x"),
        ("%time f('{x}')", "f", ""),
        ("v = %time f(x)", "f x", "v"),
        ("%time --no-raise-error x = y", "y", "x"),
        ("%timeit x = f(y)", "f y", ""),
        ("%timeit -n 10 -r3 -q f(x)", "f x", ""),
        ("r = %timeit -o f(x)", "f x", "r"),
        ("%timeit -v r f(x)", "f x", "r"),
        ("%prun -s cumulative x = f(y)", "f y", "x"),
        ("%lprun -f g f(x)", "g f x", ""),
        ("%memit f(x)", "f x", ""),
        ("%debug f(x)", "f x", ""),
        ("%%time\nx = y\nx", "y", "x"),
        ("%%time\n%time x = y", "y", "x"),
        ("%%timeit\nx = y\nx", "y", ""),
        ("%%timeit s = y\nx = s + z", "y z", ""),
        ("%%timeit\nglobal x\nx = 1", "", "x"),
        ("%%prun\nx = y", "y", "x"),
        ("%%capture out\nx = y\n!ls {z}", "y z", "out x"),
        ("%%capture --no-stderr\nx = y", "y", "x"),
        ("%%writefile {p}\nx {y}", "p", ""),
        ("%%file f\nx", "", ""),
        ("%%bash --out a --err b\necho {x} $y", "", "a b"),
        ("%%script --bg --proc=p bash {x}\nls", "x", "p"),
        ("%%html\n<b>{x}</b>", "", ""),
        ("%%javascript\nx", "", ""),
        ("%%python\nx = y", "", ""),
        ("%%sx --out o\nls {x}", "x", "o"),
        ("%%nothing {x}\ny", "x", ""),
        ("%nothing {x}", "x", ""),
        ("?x", "x", ""),
        ("x.y?", "x", ""),
        ("x??", "x", ""),
        ("%time?", "", ""),
        ("*x*?", "*", ""),
        ("%who", "*", ""),
        ("%pinfo x", "x", ""),
        ("%page x", "x", ""),
        ("%run f.py", "", "*"),
        ("%run -i f.py", "*", "*"),
        ("%pylab", "", "*"),
        ("%store x y", "x y", ""),
        ("%store -r x", "", "x"),
        ("%store -r", "", "*"),
        ("%macro m 1-3", "", "m"),
        ("%reset -f", "", "*"),
        ("%xdel x", "x", "x"),
        ("%sc x=ls", "", "x"),
        ("if c:\n    %time x = y\n    !ls {z}", "c y z", "x"),
        ("def f(x):\n    !ls {x} {y}\nf(1)", "y", "f"),
        ("def f():\n    %time x = y\nf()", "y", "f"),
        ("  x = y\n  z = x", "y", "x z"),
        (">>> x = y\n... z = x", "y", "x z"),
        ("In [1]: x = y", "y", "x"),
    ],
)
def test_reads_and_writes(source: str, reads: str, writes: str) -> None:
    effects = effects_of(source)
    assert effects.problem is None
    assert effects.shown_reads == set(reads.split())
    assert effects.may_writes == set(writes.split())


@pytest.mark.parametrize(
    ("source", "writes", "deletes"),
    [
        ("%%capture out\nx = 1", "out", ""),
        ("%%capture out\nx = 1;", "out", "out"),
        ("%%time\nx = 1", "x", ""),
        ("%time --no-raise-error x = 1", "", ""),
        ("%%bash --out a\nls", "", ""),
        ("%reset -f", "", "*"),
        ("%xdel x", "x", "x"),
    ],
)
def test_sure_writes_and_deletes(source: str, writes: str, deletes: str) -> None:
    effects = effects_of(source)
    assert effects.writes == set(writes.split())
    assert effects.deletes == set(deletes.split())
