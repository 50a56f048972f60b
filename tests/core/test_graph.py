"""After any sequence of operations and runs, the graph is what the plain fold finds."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reactive_kernel.notebook import Changes, Node, Status
from reactive_kernel.traces import fold
from reactive_kernel.versions import Absent

from .player import Player

SOURCES = [
    "",
    "# note",
    "a = 1",
    "a = 2",
    "b = a",
    "b = a + 1",
    "c = a, b",
    "print(a)",
    "print(b, c)",
    "a = a + 1",
    "def f(): return a",
    "def f():\n    global c\n    c = 3\n    return b",
    "c = f()",
    "l = [f]",
    "print(l[0]())",
    "del a",
    "if b:\n    a = 7",
    "1 / 0",
    "b = 1 / 0",
    "c = (",
    "from math import *",
    "print(pi)",
    "pi = 3",
    "a = []",
    "a.append(1)",
    "a[0] = 5",
    "exec('b' + '=2')",
    "try:\n    a\nexcept NameError as e:\n    b = 0",
    "import math as a",
]

steps = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.sampled_from(SOURCES), st.integers(0, 9)),
        st.tuples(st.just("update"), st.sampled_from(SOURCES), st.integers(0, 9)),
        st.tuples(st.just("delete"), st.none(), st.integers(0, 9)),
        st.tuples(st.just("move"), st.integers(0, 9), st.integers(0, 9)),
        st.tuples(st.just("restore"), st.none(), st.integers(0, 9)),
        st.tuples(st.just("run"), st.sampled_from(["reactive", "only"]), st.integers(0, 9)),
        st.tuples(st.just("run all"), st.sampled_from(["all", "stale"]), st.just(0)),
        st.tuples(st.just("mode"), st.sampled_from(["auto", "lazy"]), st.just(0)),
    ),
    max_size=25,
)


class Follower:
    """Adds changes up, as a client does."""

    def __init__(self) -> None:
        self.status: dict[str, Status] = {}
        self.nodes: dict[str, Node] = {}
        self.edges: dict[tuple[str, str], tuple[str, ...]] = {}
        self.problems: list[Any] = []

    def take(self, changes: Changes) -> None:
        self.status.update(changes.status)
        for cell_id, node in changes.nodes.items():
            if node is None:
                del self.nodes[cell_id]
            else:
                self.nodes[cell_id] = node
        for edge in changes.removed:
            del self.edges[edge]
        self.edges.update(changes.edges)
        if changes.problems is not None:
            self.problems = changes.problems


class Story:
    """Carries steps out."""

    def __init__(self) -> None:
        self.player = Player()
        self.follower = Follower()
        self.deleted: list[tuple[str, str]] = []

    def do(self, kind: str, what: Any, at: int) -> None:
        player, ids = self.player, self.player.ids
        if kind == "create":
            player.create(what, min(at, len(ids)))
        elif kind == "restore" and self.deleted:
            cell_id, source = self.deleted.pop(at % len(self.deleted))
            player.create(source, min(at, len(ids)), cell_id)
        elif kind == "run all":
            player.run(what)
        elif kind == "mode":
            player.notebook.mode = what
        elif ids and kind in ("update", "delete", "move", "run"):
            cell_id = ids[at % len(ids)]
            if kind == "update":
                player.update(cell_id, what)
            elif kind == "delete":
                self.deleted.append((cell_id, player.notebook.document[cell_id].source))
                player.delete(cell_id)
            elif kind == "move":
                player.move(cell_id, what % len(ids))
            else:
                player.run([cell_id], what)

    def check(self) -> None:
        notebook = self.player.notebook
        graph = notebook.graph
        found = fold(notebook.document, notebook.records)
        assert {cell_id: graph[cell_id] for cell_id in found} == found
        edges = {
            (provider, cell_id)
            for cell_id, finding in found.items()
            for provider, entry in finding.inputs.values()
            if provider is not None and not isinstance(entry, Absent)
        }
        assert set(graph.edges.edges) == edges
        assert set(graph.edges) == {i for i, f in found.items() if f.state != "idle"}
        fresh = type(graph)(notebook.document, notebook.records, notebook.session_names)
        fresh.update(cell.id for cell in notebook.document)
        assert graph.problems() == fresh.problems()
        self.follower.take(notebook.take_changes())
        here = notebook.document
        assert {i: s for i, s in self.follower.status.items() if i in here} == notebook.statuses()
        assert self.follower.nodes == notebook.nodes()
        assert self.follower.edges == {
            (start, end): names for start, end, names in graph.edges.edges(data="names")
        }
        assert self.follower.problems == graph.problems()


@settings(max_examples=300, deadline=None)
@given(steps)
def test_the_graph_is_what_the_fold_finds(story: list[tuple[str, Any, int]]) -> None:
    told = Story()
    for step in story:
        told.do(*step)
        told.check()


@settings(max_examples=300, deadline=None)
@given(steps)
def test_what_is_not_marked_shows_what_run_all_shows(story: list[tuple[str, Any, int]]) -> None:
    told = Story()
    for step in story:
        told.do(*step)
    told.player.run("stale")
    told.player.check_promise()
