"""The cells that notebooks are written from, as templates by topic.

In a template ``$l`` stands for a name of kind ``l``, drawn each time anew; ``$l1`` and ``$l2``
stand for two names of that kind, the same wherever they recur in the template; ``$k`` stands for
a digit. What a cell prints must be the same in every process: no addresses, no order of hashes.
"""

from __future__ import annotations

from .library_templates import NUMPY, PANDAS, RANDOM
from .topics import Topic

# Ints and lists of ints are part of every notebook.
BASE = Topic(
    {"i": ["i0", "i1", "i2"], "l": ["l0", "l1", "l2"]},
    {"i": ["$i1 = $k"], "l": ["$l1 = [$k, $k]", "$l1 = []", "$l1 = list(range($k))"]},
    [
        "$i = $k",
        "$i = $i + $k",
        "$i += $k",
        "$i1, $i2 = $i2, $i1",
        "$i1 = $i2 = $k",
        "$i: int = $k",
        "$i1: int",
        "$i = len($l) + $i",
        "$i = sum($l)",
        "$i = max([*$l, $k])",
        "$i = $k if $i > 3 else $i",
        "$i = $l.pop() if $l else $k",
        "print(($i := $k))",
        "if ($i := len($l)) > 1:\n    $l.append($k)",
        "if $i > 4:\n    $i = $k",
        "if $i % 2:\n    $l.append($k)",
        "if $i > 3:\n    $l1 = $l2\nelse:\n    $l1 = []",
        "$i, *$l = [$k, $k, *$l]",
        "*$l, $i = $l + [$k]",
        "[$i, ($l1, $l2)] = $i, ($l2, $l1)",
        "for $i in $l[:3]:\n    pass",
        "for q in range($i % 3):\n    $l.append(q)",
        "for q in $l[:2]:\n    $l.append(q)",
        "for $i in range($k):\n    if $i == 3:\n        break\nelse:\n    $i = $k",
        "for $l1[0:] in [[$k], [$k, $k]]:\n    pass",
        "for q in ($l, $l):\n    q.append($k)",
        "while $i1 > 4:\n    $i1 = -$i1",
        "while len($l1) > 3:\n    $l1.pop()",
        "match $l:\n    case [$i, *rest]:\n        pass\n    case _:\n        $i = $k",
        "match $i:\n    case 1 | 2:\n        $l = [$i]\n    case q:\n        $i = q % 7",
        "import contextlib\nwith contextlib.suppress(IndexError):\n    $l.append($l[$k])",
        "with __import__('contextlib').nullcontext($l) as $l:\n    $l.append($k)",
        "$l = [$k]",
        "$l1 = $l2",
        "$l1 = $l2",
        "$l1 = $l2 = [$k]",
        "$l1 = list($l2)",
        "$l1 = $l2[:]",
        "$l1 = $l2.copy()",
        "$l = $l1 or $l2",
        "$l = $l + $l[:1]",
        "$l1 = $l1",
        "$l1, $l2 = $l2, $l1",
        "$l = sorted($l)",
        "$l = [q + $i for q in $l]",
        "$l = [q for q in $l if q > $i]",
        "$l = [$i for q in $l[:3]]",
        "$l = [q for p in ($l, $l) for q in p[:2]]",
        "$l = list(map(lambda q: q + $i, $l))",
        "$l.append($i)",
        "$l.append($k)",
        "$l.append($k)",
        "$l.insert(0, $k)",
        "$l.extend($l[:2])",
        "$l1 += $l2[:3]",
        "$l += [$k]",
        "$l[:1] = [$k]",
        "$l[len($l):] = [$i]",
        "$l[-1:] = $l[:1]",
        "del $l[:1]",
        "$l.sort()",
        "$l.reverse()",
        "$l.clear()",
        "if $l1:\n    $l1[0] += 1",
        "if $l1:\n    $l1[0], $l1[-1] = $l1[-1], $l1[0]",
        "import heapq\nheapq.heappush($l, $k)",
        "from bisect import insort\ninsort($l, $k)",
        "list.append($l, $k)",
        "getattr($l, 'append')($k)",
        "[$l.append(q) for q in range(2)]",
        "$l.append($k) or print($l)",
        "del $i",
        "$i1 = $k\ndel $i1",
        "q = $l\ndel q[:1]\ndel q",
        "try:\n    $i = nothing\nexcept NameError as $i:\n    $l = [$k]",
        "try:\n    print($i)\nexcept NameError:\n    print('none')",
        "try:\n    $l1[$k] = 1\nexcept IndexError:\n    $l1.append(1)\nfinally:\n    $i = len($l1)",
        "try:\n    $l.append($k)\n    raise KeyError\nexcept KeyError:\n    $i = $k",
        "$l.append($k)\n1 / 0",
        "$i = 1 // ($i1 - $i1)",
        "$l[$k + 9]",
        "if $i > 5:\n    raise ValueError($i)",
        "print($i, $l)",
        "print($i, $i, $i)",
        "print($l1 is $l2, $l1 == $l2)",
        "print($l, $l)",
        "print($l)",
        "print(*[q * 2 for q in $l])",
        "print(f'{$i} {$l}')",
        "$l",
        "$i",
        "'only text'",
        "# only a comment",
    ],
)

