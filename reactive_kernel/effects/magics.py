"""IPython's magics, and the text in them that names variables."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Final, NamedTuple

from .names import EVERY_NAME, Names
from .nested import evaluate, guarded, run, statements_in
from .parsing import parse_expression
from .sql import reactive, sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DOLLAR: Final = re.compile(r"\$(\$?[\w.]+)")
_NAME: Final = re.compile(r"[^\W\d]\w*")
_SCRIPT_OUTPUT: Final = re.compile(r"--(?:out|err|proc)(?:\s+|=)(?P<name>[^\W\d]\w*)")


class _Options(NamedTuple):
    """Letters of options: those that stand alone, and those followed by a value."""

    alone: str
    valued: str

    def split(self, line: str) -> tuple[list[tuple[str, str]], str]:
        """Take the options off the front of a line."""
        alone = f"[{self.alone}]*" if self.alone else ""
        pattern = re.compile(
            rf"\s*-(?P<alone>{alone})(?:(?P<letter>[{self.valued}])\s*(?P<value>\S+))?(?=\s|$)"
        )
        found: list[tuple[str, str]] = []
        match = pattern.match(line)
        while match is not None and match.end() > 0 and match[0].strip() != "-":
            found.extend((letter, "") for letter in match["alone"])
            if match["letter"]:
                found.append((match["letter"], match["value"]))
            line = line[match.end() :]
            match = pattern.match(line)
        return found, line.strip()


# Variables in the text of a line


def expand(names: Names, text: str) -> None:
    """Read the variables that IPython puts into a line: ``{expression}`` and ``$name``."""
    names.inert = False
    for field in _fields(text):
        # IPython leaves the whole line as it is once something in it does not evaluate.
        if parse_expression(field) is None or not evaluate(names, field):
            return


def _fields(text: str) -> Iterator[str]:
    try:
        for literal, field, spec, _ in Formatter().parse(text):
            for match in _DOLLAR.finditer(literal):
                quotes = literal.count("'", match.end())
                if not match[1].startswith("$") and quotes % 2 == 0:
                    yield match[1]
            if field is not None:
                yield f"{field}:{spec}" if spec else field
    except ValueError:
        # A brace without its fellow.
        return


# Line magics


def _words(text: str) -> list[str]:
    return text.split()


_QUIET_LINES: Final = frozenset(
    _words("""
