"""The suite that the Jupyter project offers to every kernel."""

from __future__ import annotations

from typing import ClassVar

import jupyter_kernel_test


class TestReactiveKernel(jupyter_kernel_test.KernelTests):
    """What ipykernel passes, its history of ranges left out, which it does not answer as asked."""

    kernel_name = "reactive"
    language_name = "python"
    file_extension = ".py"

    code_hello_world = "print('hello, world')"
    code_stderr = "import sys\nprint('test', file=sys.stderr)"
    code_page_something = "print?"
    code_generate_error = "raise ValueError('some error')"
    code_inspect_sample = "print"
    code_clear_output = "from IPython.display import clear_output\nclear_output()"

    completion_samples: ClassVar = [{"text": "zi", "matches": {"zip"}}]
    complete_code_samples: ClassVar = ["1", "print('hello')", "def f(x):\n  return x * 2\n\n\n"]
    incomplete_code_samples: ClassVar = ["print('hello", "def f(x):\n  x * 2", "''' an open string"]
    invalid_code_samples: ClassVar = ["import = 7q"]
    code_execute_result: ClassVar = [
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": "[n * n for n in range(1, 4)]", "result": "[1, 4, 9]"},
    ]
    code_display_data: ClassVar = [
        {
            "code": "from IPython.display import HTML, display\ndisplay(HTML('<b>test</b>'))",
            "mime": "text/html",
        },
    ]
    supported_history_operations = ("tail", "search")
    code_history_pattern = "1 ? 2*"


del jupyter_kernel_test  # its base class is no test of ours