NESTED = Topic(
    {"m": ["m0", "m1"], "d": ["d0", "d1"], "t": ["t0"]},
    {
        "m": ["$m1 = [[$k], []]", "$m1 = [[]] * 2"],
        "d": ["$d1 = {'a': [$k]}", "$d1 = dict(a=[$k, $k])"],
        "t": ["$t1 = ([$k], $k)"],
    },
    [
        "$l = $m[0]",
        "$l = $d['a']",
        "$l = $t[0]",
        "$m1 = $m2",
        "$m = [$l, $l]",
        "$m1 = list($m2)",
        "$m = [*$m, $l][-3:]",
        "$m = [list(q) for q in $m]",
        "import copy\n$m = copy.deepcopy($m)",
        "import copy\n$m = copy.copy($m)",
        "$m[0].append($k)",
        "$m[0] += [$k]",
        "$m[-1] = $l",
        "$m[0] = list($m[0])",
        "$m.append($l)",
        "$m.reverse()",
        "for q in $m:\n    q.append($k)",
        "for q in $m:\n    q = [$k]",
        "for $l in $m:\n    pass",
        "$l, *rest = $m",
        "($l1, $l2), $i = ($m[0], $m[-1]), $k",
        "$d1 = $d2",
        "$d = {'a': $l}",
        "$d = dict($d)",
        "$d = {**$d, 'b': $l}",
        "$d = {q: $l for q in 'ab'}",
        "$d = {'a': $m[0], 'b': $m[-1]}",
        "$d = {q: p[:2] for q, p in $d.items()}",
        "$d['a'].append($k)",
        "$d['a'] += [$k]",
        "$d['a'] = $l",
        "$d.setdefault('b', $l).append($k)",
        "$d.update(b=$l)",
        "$d |= {'c': $l}",
        "$d.pop('b', None)",
        "$l = $d.pop('b', $l)",
        "if 'b' in $d1:\n    del $d1['b']",
        "for q in $d.values():\n    q.append($k)",
        "for q in list($d1):\n    $d1[q] = $l",
        "match $d:\n    case {'a': $l}:\n        $l.append($k)",
        "$t = ($l, $k)",
        "$t = ($l, $m)",
        "$t = $t[:1] + ($k,)",
        "$l, $i = $t[0], $k",
        "$t[0].append($k)",
        "print($t[0], $t[0] is $l)",
        "print($m1, $d1)",
        "print($m, $m[0] is $l)",
        "print($d, $d['a'] is $l)",
        "print([q is $l for q in $m])",
        "print($m)",
        "print($d)",
    ],
)

