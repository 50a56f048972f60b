"""Sources that do not parse, that are empty, and that mean the same."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reactive_kernel.effects import Effects, effects_of


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = (", 1),
        ("x = 1\ny = = 2", 2),
        ("x = 1\0", None),
        ("x = '\ud800'", None),
        ("return 1", 1),
        ("x = 1\nyield x", 2),
        ("class A:\n    return 1", 2),
        ("break", 1),
        ("if x:\n    continue", 2),
        ("def f():\n    break", 2),
        ("for i in r: pass\nelse:\n    break", 3),
        ("nonlocal x", 1),
        ("(" * 300, 1),
    ],
)
def test_what_cannot_run_has_a_problem_and_no_effects(source: str, line: int | None) -> None:
    effects = effects_of(source)
    assert effects.problem is not None
    assert effects.problem.message
    if line is not None:
        assert effects.problem.line == line
    assert effects == Effects(problem=effects.problem, source=source)


def test_nesting_too_deep_for_python_raises_nothing() -> None:
    effects = effects_of("x = " + "-" * 5_000 + "1")
    # Python versions differ in what is too deep to parse.
    assert effects.problem is not None or effects.opaque
    assert effects.meaning


def test_nesting_too_deep_to_follow_is_every_name() -> None:
    effects = effects_of("import a.b\ndef f(): pass\nx = y" + ".z" * 900)
    assert effects.problem is None
    assert {"y", "*"} <= effects.reads
    assert {"a", "f", "x", "*"} <= effects.may_writes
    assert effects.opaque


def test_long_sums_are_followed() -> None:
    assert effects_of("x = " + " + ".join(["y"] * 800)).reads == {"y"}


@pytest.mark.parametrize("source", ["", " ", "\n\n", "# x", "   # x\n\n# y", "\t\n"])
def test_empty(source: str) -> None:
    assert effects_of(source) == Effects(empty=True, source=source)


@pytest.mark.parametrize("source", ["x", "pass", "'text'", "%time", "..."])
def test_not_empty(source: str) -> None:
    assert not effects_of(source).empty


@given(st.text() | st.text(alphabet="xy=()[]{}:'\"\\%!?@;#$ \n\t\0", max_size=40))
def test_any_text_has_effects(source: str) -> None:
    effects = effects_of(source)
    assert effects.source == source
    assert effects.meaning == effects_of(source).meaning


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x  =  1  # comment"),
        ("f(a,b)", "f(\n    a,\n    b,\n)"),
        ("x = 'a'", 'x = "a"'),
        ("x = 'a' 'b'", "x = 'ab'"),
        ("x = u'a'", "x = 'a'"),
        ("x = 1\n\n\ny = 2", "x = 1; y = 2"),
        ("x", "(x)"),
        ("x;", "(x # c\n) ; # d"),
        ("x = 1", "x = 1;"),
        ("!ls", "!ls\n"),
        ("x = 16", "x = 0x10"),
    ],
)
def test_same_meaning(one: str, other: str) -> None:
    assert effects_of(one).meaning == effects_of(other).meaning


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 'a'", "x = b'a'"),
        ("x = 0.0", "x = -0.0"),
        ("x", "x;"),
        ("x", "x ; # comment"),
        ("x; y", "x; y;"),
        ("x + (y * z)", "(x + y) * z"),
        ("if a:\n    b\n    c", "if a:\n    b\nc"),
        ("%%bash\nls", "%%bash\nls # c"),
        ("x = (", "x = ["),
        ("x = (", "x = ( # c"),
        ("x = f(a)", "x = f(a,)()"),
        ("def f(): 'doc'", "def f(): 'cod'"),
        ("x.a", "x . b"),
    ],
)
def test_other_meaning(one: str, other: str) -> None:
    assert effects_of(one).meaning != effects_of(other).meaning


def test_numbers_too_long_to_write_out_have_a_meaning() -> None:
    source = "x = 0x" + "f" * 10_000
    assert effects_of(source).meaning != effects_of(source + "f").meaning


def test_looking_at_a_source_gives_no_warnings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert effects_of("x = '\\d'").problem is None


def test_plain_python_does_not_need_ipython() -> None:
    program = (
        "import sys\n"
        "from reactive_kernel.effects import effects_of\n"
        "effects_of('x = y').meaning\n"
        "assert 'IPython' not in sys.modules\n"
        "assert effects_of('%time x = y').reads == {'y'}\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
