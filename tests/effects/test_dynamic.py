"""Names reached through strings and dicts."""

from __future__ import annotations

import pytest

from reactive_kernel.effects import effects_of


@pytest.mark.parametrize(
    ("source", "reads", "writes"),
    [
        ("exec('x = y')", "exec y", "x"),
        ("exec('x = ' + 'y')", "exec y", "x"),
        ("eval('x + 1')", "eval x", ""),
        ("eval(' x')", "eval x", ""),
        ("exec(b'x = 1')", "exec", "x"),
        ("exec(compile('x = y', 'f', 'exec'))", "exec compile y", "x"),
        ("s = 'x = y'\nexec(s)", "exec y", "s x"),
        ("s = compile('x = y', 'f', 'exec')\nexec(s)", "exec compile y", "s x"),
        ("exec(s)", "exec s *", "*"),
        ("if c: s = 'x = 1'\nexec(s)", "c exec s *", "s *"),
        ("for s in r: exec(s)", "exec r *", "s *"),
        ("eval(s)", "eval s *", ""),
        ("exec('x = (')", "exec", ""),
        ("exec('return 1')", "exec", ""),
        ("exec('x = y', {})", "exec", ""),
        ("exec('x = y', d)", "exec d", ""),
        ("exec('x = y', globals())", "exec globals y", "x"),
        ("exec('x = y', globals(), {})", "exec globals y", ""),
        ("exec('x = y', None, None)", "exec y", "x"),
        ("def f(): exec('x = y')\nf()", "exec y", "f"),
        ("def f(y): exec('x = y')\nf(1)", "exec", "f"),
        ("def f(): exec('x = y', globals())\nf()", "exec globals y", "f x"),
        ("def f(y): exec('g = lambda: y')\nf(1)", "exec y", "f"),
        ("def f(): exec('global x\\nx = 1')\nf()", "exec", "f x"),
        ("class A: exec('x = y')", "exec y", "A"),
        ("def f(y):\n    class A: exec('x = y')\nf(1)", "exec y", "f"),
        ("def f():\n    class A:\n        y = 1\n        exec('x = y')\nf()", "exec", "f"),
        ("def eval(a): pass\neval('x')", "", "eval"),
        ("compile(x, 'f', 'exec')", "compile x", ""),
        ("globals()['x']", "globals x", ""),
        ("globals()['x'] = y", "globals y", "x"),
        ("globals()['x'] += 1", "globals x", "x"),
        ("del globals()['x']", "globals x", "x"),
        ("x = 1\nglobals()['x']", "globals", "x"),
        ("globals()[k]", "globals k *", ""),
        ("globals()[k] = 1", "globals k", "*"),
        ("k = 'x'\nglobals()[k] = 1", "globals", "k x"),
        ("globals().get('x', y)", "globals x y", ""),
        ("globals().pop('x')", "globals x", "x"),
        ("globals().setdefault('x', y)", "globals x y", "x"),
        ("globals().update(x=y)", "globals y", "x"),
        ("globals().update({'x': y})", "globals y", "x"),
        ("globals().update(d)", "globals d", "*"),
        ("globals().keys()", "globals *", ""),
        ("'x' in globals()", "globals x", ""),
        ("'x' not in dir()", "dir x", ""),
        ("k in globals()", "globals k *", ""),
        ("list(globals())", "list globals *", ""),
        ("f(globals())", "f globals *", "*"),
        ("f(**globals())", "f globals *", ""),
        ("f('x', globals=globals())", "f globals *", ""),
        ("{**globals()}", "globals *", ""),
        ("g = globals()", "globals *", "g *"),
        ("locals()['x'] = 1", "locals", "x"),
        ("vars()['x']", "vars x", ""),
        ("vars(x)", "vars x", ""),
        ("dir()", "dir *", ""),
        ("dir(x)", "dir x", ""),
        ("def f(): return locals()['x']\nf()", "locals", "f"),
        ("def f(): return globals()['x']\nf()", "globals x", "f"),
        ("def f(): globals()['x'] = 1\nf()", "globals", "f x"),
        ("class A: locals()['x']", "locals", "A"),
        ("def f(): return x\nglobals()['f']()", "globals x", "f"),
        ("df.query('a > @x and b == \"@y\"')", "df x", ""),
        ("df.query(expr='a > @x')", "df x", ""),
        ("df.query(f'a > @x and {y}')", "df x y", ""),
        ("df.eval('c = @x + a')", "df x", ""),
        ("pd.eval('x + y')", "pd x y", ""),
        ("def f(x): return df.query('a > @x + @y')\nf(1)", "df y", "f"),
        ("df.query(q)", "df q", ""),
        ("pd.eval(q)", "pd q *", ""),
        ("duckdb.sql('select a from df join d using (a)')", "duckdb df d", ""),
        ("con.execute(f'FROM df')", "con df", ""),
        ("con.execute('select * from f(1), main.t')", "con", ""),
        ("unittest.main(argv=[''], exit=False)", "unittest *", ""),
        ("doctest.testmod()", "doctest *", ""),
        ("app.main()", "app", ""),
        ("get_ipython().user_ns['x'] = y", "y", "x"),
        ("get_ipython().user_ns['x']", "x", ""),
        ("get_ipython().push({'x': y})", "y", "x"),
        ("get_ipython().push(d)", "d", "*"),
        ("get_ipython().ev('x')", "x", ""),
        ("get_ipython().ex('x = y')", "y", "x"),
        ("get_ipython().run_cell('x = y')", "y", "x"),
        ("get_ipython().run_cell(s)", "s *", "*"),
        ("get_ipython().magic('time x = y')", "y", "x"),
        ("get_ipython().run_line_magic('time', 'x = y')", "y", "x"),
        ("ip = get_ipython()\nip.run_line_magic('time', 'x = y')", "y", "ip x"),
        ("from IPython import get_ipython\nget_ipython().ex('x = 1')", "", "get_ipython x"),
        ("get_ipython().kernel", "", ""),
        ("d = get_ipython().user_ns", "*", "d *"),
    ],
)
def test_reads_and_writes(source: str, reads: str, writes: str) -> None:
    effects = effects_of(source)
    assert effects.problem is None
    assert effects.shown_reads == set(reads.split())
    assert effects.may_writes == set(writes.split())


@pytest.mark.parametrize(
    "source",
    ["exec(s)", "eval(s)", "globals()[k]", "globals()[k] = 1", "f(globals())", "dir()",
     "globals().update(d)", "get_ipython().run_cell(s)", "get_ipython().push(d)", "%nothing",
     "%%nothing\nbody", "%run file.py", "%pylab", "%load x.py", "%edit", "%macro m 1", "%rerun"],
)  # fmt: skip
def test_what_cannot_be_told_is_said(source: str) -> None:
    (sentence,) = effects_of(source).opaque
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    "source", ["exec('x = 1')", "from m import *", "%time x = 1", "%matplotlib inline", "!ls"]
)
def test_what_can_be_told_needs_no_word(source: str) -> None:
    assert effects_of(source).opaque == ()


def test_a_string_changed_by_a_call_is_not_trusted() -> None:
    source = "s = 'x = 1'\ndef f():\n    global s\n    s = t\nf()\nexec(s)"
    assert "*" in effects_of(source).may_writes