FUNCTIONS = Topic(
    {"f": ["f0", "f1"], "h": ["h0", "h1"], "F": ["F0"]},
    {
        "f": ["def $f1():\n    return $k", "$f1 = lambda: $k"],
        "h": ["def $h1(x):\n    return x", "def $h1(x):\n    x.append($k)\n    return x"],
        "F": ["def $F1():\n    return $f() + $k"],
    },
    [
        "def $f():\n    return $i",
        "def $f():\n    return len($l) + $i",
        "def $f():\n    $l.append($k)\n    return len($l)",
        "def $f():\n    global $i1\n    $i1 = $k\n    return $i1",
        "def $f():\n    global $i1\n    if $i > 3:\n        $i1 = $k\n    return $k",
        "def $f(x=[]):\n    x.append(1)\n    return len(x)",
        "def $f(x=$l):\n    x.append($k)\n    return len(x)",
        "def $f(x=$i, *, y=$k):\n    return x + y",
        "$f = lambda: $i + $k",
        "$f = lambda x=$l: len(x)",
        "$f1 = $f2",
        "def $F():\n    return $f() + $i",
        "def $F():\n    def inner():\n        return $f()\n    return inner()",
        "def $h(x):\n    x.append($k)\n    return x",
        "def $h(x):\n    return x + [$i]",
        "def $h(x):\n    x[:] = sorted(x)\n    return x",
        "def $h(x):\n    $l.append($k)\n    return $l",
        "def $h(x):\n    x += $l[:2]\n    return x",
        "$h1 = $h2",
        "$h = list",
        "$h = sorted",
        "$i = $f()",
        "$i = $F()",
        "$f()",
        "$F()",
        "$h($l)",
        "$l = $h($l)",
        "$l1 = $h($l2)",
        "print($h($l))",
        "print($f(), $i)",
        "print($F())",
        "print([q() for q in ($f, $F)])",
        "print($h($l) is $l)",
        "from functools import partial\n$f = partial($f)",
        "from functools import partial\n$f = partial($h, $l)\n$f = partial(len, $l)",
        "from functools import reduce\n$i = reduce(lambda p, q: p + q, $l, $i)",
        "$f.n = $k",
        "$f.n = $l",
        "print(getattr($f, 'n', None))",
        "$f.__defaults__ = ()",
        "def $f1():\n    return $k\n$i = $f1()",
        "def $f1():\n    return $i\nprint($f1())",
        "print((lambda: $i + 1)())",
        "def twice(g):\n    return lambda: g() + g()\n$f = twice($f)",
        (
            "def deco(g):\n    def w():\n        return g() + $i\n    return w\n@deco\n"
            "def $f():\n    return $k"
        ),
        (
            "import functools\ndef deco(g):\n    @functools.wraps(g)\n    def w():\n"
            "        return g() + 1\n"
            "    return w\n@deco\ndef $f():\n    return $i"
        ),
        "def $f():\n    return [q + $i for q in $l][-1:] != []",
        "def $f():\n    try:\n        return $i\n    except NameError:\n        return $k",
        "fs = [$f1, $f2]\nprint(fs[-1]())",
        "fs = [$f]",
        "try:\n    print(fs[0]())\nexcept NameError:\n    print('no fs')",
        "fs = {'f': $f, 'h': $h}\nprint(fs['f'](), fs['h']($l))",
    ],
)

CLOSURES = Topic(
    {"c": ["c0", "c1"], "u": ["u0"]},
    {
        "c": [
            (
                "def make():\n    q = []\n    def h(x=0):\n        q.append(x)\n        "
                "return len(q)\n    return h\n$c1 = make()"
            ),
        ],
        "u": [
            (
                "def counter():\n    n = $k\n    def up():\n        nonlocal n\n        n += 1\n"
                "        return n\n    def get():\n        return n\n    return up, get\n"
                "$u1 = counter()"
            ),
        ],
    },
    [
        (
            "def make(q):\n    def h(x=0):\n        q.append(x)\n        return len(q)\n"
            "    return h\n$c = make($l)"
        ),
        (
            "def make():\n    n = $k\n    def h(x=0):\n        nonlocal n\n"
            "        n += x + 1\n        return n\n"
            "    return h\n$c = make()"
        ),
        "$c1 = $c2",
        "$c = (lambda q: lambda x=0: q.append(x) or len(q))($l)",
        "$c($k)",
        "$c()",
        "$i = $c()",
        "print($c())",
        "print($c($k), $l)",
        "$u[0]()",
        "print($u[1]())",
        "up, get = $u\nup()\nprint(get())",
        "$u = (($c), ($c))",
        "print($c is $u[0])",
        "$c.__closure__[0].cell_contents.append($k)",
    ],
)

