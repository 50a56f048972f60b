"""Times marimo's graph: run by the Python that has marimo, prints JSON."""

import json
import sys
import time

from marimo._ast.compiler import compile_cell
from marimo._runtime.dataflow import DirectedGraph


def main(sizes):
    print(json.dumps({size: times(size) for size in sizes}))


def times(size):
    register, edit = [], []
    for number in range(3):
        sources = [f"m{number}_0 = 0"]
        sources += [f"m{number}_{i} = m{number}_{i - 1} + 1" for i in range(1, size)]
        start = time.perf_counter()
        graph = DirectedGraph()
        for i, source in enumerate(sources):
            graph.register_cell(str(i), compile_cell(source, cell_id=str(i)))
        register.append(time.perf_counter() - start)
        last = str(size - 1)
        for change in range(5):
            start = time.perf_counter()
            cell = compile_cell(f"{sources[-1]} + {change}", cell_id=last)
            graph.delete_cell(last)
            graph.register_cell(last, cell)
            edit.append(time.perf_counter() - start)
    return {"register": register, "edit": edit}


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