alias alias_magic aimport autoawait autocall autoindent automagic autoreload autosave bookmark
cat cd clear code_wrap colors conda config connect_info cp dhist dirs doctest_mode env gui
hist history killbgscripts ldir less lf lk ll load_ext logoff logon logstart logstate logstop
ls lsmagic lx magic mamba man matplotlib micromamba mkdir more mv notebook pastebin pdb pip
popd pprint precision pushd pwd pycat qtconsole quickref rehashx reload_ext rm rmdir save
set_env subshell sx system tb unalias unload_ext uv xmode
""")
)


def line_magic(names: Names, name: str, line: str) -> None:
    """Go through a line magic.

    Parameters
    ----------
    names
        What gathers its effects.
    name
        The name of the magic, without percent sign.
    line
        The rest of the line.
    """
    names.inert = False
    name = name.lstrip("%")
    runner = _RUNNING_LINES.get(name)
    if runner is not None:
        runner(names, line)
        return
    expand(names, line)
    if name in _QUIET_LINES:
        return
    handler = _LINES.get(name)
    if handler is not None:
        handler(names, line)
    else:
        names.tell(f"%{name} is not known: what it reads and writes cannot be told.")


def _time(names: Names, line: str) -> None:
    statement = line.replace("--no-raise-error", "", 1)
    if statement == line:
        run(names, line)
    else:
        guarded(names, lambda: run(names, statement))


_TIMEIT: Final = _Options("tcqo", "nrpv")
_PRUN: Final = _Options("rq", "DlsT")
_LPRUN: Final = _Options("rsz", "fmDTu")
_MEMIT: Final = _Options("co", "rti")
_DEBUG: Final = _Options("", "b")


def _timeit(names: Names, line: str, body: str | None = None) -> None:
    options, statement = _TIMEIT.split(line)
    # It runs in a function, where what it assigns is local.
    statements = [each for text in (statement, body or "") for each in statements_in(text) or ()]
    names.use([names.procedure(statements)])
    for letter, value in options:
        if letter == "v":
            names.store_global(value)


def _prun(names: Names, line: str, body: str | None = None) -> None:
    _, statement = _PRUN.split(line)
    run(names, statement if body is None else f"{statement}\n{body}")


def _profiled(options: _Options) -> Callable[[Names, str, str | None], None]:
    def handler(names: Names, line: str, body: str | None = None) -> None:
        found, statement = options.split(line)
        for letter, value in found:
            if letter in "fm":
                evaluate(names, value)
        run(names, f"{statement}\n{body or ''}")

    return handler


_lprun = _profiled(_LPRUN)
_memit = _profiled(_MEMIT)
_debug = _profiled(_DEBUG)


def _inspect(names: Names, line: str) -> None:
    match = _NAME.match(line.strip())
    if match is not None:
        evaluate(names, match[0])


def _everything(names: Names, _line: str) -> None:
    names.load_everything()


def _page(names: Names, line: str) -> None:
    evaluate(names, line.replace("-r", "", 1))


def _unknown(sentence: str) -> Callable[[Names, str], None]:
    """Make the handler of a magic that runs code which is not in the source."""

    def handler(names: Names, _line: str) -> None:
        names.tell(sentence)
        names.load_everything()
        names.store_global(EVERY_NAME)

    return handler


def _run_file(names: Names, line: str) -> None:
    names.tell("%run may write any name.")
    words = line.split()
    if "-i" in words or any(word.endswith((".ipynb", ".ipy")) for word in words):
        names.load_everything()
    if "-n" in words:
        names.load_global("__name__")
    names.store_global(EVERY_NAME)


def _pylab(names: Names, _line: str) -> None:
    names.tell("%pylab may write any name.")
    names.store_global(EVERY_NAME)


def _not_run(sentence: str) -> Callable[[Names, str], None]:
    def handler(names: Names, _line: str) -> None:
        names.tell(sentence)

    return handler


def _store(names: Names, line: str) -> None:
    words = line.split()
    options = {word for word in words if word.startswith("-")}
    rest = [word for word in words if not word.startswith("-")]
    if "-r" in options:
        names.tell("%store -r takes values from outside the notebook.")
        for name in rest or [EVERY_NAME]:
            guarded(names, lambda name=name: names.store_global(name))  # type: ignore[misc]
    elif not options:
        for name in rest:
            if name.startswith(">"):
                break
            evaluate(names, name)


def _macro(names: Names, line: str) -> None:
    words = [word for word in line.split() if not word.startswith("-")]
    if len(words) > 1:
        names.tell("%macro takes its text from the history.")
        names.store_global(words[0])


def _reset(names: Names, line: str) -> None:
    words = line.split()
    if any(word in ("in", "out", "dhist", "array") for word in words):
        return
    names.tell("%reset deletes names.")
    names.forget_global(EVERY_NAME)


def _xdel(names: Names, line: str) -> None:
    for word in line.split():
        if _NAME.fullmatch(word):
            evaluate(names, word)
            names.forget_global(word)


def _sc(names: Names, line: str) -> None:
    target, equals, _ = line.partition("=")
    words = target.split()
    if equals and words and _NAME.fullmatch(words[-1]):
        names.store_global(words[-1])


_RUNNING_LINES: Final[dict[str, Callable[..., None]]] = {
    "time": _time,
    "timeit": _timeit,
    "prun": _prun,
    "debug": _debug,
    "reactive": reactive,
    "sql": sql,
}

_LINES: Final[dict[str, Callable[[Names, str], None]]] = {
    "lprun": lambda names, line: _lprun(names, line, None),
    "mprun": lambda names, line: _lprun(names, line, None),
    "memit": lambda names, line: _memit(names, line, None),
    **dict.fromkeys(("pinfo", "pinfo2", "pdef", "pdoc", "pfile", "psource"), _inspect),
    **dict.fromkeys(("who", "whos", "who_ls", "psearch"), _everything),
    "page": _page,
    "run": _run_file,
    "pylab": _pylab,
    "load": _not_run("%load replaces the cell by text from elsewhere."),
    "loadpy": _not_run("%loadpy replaces the cell by text from elsewhere."),
    "edit": _not_run("%edit opens an editor."),
    "ed": _not_run("%ed opens an editor."),
    **dict.fromkeys(
        ("rerun", "recall", "rep", "paste", "cpaste"),
        _unknown("Code that is not in this cell may read and write any name."),
    ),
    "store": _store,
    "macro": _macro,
    "reset": _reset,
    "reset_selective": _reset,
    "xdel": _xdel,
    "del": _xdel,
    "sc": _sc,
}


# Cell magics

_QUIET_CELLS: Final = frozenset(
    {
        *("HTML", "SVG", "html", "javascript", "js", "latex", "markdown", "svg"),
        *("code_wrap", "file", "writefile"),
    }
)
_SCRIPTS: Final = frozenset(
    {
        *("bash", "cmd", "sh", "script"),
        *("perl", "pypy", "python", "python2", "python3", "ruby"),
    }
)


def cell_magic(names: Names, name: str, line: str, body: str) -> None:
    """Go through a cell magic.

    Parameters
    ----------
    names
        What gathers its effects.
    name
        The name of the magic, without percent signs.
    line
        The rest of its first line.
    body
        The lines below.
    """
    names.inert = False
    runner = _RUNNING_CELLS.get(name)
    if runner is not None:
        runner(names, line, body)
        return
    expand(names, line)
    if name in _QUIET_CELLS:
        return
    if name in _SCRIPTS:
        for match in _SCRIPT_OUTPUT.finditer(line):
            guarded(names, lambda name=match["name"]: names.store_global(name))  # type: ignore[misc]
        return
    handler = _CELLS.get(name)
    if handler is not None:
        handler(names, line, body)
    else:
        names.tell(f"%%{name} is not known: what it reads and writes cannot be told.")


def _time_cell(names: Names, line: str, body: str) -> None:
    if "--no-raise-error" in line:
        guarded(names, lambda: run(names, body))
    else:
        run(names, body)


def _capture(names: Names, line: str, body: str) -> None:
    # Errors of the body are shown, and do not end the cell.
    guarded(names, lambda: run(names, body))
    for word in line.split():
        if not word.startswith("-") and _NAME.fullmatch(word):
            if body.rstrip().endswith(";"):
                names.forget_global(word)
            else:
                names.store_global(word)
            return


def _shell_cell(names: Names, line: str, body: str) -> None:
    expand(names, body)
    match = re.search(r"(?:--out(?:\s+|=)|-o\s*)([^\W\d]\w*)", line)
    if match is not None:
        names.store_global(match[1])


_RUNNING_CELLS: Final[dict[str, Callable[[Names, str, str], None]]] = {
    "time": _time_cell,
    "timeit": _timeit,
    "prun": _prun,
    "debug": _debug,
    "sql": sql,
}

_CELLS: Final[dict[str, Callable[[Names, str, str], None]]] = {
    "capture": _capture,
    "sx": _shell_cell,
    "system": _shell_cell,
    "!": _shell_cell,
    "memit": _memit,
}