ITERATORS = Topic(
    {"g": ["g0", "g1"]},
    {"g": ["$g1 = (q * 2 for q in range($k))", "$g1 = iter([$k, $k, $k])"]},
    [
        "$g = iter($l)",
        "$g = map(str, $l)",
        "$g = (q + $i for q in $l)",
        "$g = zip($l, $l)",
        "$g = enumerate($l)",
        "$g = reversed($l)",
        "$g = filter(None, $l)",
        "$g = iter(range($k))",
        "import itertools\n$g = itertools.islice(itertools.count($k), 4)\nprint(next($g))",
        "import itertools\n$g = itertools.chain($l, [$k])",
        "def gen():\n    for q in $l:\n        yield q + $i\n$g = gen()",
        (
            "def gen():\n    q = []\n    for _ in range(4):\n        q.append($k)\n"
            "        yield q\n$g = gen()"
        ),
        (
            "def gen(x):\n    x.append($k)\n    yield x\n    x.append($k)\n"
            "    yield from x\n$g = gen($l)"
        ),
        (
            "def gen():\n    q = yield 1\n    while q:\n        q = yield q\n"
            "$g = gen()\nnext($g)\n$g.send($k)"
        ),
        "$g1 = $g2",
        "next($g, None)",
        "$i = len(str(next($g, 0)))",
        "print(next($g, None))",
        "import itertools\nprint(list(itertools.islice($g, 2)))",
        "import itertools\nprint(list(itertools.islice($g, 9)))",
        "for q in $g:\n    break",
        "$g = iter($l)\nnext($g, 0)\nprint(*$g)",
        "$l = [len(str(q)) for p, q in zip(range(3), $g)]",
        "$g1, $g2 = iter($l), iter($l)",
        "keys = {'a': 1, 'b': 2}\n$g = iter(keys.items())",
        "print(type($g).__name__)",
    ],
)

CLASSES = Topic(
    {"C": ["C0", "C1"], "o": ["o0", "o1"], "b": ["b0"]},
    {
        "C": [
            "class $C1:\n    v = $k\n    def m(self):\n        return self.v",
            "class $C1:\n    v = $k\n    w = []\n    def m(self):\n        return len(self.w)",
        ],
        "o": [
            "class C2:\n    v = $k\n    def m(self):\n        return self.v\n$o1 = C2()",
        ],
        "b": ["$b1 = [$k].append"],
    },
    [
        "class $C:\n    v = $k\n    def m(self):\n        return $i",
        "class $C:\n    v = $i\n    def m(self):\n        self.v += 1\n        return self.v",
        (
            "class $C:\n    v = $k\n    w = $l\n    def m(self):\n        self.w.append(self.v)\n"
            "        return len(self.w)"
        ),
        (
            "class $C:\n    def __init__(self):\n        self.v = $k\n        self.w = []\n"
            "    def m(self):\n        self.w.append($k)\n        return len(self.w)"
        ),
        "class $C1($C2):\n    def m(self):\n        return super().m() + 1",
        (
            "class $C:\n    v = $k\n    @property\n    def p(self):\n        return $i\n"
            "    def m(self):\n        return self.p"
        ),
        (
            "class $C:\n    v = $k\n    @staticmethod\n    def s():\n        return $i\n"
            "    @classmethod\n    def c(cls):\n        cls.v += 1\n        return cls.v\n"
            "    def m(self):\n        return self.s() + self.c()"
        ),
        (
            "class $C:\n    __slots__ = ('v', 'w')\n    def __init__(self):\n        self.v = $k\n"
            "        self.w = $l\n    def m(self):\n        return len(self.w)"
        ),
        (
            "class $C:\n    v = 0\n    def m(self):\n        return self.v\n"
            "    def __setattr__(self, name, value):\n        object.__setattr__(self, name, value)"
        ),
        (
            "class $C:\n    v = $k\n    def m(self):\n        return self.v\n"
            "    def __call__(self):\n        $l.append(self.v)\n        return $i\n"
            "    def __len__(self):\n        return 3\n    def __getitem__(self, q):\n"
            "        return $l[:1]"
        ),
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass $C:\n    v: int = $k\n"
            "    w: list = field(default_factory=list)\n    def m(self):\n"
            "        self.w.append(self.v)\n        return len(self.w)"
        ),
        "$o = $C()",
        "$o1 = $o2",
        "import copy\n$o = copy.copy($o)",
        "import copy\n$o = copy.deepcopy($o)",
        "$o.v = $k",
        "$o.v = $i",
        "$o.v += 1",
        "$o.w = $l",
        "$o.w = $o",
        "setattr($o, 'v', $k)",
        "vars($o)['v'] = $k",
        "$o.__dict__.update(v=$k)",
        "$o.x = [$o]",
        "$l = getattr($o, 'w', $l)",
        "$i = $o.m()",
        "$o.m()",
        "if hasattr($o, 'w') and isinstance($o.w, list):\n    $o.w.append($k)",
        "$o.__class__ = $C",
        "$C.v += 1",
        "$C.v = $k",
        "$C.m = lambda self: $i",
        "$C1 = $C2",
        "setattr($C, 'w', $l)",
        "if hasattr($o1, 'x'):\n    del $o1.x",
        "$b = $l.append",
        "$b($k)",
        "$b(len($l))",
        "$b = $o.m",
        "print($b)  if $b is None else None",
        "import types\n$o = types.SimpleNamespace(v=$k, w=$l, m=lambda: $i)",
        "os_ = [$o, $o]",
        "os_ = [$o, $o]\nos_[0].v = $k",
        "print($o.v)",
        "print($o.v, $o.m())",
        "print($C.v, $C is $C)",
        "print($o1 is $o2, type($o1) is type($o2), isinstance($o, $C))",
        "print(sorted(vars($o)) if hasattr($o, '__dict__') else 'slots')",
    ],
)

