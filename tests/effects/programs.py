"""Random small programs that end, as text."""

from __future__ import annotations

from hypothesis import strategies as st

VARIABLES = ("a", "b", "c", "d")
FUNCTIONS = ("f", "g")
CLASSES = ("K",)
POOL = VARIABLES + FUNCTIONS + CLASSES

Draw = st.DrawFn
Lines = list[str]


def indented(lines: Lines) -> Lines:
    return [f"    {line}" for line in lines]


class Writer:
    """Draws one program; `local` and `depth` keep it valid and small."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.in_function = False
        self.in_class = False
        self.in_comprehension = 0
        self.in_loop = False
        self.in_finally = False
        self.declared: set[str] = set()

    def pick(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def variable(self) -> str:
        return self.pick(*VARIABLES)

    # Expressions

    def expr(self, depth: int = 2) -> str:
        kinds = ["name", "name", "number"]
        if depth > 0:
            kinds += ["sum", "and", "or", "not", "if", "compare", "call", "log", "text", "lambda"]
            kinds += ["method", "handed", "default"]
            if self.in_comprehension < 2:
                kinds += ["list", "generator", "nested", "dict"]
            if not self.in_comprehension and not self.in_class:
                kinds += ["walrus", "walrus"]
            if not self.in_comprehension:
                kinds += ["globals", "eval", "get"]
        kind = self.pick(*kinds)
        return getattr(self, f"_{kind}")(depth - 1)

    def _name(self, _depth: int) -> str:
        return f"int({self.variable()})" if self.draw(st.booleans()) else self.variable()

    def _number(self, _depth: int) -> str:
        return self.pick("0", "1", "fresh()")

    def _sum(self, depth: int) -> str:
        return f"({self.expr(depth)} + {self.expr(depth)})"

    def _and(self, depth: int) -> str:
        return f"({self.expr(depth)} and {self.expr(depth)})"

    def _or(self, depth: int) -> str:
        return f"({self.expr(depth)} or {self.expr(depth)})"

    def _not(self, depth: int) -> str:
        return f"(not {self.expr(depth)})"

    def _if(self, depth: int) -> str:
        return f"({self.expr(depth)} if {self.expr(depth)} else {self.expr(depth)})"

    def _compare(self, depth: int) -> str:
        return f"({self.expr(depth)} < {self.expr(depth)} < {self.expr(depth)})"

    def _call(self, _depth: int) -> str:
        return f"{self.pick(*FUNCTIONS)}()"

    def _handed(self, _depth: int) -> str:
        function = self.pick(*FUNCTIONS)
        return self.pick(f"apply({function})", f"[{function}][0]()", f"{{1: {function}}}[1]()")

    def _method(self, _depth: int) -> str:
        return self.pick("K().m()", "K.x", "K().y")

    def _log(self, depth: int) -> str:
        return f"log({self.expr(depth)})"

    def _text(self, _depth: int) -> str:
        return f"len(f'{{{self.variable()}}}{{{self.variable()}:>{{{self.pick('2', '3')}}}}}')"

    def _walrus(self, depth: int) -> str:
        return f"({self.variable()} := int({self.expr(depth)}))"

    def _lambda(self, depth: int) -> str:
        outer = self.in_function, self.in_class
        self.in_class = False
        body = self.expr(depth)
        self.in_function, self.in_class = outer
        return f"(lambda: {body})()"

    def _default(self, _depth: int) -> str:
        name = self.variable()
        return f"(lambda {name}={self.expr(0)}: {name})()"

    def _comprehension(self, depth: int, template: str) -> str:
        first = self.expr(0)
        self.in_comprehension += 1
        target = self.variable()
        element, condition = self.expr(depth), self.expr(depth)
        self.in_comprehension -= 1
        return template.format(
            element=element, target=target, first=f"many({first})", condition=condition
        )

    def _list(self, depth: int) -> str:
        return self._comprehension(depth, "sum([{element} for {target} in {first} if {condition}])")

    def _generator(self, depth: int) -> str:
        return self._comprehension(depth, "sum({element} for {target} in {first})")

    def _dict(self, depth: int) -> str:
        return self._comprehension(depth, "len({{{element}: {condition} for {target} in {first}}})")

    def _nested(self, depth: int) -> str:
        other = self.variable()
        return self._comprehension(
            depth,
            "sum([{element} for {target} in {first} for " + other + " in many({condition})])",
        )

    def _globals(self, _depth: int) -> str:
        return f"globals()[{self.variable()!r}]"

    def _get(self, _depth: int) -> str:
        name = self.variable()
        return self.pick(f"globals().get({name!r}, 0)", f"({name!r} in globals())")

    def _eval(self, _depth: int) -> str:
        return f"eval({self.expr(0)!r})"

    # Statements

    def block(self, depth: int, size: int = 3) -> Lines:
        lines: Lines = []
        for _ in range(self.draw(st.integers(1, size))):
            lines += self.statement(depth)
        return lines

    def statement(self, depth: int) -> Lines:
        kinds = ["assign", "assign", "assign", "augment", "show", "show", "delete", "unpack"]
        kinds += ["import_", "assert_", "annotate", "exec_", "store_global"]
        if self.in_loop:
            kinds += ["break_", "continue_"]
        if self.in_function and not self.in_class:
            kinds += ["closure"]
            if not self.in_finally:
                kinds += ["return_"]
        if depth > 0:
            kinds += ["if_", "for_", "while_", "forever", "try_", "with_", "match_", "raise_"]
            kinds += ["def_", "def_", "class_", "alias", "keep", "decorated"]
        return getattr(self, f"_{self.pick(*kinds)}")(depth - 1)

    def _assign(self, _depth: int) -> Lines:
        return [f"{self.variable()} = {self.value()}"]

    def value(self) -> str:
        # What a function gives a global name is told by its being another object.
        return "fresh()" if self.in_function or self.in_class else f"int({self.expr()})"

    def _augment(self, _depth: int) -> Lines:
        return [f"{self.variable()} += {self.expr(1)}"]

    def _show(self, _depth: int) -> Lines:
        return [f"log({self.expr()})"]

    def _delete(self, _depth: int) -> Lines:
        return [f"del {self.variable()}"]

    def _unpack(self, _depth: int) -> Lines:
        first, second = self.variable(), self.variable()
        one, two = ("fresh()", "fresh()") if self.in_function else (self.value(), self.value())
        return [
            self.pick(
                f"{first}, {second} = {one}, {two}",
                f"{first} = {second} = fresh()",
                f"{first}, *K.x = fresh(), 2",
            )
        ]

    def _import_(self, _depth: int) -> Lines:
        return [self.pick("import math as a", "from math import pi as b, e as c", "import math")]

    def _assert_(self, _depth: int) -> Lines:
        return [f"assert {self.expr(1)}, {self.expr(0)}"]

    def _annotate(self, _depth: int) -> Lines:
        name = self.variable()
        if name in self.declared:
            return ["pass"]
        return [self.pick(f"{name}: {self.variable()} = fresh()", f"{name}: {self.variable()}")]

    def _exec_(self, _depth: int) -> Lines:
        kept = self.in_loop, self.in_function, self.in_class, self.declared
        self.in_loop, self.in_function, self.declared = False, False, set()
        text = "\n".join(self.block(0, 2))
        in_function = kept[1]
        self.in_loop, self.in_function, self.in_class, self.declared = kept
        if in_function or self.in_class:
            return [f"exec({text!r})"]
        return self.draw(st.sampled_from([[f"exec({text!r})"], [f"text = {text!r}", "exec(text)"]]))

    def _store_global(self, _depth: int) -> Lines:
        name = self.variable()
        return [
            self.pick(
                f"globals()[{name!r}] = fresh()",
                f"globals().update({name}=fresh())",
                f"globals().pop({name!r}, None)",
                f"globals().setdefault({name!r}, fresh())",
                f"globals()[{name!r}] += 1",
            )
        ]

    def _break_(self, _depth: int) -> Lines:
        return ["break"]

    def _continue_(self, _depth: int) -> Lines:
        return ["continue"]

    def _return_(self, _depth: int) -> Lines:
        return [f"return {self.expr(1)}"]

    def _raise_(self, _depth: int) -> Lines:
        return ["raise ValueError"]

    def _if_(self, depth: int) -> Lines:
        condition = self.pick(self.expr(), "True", "False")
        lines = [f"if {condition}:", *indented(self.block(depth))]
        if self.draw(st.booleans()):
            lines += ["else:", *indented(self.block(depth))]
        return lines

    def _loop(self, head: str, depth: int, start: Lines) -> Lines:
        outer, self.in_loop = self.in_loop, True
        lines = [head, *indented(start), *indented(self.block(depth))]
        self.in_loop = outer
        if self.draw(st.booleans()):
            lines += ["else:", *indented(self.block(depth))]
        return lines

    def _for_(self, depth: int) -> Lines:
        items = self.pick(f"many({self.expr(1)})", "(1, 2)", "[]")
        return self._loop(f"for {self.variable()} in {items}:", depth, [])

    def _while_(self, depth: int) -> Lines:
        return self._loop(f"while tick() and {self.expr(1)}:", depth, [])

    def _forever(self, depth: int) -> Lines:
        return self._loop("while True:", depth, ["if not tick(): break"])

    def _try_(self, depth: int) -> Lines:
        lines = ["try:", *indented(self.block(depth))]
        shape = self.pick("except", "finally", "both")
        if shape != "finally":
            name = self.variable()
            head = self.pick(
                f"except Exception as {name}:", "except Exception:", "except NameError:"
            )
            lines += [head, *indented(self.block(depth))]
            if self.draw(st.booleans()):
                lines += ["else:", *indented(self.block(depth))]
        if shape != "except":
            # Leaving a loop or function there swallows what ends a program.
            outer = self.in_loop, self.in_finally
            self.in_loop, self.in_finally = False, True
            lines += ["finally:", *indented(self.block(0))]
            self.in_loop, self.in_finally = outer
        return lines

    def _with_(self, depth: int) -> Lines:
        manager = self.pick("suppress(Exception)", "nothing()")
        target = self.pick("", f" as {self.variable()}")
        return [f"with {manager}{target}:", *indented(self.block(depth))]

    def _match_(self, depth: int) -> Lines:
        lines = [f"match {self.pick('(1, 2)', '[1]', self.value())}:"]
        for _ in range(self.draw(st.integers(1, 2))):
            one, two = VARIABLES[0], VARIABLES[1]
            pattern = self.pick(f"[{one}, {two}]", f"[{one}, *{two}]", "0", f"int() as {one}", "_")
            if pattern == "_":
                lines += indented([f"case _ if {self.expr(1)}:", *indented(self.block(depth))])
            else:
                guard = self.pick("", f" if {self.expr(1)}")
                lines += indented([f"case {pattern}{guard}:", *indented(self.block(depth))])
        if self.draw(st.booleans()):
            lines += indented([f"case {self.variable()}:", *indented(self.block(depth))])
        return lines

    def body_of_function(self, depth: int) -> Lines:
        kept = self.in_loop, self.in_function, self.in_class, self.in_comprehension, self.declared
        self.in_loop, self.in_function, self.in_class, self.in_comprehension = False, True, False, 0
        self.declared = set(self.draw(st.sets(st.sampled_from(VARIABLES), max_size=3)))
        lines = ["tick()"]
        if self.declared:
            lines.append(f"global {', '.join(sorted(self.declared))}")
        lines += self.block(min(depth, 1))
        lines.append(f"return {self.expr(1)}")
        self.in_loop, self.in_function, self.in_class, self.in_comprehension, self.declared = kept
        return lines

    def _def_(self, depth: int) -> Lines:
        parameters = ""
        return [
            f"def {self.pick(*FUNCTIONS)}({parameters}):",
            *indented(self.body_of_function(depth)),
        ]

    def _closure(self, _depth: int) -> Lines:
        name = self.variable()
        if name in self.declared:
            return ["pass"]
        return [
            f"{name} = fresh()",
            "def inner():",
            f"    nonlocal {name}",
            f"    {name} = fresh() + {self.variable()}",
            f"    return lambda: {name} + {self.variable()}",
            "log(inner()())",
        ]

    def _decorated(self, depth: int) -> Lines:
        return [f"@{self.pick('apply', 'keep', 'wrap')}", *self._def_(depth)]

    def _class_(self, depth: int) -> Lines:
        kept = self.in_loop, self.in_function, self.in_class, self.declared
        self.in_loop, self.in_class, self.declared = False, True, set()
        body = self.block(0, 2)
        self.in_loop, self.in_function, self.in_class, self.declared = kept
        base = self.pick("", "(K)", "(Base)")
        return [
            f"class K{base}:",
            *indented(body),
            f"    x = {self.pick(*VARIABLES)}",
            "    def m(self):",
            *indented(indented(self.body_of_function(depth))),
            "    @property",
            "    def y(self):",
            f"        return log({self.pick(*VARIABLES)})",
        ]

    def _alias(self, _depth: int) -> Lines:
        return [self.pick("g = f", "f = g", "f, g = g, f", "f = lambda: log(a)")]

    def _keep(self, _depth: int) -> Lines:
        return [self.pick("h = [f, g]", "h = {'k': f}", "h = f"), *self._call_kept()]

    def _call_kept(self) -> Lines:
        return self.draw(st.sampled_from([[], ["log(apply(h))"]]))


@st.composite
def programs(draw: Draw) -> str:
    writer = Writer(draw)
    return "\n".join(writer.block(3, 5)) + "\n"
