"""Sequences of cells that belong together, each seen to go wrong in some kernel.

A cell that is a tuple may be written in each of these ways: one is drawn at first, and an edit
may turn it into another. Placeholders are those of the templates, but the same name is meant by
the same placeholder in all cells of a motif.
"""

from __future__ import annotations

from typing import Final

Motif = list[str | tuple[str, ...]]

MOTIFS: Final[list[Motif]] = [
    ["$g9 = iter([1, 2, 3])", "w8 = $g9", "print(x8, next(w8))", ("x8 = next($g9)", "x8 = 1")],
    ["$l1 = [[]]", ("", "$l2 = $l1[0]"), "$l1.append(2)", ("", "$l2.append(9)"), "print($l1)"],
    ["$l1 = []", ("$l2 = list($l1)", "$l2 = $l1", "$l2 = $l1[:]"), "$l2.append(1)", "print($l1)"],
    [
        ("$l1 = []", "$l1 = list()"),
        "$l2 = $l1",
        ("$l2.append(1)", "$l2.append(2)", "$l2 += [1]"),
        "print($l1, $l2)",
    ],
    [
        "$l1 = [[]]",
        "$l2 = $l1[0]",
        ("$l2.append(1)", "$l2.append(2)"),
        "print($l1, $l2)",
        ("", "$l1[0].append(3)"),
    ],
    [("$i1 = 5", "$i1 = 6", ""), "if True:\n    $i1 = 5", "print($i1)"],
    [("$i1 = 5", "$i1 = 6"), ("s = '$i1=5'\nexec(s)", "exec('$i1=5')"), "print($i1)"],
    ["$l1 = []", "$l2 = $l1", ("", "$l1 = 7"), "$l2.append(1)", "print($l1, $l2)", "$l1 = []"],
    ["$l1 = [1]", ("", "$l2 = $l1"), "$l1 += [2]", "print($l1)", ("", "print($l2)")],
    [
        ("$i1 = 1", "$i1 = 2"),
        "def f9():\n    return $i1",
        ("fs9 = [f9]", "fs9 = (f9, f9)", "g9 = f9\nfs9 = [g9]"),
        "print(fs9[0]())",
    ],
    [
        ("$g9 = (q for q in range(3))", "$g9 = iter(range(3))", "$g9 = iter([0, 1, 2])"),
        "print(next($g9))",
        ("print(next($g9))", "print(next($g9), 9)", ""),
        "print(next($g9, None))",
    ],
    [
        "$l1 = [1, 2]",
        ("$g9 = map(str, $l1)", "$g9 = iter($l1)", "$g9 = (q for q in $l1)"),
        ("$l1.append(3)", "$l1.append(4)", ""),
        "print(list($g9))",
    ],
    [
        "$l1 = []",
        ("$l1.append(1)\n1 / 0", "$l1.append(2)", "$l1.append(1); 1/1"),
        ("print($l1)", "$l1.append(3)\nprint($l1)"),
    ],
    [
        (
            "def mk():\n    q = []\n    def h():\n        q.append(1)\n"
            "        return len(q)\n    return h\n"
            "h9 = mk()"
        ),
        "print(h9())",
        ("print(h9(), 7)", "print(h9())", ""),
        ("k9 = h9", "k9 = mk()", "k9 = lambda: h9()"),
        "print(k9())",
    ],
    [
        "class A9:\n    v = 1",
        "o9 = A9()",
        ("A9.v += 1", "A9.v += 5", "o9.v += 5"),
        "print(o9.v)",
    ],
    [
        "class A9:\n    w = []",
        "o9 = A9()\np9 = A9()",
        ("o9.w.append(1)", "p9.w.append(2)", "A9.w.append(3)", "o9.w = [4]"),
        "print(o9.w, p9.w, A9.w)",
    ],
    [
        "def f9(x=[]):\n    x.append(1)\n    return len(x)",
        "print(f9())",
        ("print(f9(), 1)", "print(f9())"),
    ],
    [
        "$i1 = 1",
        "del $i1",
        ("", "$i1 = 2"),
        "try:\n    print($i1)\nexcept NameError:\n    print('no')",
    ],
    [
        ("print9 = print", "print9 = repr"),
        ("", "print = lambda *q: None", "print = repr"),
        "try:\n    print9($i1)\n    print($i1)\nfinally:\n    pass",
        ("", "del print"),
        "print($i1)",
    ],
    [
        "$l1 = [3]\n$l2 = {'k': $l1}",
        ("$l2['k'].append(4)", "$l1.append(4)", "$l2['k'] = [3, 4]"),
        ("x9 = $l2['k'] is $l1", "x9 = $l2['k'] == $l1"),
        "print(x9, $l1, $l2)",
    ],
    [
        "$l1 = [1]",
        (
            "b9 = $l1.append",
            "b9 = lambda q: $l1.append(q)",
            "from functools import partial\nb9 = partial(list.append, $l1)",
        ),
        ("b9(2)", "b9(3)", "b9(2); b9(2)"),
        ("$l1 = [0]", ""),
        "b9(5)",
        "print($l1)",
    ],
    [
        "import heapq\n$l1 = [5, 8]",
        ("heapq.heappush($l1, 1)", "heapq.heappush($l1, 2)", "heapq.heapify($l1)"),
        "x9 = heapq.heappop($l1)",
        "print(x9, $l1)",
    ],
    [
        "x9 = {}\ny9 = {'x': x9}\nx9['y'] = y9",
        ("x9['n'] = 1", "y9['x']['n'] = 2", "x9['y']['x']['n'] = 3"),
        ("z9 = y9['x']", "z9 = dict(x9)"),
        "z9['m'] = 4",
        "print(sorted(x9), sorted(z9))",
    ],
    [
        "random.seed(1)",
        "print(random.random())",
        ("", "random.random()", "random.seed(2)", "random.random()\n1 / 0"),
        "print(random.random())",
    ],
    [
        "from random import Random\nr9 = Random(0)",
        ("x9 = r9.randrange(9)", "x9 = r9.randrange(8)", "x9 = [r9.randrange(9), r9.randrange(9)]"),
        ("s9 = r9", "s9 = Random(0)"),
        "print(x9, s9.randrange(99), r9.randrange(99))",
    ],
    [
        ("$i1 = 1", "$i1 = 2"),
        "class K9:\n    def m(self):\n        return $i1",
        ("k9 = K9()", "k9 = [K9()][0]", "k9 = K9().m"),
        "print(k9.m() if hasattr(k9, 'm') else k9())",
    ],
    [
        "def change9(x):\n    x.append(1)\n    return x",
        "$l1 = []",
        ("y9 = change9($l1)", "y9 = change9(list($l1))", "y9 = change9($l1[:])"),
        "y9.append(2)",
        "print($l1, y9)",
    ],
    [
        "$l1 = [1]",
        ("if $i1 > 3:\n    $l2 = $l1", "if $i1 <= 3:\n    $l2 = $l1", "$l2 = $l1"),
        "$l2.append(7)",
        "print($l1, $l2)",
        ("$i1 = 2", "$i1 = 5"),
    ],
    [
        "def w9():\n    global $i1\n    $i1 = 7",
        ("w9()", "g9 = w9\ng9()", "[w9][0]()", ""),
        "print($i1)",
        ("$i1 = 3", "w9()", ""),
        "print($i1)",
    ],
    [
        "$l1 = [[1], [2]]",
        ("for q in $l1:\n    q.append(3)", "for q in map(list, $l1):\n    q.append(3)"),
        ("x9, *y9 = $l1", "[x9, y9] = $l1[:2]"),
        ("x9.append(4)", "x9 = x9 + [4]", "x9 += [4]"),
        "print($l1, x9, y9)",
    ],
    [
        "$l1 = (1, [2])",
        ("x9 = $l1[1]", "x9 = list($l1[1])", "q9, x9 = $l1"),
        "try:\n    $l1[1] += [3]\nexcept TypeError:\n    print('changed all the same')",
        "print($l1, x9)",
    ],
    [
        "import numpy\na9 = numpy.zeros(3)",
        ("v9 = a9[:2]", "v9 = a9[:2].copy()", "v9 = a9.view()"),
        ("v9[0] = 1", "a9[0] = 2", "v9 += 1"),
        "print(a9, v9)",
    ],
    [("$i1 = 5", "$i1 = 6", ""), "if $i2 < 9:\n    $i1 = 5", "print($i1)"],
    [("", "len = lambda q: 7"), "print(len([1, 2]))", ("", "del len"), "print(len([1]))"],
    [("$i1 = 1", "$i1 = 2"), "if $i2 > 3:\n    $i1 = 9\nprint($i1)", ("$i2 = 2", "$i2 = 5")],
    [("$i1 = 1", ""), "del $i1", ("", "$i1 = 3"), "print($i2)"],
    [("$i1 = 1", "$i1 = 2"), "def f9():\n    return $i1\n\nprint(f9())", "print(f9())"],
    [
        ("$i1 = 1", "$i1 = 2"),
        "name9 = '$i1'",
        ("print(globals()[name9])", "print(eval(name9 + ' + 1'))"),
    ],
    [
        ("from keyword import *", ""),
        "from keyword import *",
        "try:\n    print(iskeyword('if'))\nexcept NameError:\n    print('no')",
    ],
    ["$l1 = []", "$l2 = []", ("", "$l2 = $l1"), "print($l1 is $l2)"],
    [
        "$l1 = [[1]]",
        "$l2 = $l1[0]",
        ("$l1[0] = list($l1[0])", "$l1[0] = $l1[0]", ""),
        "$l2.append(2)",
        "print($l1, $l2)",
    ],
    ["$i1 = 1", ("$i1 = 2\n1 / 0", "$i1 = 3", "$i1 = 2\ndel $l1\n1 / 0"), "print($i1)"],
    ["$l1 = [1]", ("", "$l1 = [1]"), "$l2 = [$l1]", ("", "$l1.append(5)"), "print($l1, $l2)"],
    [
        "$g9 = iter([1, 2, 3, 4])",
        ("next($g9)\n1 / 0", "next($g9)", "w9 = [$g9]\n1 / 0"),
        ("print(next($g9, None))", "next($g9)\n1 / 0"),
        "print(list($g9))",
    ],
    [
        (
            "class N9:\n    made = []\n    def __new__(cls):\n        cls.made.append(1)\n"
            "        return super().__new__(cls)"
        ),
        "n9 = N9()",
        ("n9.x = [1]", "n9.x = $l1", "n9.x = []\n1 / 0"),
        ("n9.x.append(2)", "n9.x.append(2)\n1 / 0", "n9 = N9()\nn9.x = [3]"),
        "print(getattr(n9, 'x', None), N9.made)",
    ],
    [
        (
            "class G9:\n    def __init__(self):\n        self.asked = []\n"
            "    def __getattr__(self, name):\n        self.asked.append(name)\n        return 1"
        ),
        "g9 = G9()",
        ("g9.x = $l1", "g9.y", "g9.x = [2]"),
        ("g9.asked.append(3)", "g9.asked.append(3)\n1 / 0"),
        "print(g9.x, g9.asked)",
    ],
    [
        "class P9:\n    pass",
        "p9 = P9()",
        ("", "class P9:\n    pass"),
        ("q9 = p9", "q9 = P9()"),
        "print(p9 == q9, q9 in [p9], isinstance(p9, P9), type(q9) == type(p9))",
    ],
    [
        "class P9:\n    def __repr__(self):\n        return 'P9'",
        "p9 = P9()",
        ("q9 = p9", "q9 = P9()"),
        ("d9 = {p9: 1}", "d9 = [q9]", "d9 = [p9, q9]"),
        "print(len({p9, q9}), list(d9).count(q9))",
    ],
    [
        (
            "class L9(list):\n    pass\no9 = L9()",
            "class D9(dict):\n    pass\no9 = D9()",
            "import types\no9 = types.SimpleNamespace()",
        ),
        "d9 = vars(o9)",
        ("d9['x'] = 2", "d9['x'] = $l1", "o9.x = 3"),
        ("o9.x = 4", "d9.update(x=5)", ""),
        "print(getattr(o9, 'x', 0), d9.get('x'), d9 is vars(o9))",
    ],
    [
        "class O9:\n    pass\no9 = O9()\no9.x = 1",
        ("d9 = vars(o9)", "d9 = dict(vars(o9))", "d9 = o9.__dict__"),
        ("d9['y'] = 2", "d9['x'] = 3", "d9.clear()"),
        ("o9.x = 4", ""),
        "print(sorted(vars(o9).items()), sorted(d9.items()))",
    ],
    [
        "$l1 = []",
        "d9 = {'k': []}\ndef put9(x):\n    x['k'] = $l1",
        ("d9.update(k=$l1)", "put9(d9)", "d9['k'] = $l1", ""),
        ("put9(d9)", "d9.update(k=$l1)", "d9 |= {'k': $l1}"),
        ("$l1.append(1)", "d9['k'].append(2)", ""),
        "print(d9, d9['k'] is $l1)",
    ],
    [
        "d9 = {}\n$l1 = []",
        ("$l1 = [1]", "$l1 = [1]\nd9['k'] = $l1", "d9['k'] = $l1 = [1]", "d9.update(k=$l1)"),
        ("d9.get('k', []).append(2)", "$l1.append(3)", ""),
        "print(d9, d9.get('k') is $l1)",
    ],
    [
        "import pandas\nseries9 = pandas.Series([1, 2, 3])\narray9 = []",
        ("array9 = series9.to_numpy()", "array9 = series9.values", "series9 = series9.copy()", ""),
        (
            "series9.iloc[0] = 9",
            "series9[:] = 4",
            "array9 = series9.to_numpy()\nseries9.iloc[1] = 7",
        ),
        ("series9.iloc[2] += 1", "array9 = series9.values[1:]", "series9 = series9 * 2"),
        "print(series9.tolist(), list(array9))",
    ],
    [
        "import numpy\nbase9 = numpy.arange(4)\nview9 = base9",
        (
            "view9 = numpy.ma.array(base9, copy=False)",
            "view9 = base9.view(numpy.recarray)",
            "view9 = base9[1:]",
        ),
        ("base9[1] = 7", "view9[1] = 8", "base9 = base9 + 1"),
        "print(list(view9), list(base9))",
    ],
]