CONTAINERS = Topic(
    {"z": ["z0", "z1"], "q": ["q0"], "D": ["D0"], "y": ["y0"], "v": ["v0"]},
    {
        "z": ["$z1 = {$k, $k}", "$z1 = set()"],
        "q": ["from collections import deque\n$q1 = deque([$k, $k], maxlen=4)"],
        "D": ["from collections import defaultdict\n$D1 = defaultdict(list)\n$D1['a'].append($k)"],
        "y": ["$y1 = [$k]\n$y1.append($y1)", "$y1 = {'v': $k}\n$y1['me'] = $y1"],
        "v": ["$v1 = {'a': $k}.items()"],
    },
    [
        "$z = {*$l}",
        "$z = set($z)",
        "$z1 = $z2",
        "$z.add($k)",
        "$z |= {$k}",
        "$z -= {$k}",
        "$z = {(q, frozenset({q + 1})) for q in $l[:2]}\n$z = {$k}",
        "$z.discard($k)",
        "$i = len($z)",
        "$z = frozenset($z)\n$z = set($z)",
        "$l = sorted($z)",
        "print(sorted($z), $k in $z)",
        "print($z1 is $z2)",
        "$q.append($k)",
        "$q.rotate(1)",
        "$q.appendleft($l)\n$q.popleft()",
        "$q.extend($l[:2])",
        "from collections import deque\n$q = deque($l, maxlen=3)",
        "from collections import deque\n$q = deque([$l, $l])",
        "print(list($q))",
        "if $q and isinstance($q[0], list):\n    $q[0].append($k)",
        "$D['a'].append($k)",
        "$D['b'] += [$k]",
        "$D['c'] = $l",
        "$l = $D['a']",
        "print($D['x'], len($D))",
        "from collections import defaultdict\n$D = defaultdict(lambda: $l)",
        "from collections import defaultdict\n$D = defaultdict(list, a=$l)",
        "print(sorted($D))",
        (
            "from collections import Counter\ncounted = Counter($l)\ncounted[1] += 1\n"
            "print(counted[1])"
        ),
        (
            "from collections import OrderedDict\nod = OrderedDict(a=$l)\nod['b'] = $k\n"
            "od.move_to_end('a')"
        ),
        (
            "from collections import namedtuple\nPair = namedtuple('Pair', 'x y')\n"
            "pair = Pair($l, $k)\n"
            "pair.x.append($k)\nprint(pair.y)"
        ),
        "$y = [$k, $l]\n$y.append($y)",
        "$y = {'v': $l}\n$y['me'] = $y",
        "if isinstance($y1, list):\n    $y1.insert(0, $k)\nelse:\n    $y1['v'] = $k",
        "if isinstance($y1, dict):\n    $y1['me']['w'] = $l",
        "left, right = {'l': $l}, {}\nleft['o'], right['o'] = right, left\n$y = left",
        "print(len($y), $y)",
        "base = {'a': $k, 'b': $l}\n$v = base.values()",
        "base = {'a': $k}\n$v = base.keys()",
        "try:\n    base['n'] = $k\nexcept NameError:\n    pass",
        "print(list($v))",
        "print(len($v))",
        "ba = bytearray(b'a')\nba.append($k)\nprint(ba)",
        "import array\nar = array.array('i', [$k])\nar.append($k)\nprint(ar[0])",
    ],
)


