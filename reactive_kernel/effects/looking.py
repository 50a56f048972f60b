"""Which names a cell only looks at, as far as its source tells.

A method of a value may change it, and so may whatever it is passed to. Most do not, by their
names: this is for what is to be expected, where looking is too dear. It is no proof.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Final

from .parsing import SOURCES_KEPT, plain_tree


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BUILTINS: Final = _words(
    """
    abs all any bool bytes callable dict dir display divmod enumerate filter float format
    frozenset getattr hasattr hash hex id int isinstance issubclass iter len list map max min
    oct ord pow print range repr reversed round set slice sorted str sum tuple type vars zip
    """
)
_SHOWING: Final = _words("bool display float int len max min print repr round str sum")
_LIBRARIES: Final = _words("np numpy pd pandas math statistics plt sns")
_CHANGING_FUNCTIONS: Final = _words(
    "copyto put place putmask fill_diagonal put_along_axis shuffle at"
)
_LOOK_AT_THREE: Final = _words("allclose clip interp isclose select where")
_CHANGING_ARGUMENTS: Final = _words("inplace out")
# Of the builtin types; of arrays and frames; of estimators, graphs and figures.
_METHODS: Final = _words(
    """
    bit_length capitalize casefold center conjugate copy count decode difference encode endswith
    expandtabs find format format_map get hex index intersection isalnum isalpha isdecimal
    isdigit isdisjoint isidentifier islower isnumeric isprintable isspace issubset issuperset
    istitle isupper items join keys ljust lower lstrip most_common partition removeprefix
    removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith
    strip swapcase symmetric_difference title total translate union upper values zfill

    abs add agg aggregate align all any apply applymap argmax argmin argpartition argsort
    asfreq asof assign astype at_time autocorr between between_time bfill boxplot choose clip
    combine combine_first compare compress convert_dtypes corr corrwith cov cummax cummin
    cumprod cumsum describe diagonal diff div divide dot drop drop_duplicates droplevel dropna
    duplicated eq equals eval ewm expanding explode factorize ffill fillna filter
    first_valid_index flatten floordiv ge groupby gt head hist idxmax idxmin info interpolate
    isin isna isnull item iterrows itertuples kurt kurtosis last_valid_index le lt map mask max
    mean median melt memory_usage merge min mod mode mul multiply ne nlargest nonzero notna
    notnull nsmallest nunique pct_change pipe pivot pivot_table plot pow prod product ptp
    quantile query rank ravel reindex rename rename_axis repeat resample reset_index reshape
    rolling round sample searchsorted select_dtypes sem set_axis set_index shift skew sort_index
    sort_values squeeze stack std sub subtract sum swapaxes swaplevel tail take tobytes to_csv
    to_dict to_excel to_frame to_html to_json to_latex to_list to_markdown to_numpy to_parquet
    to_pickle to_records to_sql to_string tolist trace transform transpose truediv truncate
    tz_convert tz_localize unique unstack value_counts var view where xs

    decision_function get_params neighbors nodes edges degree number_of_edges number_of_nodes
    has_edge has_node predict predict_log_proba predict_proba predecessors savefig score
    successors
    """
)


@lru_cache(maxsize=SOURCES_KEPT)
def only_looked_at(source: str) -> frozenset[str]:
    """Return names of which every use in a source looks like one that changes nothing.

    Parameters
    ----------
    source : str
        That of a cell.

    Returns
    -------
    frozenset of str
        None, where it is not plain Python.
    """
    tree = plain_tree(source)
    if tree is None:
        return frozenset()
    uses = _Uses(tree)
    changed = set(uses.changed)
    pending = list(changed)
    while pending:
        for name in uses.sources.get(pending.pop(), ()):
            if name not in changed:
                changed.add(name)
                pending.append(name)
    return frozenset(uses.seen - changed)


@lru_cache(maxsize=SOURCES_KEPT)
def only_shows_attributes(source: str) -> frozenset[str]:
    """Return names of which a source does nothing but show attributes.

    Parameters
    ----------
    source : str
        That of a cell.

    Returns
    -------
    frozenset of str
        None, where it is not plain Python, or may look one value up in another.
    """
    tree = plain_tree(source)
    if tree is None:
        return frozenset()
    nodes = list(ast.walk(tree))
    if any(map(_may_look_up, nodes)):
        return frozenset()
    asked = {node.value for node in nodes if isinstance(node, ast.Attribute)}
    names = {node for node in nodes if isinstance(node, ast.Name)}
    otherwise = {node.id for node in names - asked}
    return frozenset(node.id for node in names) - otherwise


def _may_look_up(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(name)):
            return name not in _SHOWING
        case ast.Subscript():
            return not isinstance(node.slice, ast.Constant)
    return isinstance(node, ast.Call | ast.Set | ast.Dict | ast.SetComp | ast.DictComp | ast.Match)


class _Uses:
    """What becomes of each name.

    Attributes
    ----------
    seen : set of str
        Names that are read.
    changed : set of str
        Those that may be changed by a use.
    sources : dict of str to set of str
        For each name bound here, those that it may hold a part of.
    """

    def __init__(self, tree: ast.AST) -> None:
        self.seen: set[str] = set()
        self.changed: set[str] = set()
        self.sources: dict[str, set[str]] = {}
        self._parents = {
            child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.seen.add(node.id)
                if not self._is_look(node.id, node):
                    self.changed.add(node.id)
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                self.changed.add(node.target.id)

    def _is_look(self, name: str, node: ast.AST) -> bool:
        """Tell whether what is done with an expression, or a part of it, changes nothing."""
        parent = self._parents[node]
        match parent:
            case ast.Attribute() | ast.Subscript():
                if parent.value is not node:
                    return True
                return isinstance(parent.ctx, ast.Load) and self._is_look(name, parent)
            case ast.Call():
                return self._is_harmless_call(parent, node) and self._is_look(name, parent)
            case ast.Expr() | ast.Compare() | ast.FormattedValue() | ast.UnaryOp() | ast.BinOp():
                return True
            case ast.If() | ast.While() | ast.Assert() | ast.Slice() | ast.ImportFrom():
                return True
            case ast.Assign() | ast.AnnAssign() | ast.NamedExpr() | ast.For() | ast.comprehension():
                return self._binds(name, node, parent)
            case (
                ast.BoolOp()
                | ast.IfExp()
                | ast.Tuple()
                | ast.List()
                | ast.Set()
                | ast.Dict()
                | ast.Starred()
                | ast.keyword()
                | ast.ListComp()
                | ast.SetComp()
                | ast.DictComp()
                | ast.GeneratorExp()
            ):
                return self._is_look(name, parent)
        return False

    def _binds(self, name: str, node: ast.AST, parent: ast.AST) -> bool:
        if isinstance(parent, ast.For | ast.comprehension):
            if parent.iter is not node:
                return isinstance(parent, ast.comprehension)
            targets: list[ast.AST] = [parent.target]
        elif isinstance(parent, ast.Assign):
            targets = list(parent.targets)
        else:
            assert isinstance(parent, ast.AnnAssign | ast.NamedExpr)
            targets = [parent.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(
                    part.ctx, ast.Load
                ):
                    return False
                if isinstance(part, ast.Name):
                    self.sources.setdefault(part.id, set()).add(name)
        return True

    def _is_harmless_call(self, call: ast.Call, node: ast.AST) -> bool:
        if any(_lets_change(keyword) for keyword in call.keywords):
            return False
        function = call.func
        if isinstance(function, ast.Name):
            return function.id in _BUILTINS
        if not isinstance(function, ast.Attribute):
            return False
        if function is node:
            return function.attr in _METHODS or self._root(function) in _LIBRARIES
        if self._root(function) in _LIBRARIES:
            # The third argument of most of numpy's functions is where the result goes.
            is_output = node in call.args[2:] and function.attr not in _LOOK_AT_THREE
            return not is_output and function.attr not in _CHANGING_FUNCTIONS
        return function.attr in _METHODS

    @staticmethod
    def _root(node: ast.AST) -> str | None:
        while isinstance(node, ast.Attribute):
            node = node.value
        return node.id if isinstance(node, ast.Name) else None


def _lets_change(keyword: ast.keyword) -> bool:
    """Tell whether an argument says that another may be changed."""
    in_place = keyword.arg == "copy" and getattr(keyword.value, "value", True) is False
    return in_place or keyword.arg in _CHANGING_ARGUMENTS
