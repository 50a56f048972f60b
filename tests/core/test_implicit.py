"""State that cells share beside variables: what a cell left is what the cells below find."""

from __future__ import annotations

import decimal
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .judge import check_promise
from .player import Player


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """Each test starts in an empty folder, and leaves the process as it was."""
    before, environment = Path.cwd(), dict(os.environ)
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)
    os.environ.clear()
    os.environ.update(environment)
    decimal.setcontext(decimal.Context())


NOTEBOOKS = {
    "log filters": (
        [
            "import logging\nlog = logging.getLogger('filtered')",
            "print(len(log.filters))",
            "log.addFilter(lambda record: False)",
            "log.addFilter(lambda record: True)",
            "print(len(log.filters))",
        ],
        "pass",
    ),
    "working directory": (
        [
            "import os\nos.makedirs('a/b', exist_ok=True)",
            "print(os.path.basename(os.getcwd()) in ('a', 'b'))",
            "os.chdir('a')",
            "os.chdir('b')",
            "print(os.path.basename(os.getcwd()))",
        ],
        "os.chdir('a/..')\nos.makedirs('b', exist_ok=True)",
    ),
    "environment": (
        [
            "import os",
            "print(os.environ.get('KIND'))",
            "os.environ['KIND'] = 'one'",
            "os.environ['KIND'] += ' more'",
            "print(os.environ['KIND'])",
        ],
        "os.environ['KIND'] = 'two'",
    ),
    "search path": (
        [
            "import sys",
            "print('/nowhere' in sys.path)",
            "sys.path.append('/nowhere')",
            "sys.path.append('/elsewhere')",
            "print(sys.path[-2:])",
        ],
        "sys.path.insert(0, '/nowhere')\nsys.path.append('x')",
    ),
    "warnings": (
        [
            "import warnings",
            "print(warnings.filters[0][2] is UserWarning)",
            "warnings.simplefilter('ignore', UserWarning)",
            "warnings.simplefilter('error', FutureWarning)",
            "print([f[0] for f in warnings.filters if f[2] in (UserWarning, FutureWarning)])",
        ],
        "warnings.simplefilter('once', UserWarning)",
    ),
    "pandas": (
        [
            "import pandas as pd\ndf = pd.DataFrame({'a': range(50)})",
            "print(df)",
            "pd.set_option('display.max_rows', 6)",
            "pd.options.display.min_rows = 4",
            "print(df)",
        ],
        "pd.set_option('display.max_rows', 5)",
    ),
    "polars": (
        [
            "import polars as pl\ndf = pl.DataFrame({'a': [1 / 3, 2.0, 3.0]})",
            "print(df)",
            "pl.Config.set_tbl_rows(1)",
            "pl.Config.set_float_precision(2)",
            "print(df)",
        ],
        "pl.Config.set_tbl_rows(2)",
    ),
    "numpy": (
        [
            "import numpy as np\na = np.array([1 / 3, 2 / 3])",
            "print(a)",
            "np.set_printoptions(precision=3)",
            "np.set_printoptions(linewidth=8)",
            "print(a)",
        ],
        "np.set_printoptions(precision=2)",
    ),
    "matplotlib": (
        [
            "import matplotlib as mpl",
            "print(mpl.rcParams['lines.linewidth'])",
            "mpl.rcParams['lines.linewidth'] = 7",
            "mpl.rc('font', size=3)",
            "print(mpl.rcParams['lines.linewidth'], mpl.rcParams['font.size'])",
        ],
        "mpl.rcParams['lines.linewidth'] = 8",
    ),
    "attributes of a module": (
        [
            "import colorsys",
            "print(hasattr(colorsys, 'extra'), colorsys.ONE_THIRD > 1)",
            "colorsys.extra = 1",
            "colorsys.extra = colorsys.ONE_THIRD + 1\ncolorsys.ONE_THIRD = 5",
            "print(colorsys.extra, colorsys.ONE_THIRD)",
        ],
        "colorsys.extra = 10",
    ),
    "attributes of a submodule": (
        [
            "import os",
            "print(os.path.exists('x'))",
            "os.path.exists = lambda path: 'mine'",
            "os.path.isdir = lambda path: 'mine too'",
            "print(os.path.exists('x'), os.path.isdir('x'))",
        ],
        "os.path.exists = lambda path: 'other'",
    ),
    "attributes of a class, used by its instances": (
        [
            "from pathlib import Path\nhere = Path('.')",
            "print(hasattr(here, 'kind'))",
            "Path.kind = 'one'",
            "Path.kind = getattr(Path, 'kind', '') + '!'",
            "print(here.kind)",
        ],
        "Path.kind = 'two'",
    ),
    "attributes of a class, used by functions": (
        [
            "import json\nfrom json import dumps\nfrom decimal import Decimal",
            "print(hasattr(json.JSONEncoder, 'mine'))",
            "json.JSONEncoder.default = lambda self, value: 'one'",
            "json.JSONEncoder.mine = 1",
            "try:\n    print(dumps(Decimal(1)))\nexcept TypeError:\n    print('no')",
        ],
        "json.JSONEncoder.default = lambda self, value: 'two'",
    ),
    "the working directory by another name": (
        [
            "import os\nfrom os import chdir, getcwd\nos.makedirs('c/d', exist_ok=True)",
            "print(getcwd().endswith('c'))",
            "chdir('c')",
            "chdir('d')",
            "print(getcwd()[-3:])",
        ],
        "chdir('.')\nos.makedirs('d', exist_ok=True)",
    ),
    "options seen by another library": (
        [
            (
                "import numpy as np\nfrom scipy.sparse import csr_matrix\n"
                "third = csr_matrix([[1 / 3]])"
            ),
            "print(third)",
            "np.set_printoptions(precision=3)",
            "np.set_printoptions(suppress=True)",
            "print(third)",
        ],
        "np.set_printoptions(precision=2)",
    ),
    "a function of os.path by its name": (
        [
            "import os\nfrom os.path import expandvars",
            "print(expandvars('$KIND'))",
            "os.environ['KIND'] = 'one'",
            "os.environ['KIND'] = os.environ.get('KIND', 'no') + ' more'",
            "print(expandvars('$KIND'))",
        ],
        "os.environ['KIND'] = 'two'",
    ),
    "the home of the user": (
        [
            "import os\nfrom pathlib import Path",
            "print(Path('~/x').expanduser() == Path('/one/x'))",
            "os.environ['HOME'] = '/one'",
            "os.environ['HOME'] += '/more'",
            "print(Path('~/x').expanduser().as_posix())",
        ],
        "os.environ['HOME'] = '/two'",
    ),
    "the environment that a library asks": (
        [
            "import os\nfrom sklearn.datasets import get_data_home",
            "print(get_data_home().endswith('one'))",
            "os.environ['SCIKIT_LEARN_DATA'] = os.path.abspath('one')",
            "os.environ['SCIKIT_LEARN_DATA'] = os.path.abspath(get_data_home()) + '/more'",
            "print(get_data_home()[-8:])",
        ],
        "os.environ['SCIKIT_LEARN_DATA'] = os.path.abspath('two')",
    ),
    "what pandas draws": (
        [
            (
                "import matplotlib\nmatplotlib.use('Agg')\nimport pandas as pd\n"
                "import matplotlib.pyplot as plt\nfrom pandas.plotting import scatter_matrix\n"
                "data = pd.DataFrame({'a': [1, 2, 3.0], 'b': [3, 1, 2.0]})"
            ),
            "print(len(plt.get_fignums()))",
            "plt.rcParams['figure.figsize'] = (4, 4)",
            "plt.rcParams['figure.facecolor'] = 'red'",
            "print(scatter_matrix(data)[0, 0].figure.get_size_inches())",
        ],
        "plt.rcParams['figure.figsize'] = (7, 4)",
    ),
    "a decimal context that is put back": (
        [
            "from decimal import *",
            "old = getcontext()\nprint(Decimal(1) / 3)",
            "setcontext(Context(prec=3))",
            "print(Decimal(1) / 3)\nsetcontext(old)",
            "print(Decimal(1) / 3)",
        ],
        "setcontext(Context(prec=5))",
    ),
    "set by a function": (
        [
            "import os\ndef choose(kind):\n    os.environ['KIND'] = kind",
            "print(os.environ.get('KIND'))",
            "choose('one')",
            "os.environ['KIND'] += ' more'",
            "print(os.environ['KIND'])",
        ],
        "choose('two')",
    ),
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_cell_finds_what_run_all_gives_it(name: str, folder: Path) -> None:
    sources, edit = NOTEBOOKS[name]
    player = Player(*sources)
    player.run("all")
    check_promise(player, folder)
    for cell_id in ("c1", "c3", "c4", "c2", "c0", "c1"):
        player.run([cell_id])
        check_promise(player, folder)
    steps: list[Callable[[], object]] = [
        lambda: player.update("c2", edit),
        lambda: player.delete("c2") if name not in ("environment", "set by a function") else None,
        lambda: player.create(edit, 1, "c2") if "c2" not in player.ids else None,
        lambda: player.update("c0", sources[0] + "\n0"),
    ]
    for step in steps:
        step()
        player.run("stale")
        check_promise(player, folder)


@pytest.mark.parametrize("known", [False, True])
def test_what_is_set_where_it_is_imported(known: bool, folder: Path) -> None:
    for module in ("tabnanny", "tarfile"):
        sys.modules.pop(module, None)
        if known:
            importlib.import_module(module)
    player = Player(
        "import tabnanny as t, sys\nt.verbose = 3",
        "from tarfile import TarFile\nTarFile.debug = 2",
        "print(t.verbose, TarFile.debug, type(sys.modules['tarfile'].__loader__).__name__)",
    )
    player.run("all")
    check_promise(player, folder)
    player.update("c0", "import tabnanny as t, sys")
    player.run("stale")
    check_promise(player, folder)
    player.update("c1", "from tarfile import TarFile\nTarFile.debug += 1")
    player.run("stale")
    check_promise(player, folder)


EDITED = {
    "draws": (
        [
            "import numpy as np\nnp.random.seed(7)",
            "a = np.random.rand(3)",
            "print(np.random.rand())",
        ],
        "a = np.random.rand(4)",
    ),
    "seeds": (
        ["import random", "random.seed(7)", "print(random.random())"],
        "random.seed(8)",
    ),
    "sets an option": (
        [
            "import pandas as pd",
            "pd.set_option('display.precision', 2)",
            "print(pd.Series([1.23456]))",
        ],
        "pd.set_option('display.precision', 3)",
    ),
    "writes a file": (
        [
            "from pathlib import Path",
            "Path('k.txt').write_text('a')",
            "print(Path('k.txt').read_text())",
        ],
        "Path('k.txt').write_text('b')",
    ),
}


@pytest.mark.parametrize("name", EDITED)
def test_a_cell_waits_for_one_that_was_edited(name: str, folder: Path) -> None:
    sources, edit = EDITED[name]
    player = Player(*sources)
    player.run("all")
    player.update("c1", edit)
    assert player.run(["c0"]).executed == ["c0"]
    assert player.states() == ["fresh", "stale", "stale"]
    assert player.run(["c2"]).executed == ["c1", "c2"]
    check_promise(player, folder)
    player.update("c1", "a = 5")
    player.create("print(2)", 3)
    player.run(["c1"])
    assert player.state("c1") == "fresh"


def test_who_set_it_is_said() -> None:
    player = Player("import os", "os.environ['KIND'] = 'one'", "print(os.environ['KIND'])")
    player.run("all")
    reads = {read.name: (read.cell, read.kind) for read in player.notebook.explain("c2").reads}
    assert reads["os:environ"] == ("c1", "cell")
    assert player.notebook.explain("c1").writes == ("os:environ",)
    assert player.notebook.graph.edge("c1", "c2") == ("os:environ",)
    assert "os:environ" not in player.notebook.nodes()["c0"].reads


def test_a_failing_cell_sets_nothing() -> None:
    player = Player(
        "import os",
        "os.environ['KIND'] = 'one'\n1 / 0",
        "print(os.environ.get('KIND'))",
    )
    player.run("all")
    assert player.states() == ["fresh", "failed", "fresh"]
    assert player.printed("c2") == "None\n"


def test_what_an_import_has_set_stays_when_it_runs_again(folder: Path) -> None:
    (folder / "noisy.py").write_text("import os\nos.environ['NOISY'] = '1'\n")
    player = Player(
        f"import sys\nsys.path.append({str(folder)!r})",
        "import noisy",
        "import os\nprint(os.environ.get('NOISY'))",
    )
    player.run("all")
    check_promise(player, folder)
    player.run(["c1"])
    player.run(["c2"])
    check_promise(player, folder)
    del sys.modules["noisy"]


def test_a_console_sets_it_for_all_cells() -> None:
    player = Player("import os", "print(os.environ.get('KIND'))")
    player.run("all")
    before = player.namespace.before_console()
    os.environ["KIND"] = "set"
    player.namespace.after_console(before)
    player.run(["c1"])
    assert player.printed("c1") == "set\n"


def test_drawing_goes_on_where_the_cell_above_left_it(folder: Path) -> None:
    player = Player(
        "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt",
        "plt.figure()\nplt.plot([1, 2])",
        "plt.plot([3, 4])",
        "print(len(plt.gca().lines), len(plt.get_fignums()))",
        "plt.close()",
        "print(len(plt.get_fignums()))",
    )
    player.run("all")
    check_promise(player, folder)
    for cell_id in ("c2", "c3", "c1"):
        player.run([cell_id])
        check_promise(player, folder)
    player.update("c2", "plt.plot([3, 4])\nplt.plot([5, 6])")
    player.run("stale")
    check_promise(player, folder)
    assert player.printed("c3") == "3 1\n"
    player.delete("c2")
    player.run("stale")
    check_promise(player, folder)


def test_figures_that_a_deleted_plot_has_left_open_belong_to_no_other_cell() -> None:
    player = Player(
        "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt",
        "plt.plot([1, 2])",
        "print(len(plt.get_fignums()))",
    )
    player.run("all")
    assert player.printed("c2") == "1\n"
    player.update("c1", "import networkx as nx\ng = nx.path_graph(3)")
    player.update("c2", "g.add_edge(0, 9)")
    player.run("all")
    assert player.states() == ["fresh"] * 3
    assert "matplotlib:figures" not in player.notebook.records["c1"].trace.writes