DYNAMIC = Topic(
    {},
    {},
    [
        "exec('$i = $k')",
        "exec('$l1.append($k)')",
        "exec('$l' + '.append($k)')",
        "exec('$i' + ' = $k')",
        "eval('$l').append($k)",
        "$i = eval('$i + ' + '$k')",
        "globals()['$i'] = $k",
        "globals()['$l'].append($k)",
        "globals()['$l1'] = $l2",
        "globals().update($i=$k, $l=$l)",
        "vars()['$i'] = $k",
        "locals()['$i'] = $k",
        "name = '$i'\nglobals()[name] = $k",
        "name = '$l'\nprint(globals().get(name))",
        "print('$i' in dir(), '$l' in globals())",
        "globals().pop('$i', None)",
        "import sys\nsys.modules['math'].pi > 3",
        "from keyword import *\nprint(iskeyword('if'))",
        "from string import *\nprint(digits)",
        "from bisect import *\ninsort($l, $k)",
        "from operator import *\nprint(add($i, $k))",
        "print(iskeyword('x') if 'iskeyword' in globals() else 'none')",
        "try:\n    print(digits)\nexcept NameError:\n    print('no digits')",
        "digits = '$k'",
        "import math\nprint(math.floor($i / 2))",
        "import math as digits\nprint(digits.pi > $k)",
        "del digits",
    ],
)

BUILTINS = Topic(
    {},
    {},
    [
        "len = lambda x: $k",
        "del len",
        "sum = max",
        "sum = lambda x: $i",
        "del sum",
        "sorted = list",
        "def sorted(x):\n    return x",
        "try:\n    del sorted\nexcept NameError:\n    pass",
        "try:\n    del len, sum\nexcept NameError:\n    print('not both')",
        "say = print",
        "try:\n    say($i)\nexcept NameError:\n    print('cannot say')",
        "import builtins\nprint = builtins.print",
        "from functools import partial\nimport builtins\nprint = partial(builtins.print, '>')",
        "del print",
        "print(len($l), sum($l))",
        "print(sorted($l))",
        "$l = sorted($l)",
        "list = tuple\n$i = len(list([$k]))\ndel list",
        "if $i > 5:\n    sum = len",
    ],
)

CACHED = Topic(
    {"e": ["e0"]},
    {"e": ["import functools\n@functools.lru_cache\ndef $e1(x):\n    return x + 1"]},
    [
        "import functools\n@functools.lru_cache\ndef $e(x):\n    return x * 2",
        "import functools\n@functools.cache\ndef $e(x):\n    return [x]",
        "print($e($k))",
        "$e($i)",
        "q = $e($k)\nif isinstance(q, list):\n    q.append(1)",
        (
            "from functools import singledispatch\n@singledispatch\ndef sd(x):\n    return $i\n"
            "@sd.register(list)\ndef _l(x):\n    return len(x)\nprint(sd($l), sd($i))"
        ),
        (
            "from functools import cached_property\nclass P:\n    @cached_property\n"
            "    def p(self):\n        return $i\npp = P()"
        ),
        "try:\n    print(pp.p)\nexcept NameError:\n    pass",
    ],
)


TOPICS = {
    "nested": NESTED,
    "functions": FUNCTIONS,
    "closures": CLOSURES,
    "iterators": ITERATORS,
    "classes": CLASSES,
    "containers": CONTAINERS,
    "random": RANDOM,
    "dynamic": DYNAMIC,
    "builtins": BUILTINS,
    "cached": CACHED,
    "numpy": NUMPY,
    "pandas": PANDAS,
}
