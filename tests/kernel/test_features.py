"""Interrupts, input, top-level await, widgets, completion, inspection, debugger, subshells."""

from __future__ import annotations

import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import KernelManager
from protocol.sockets import socket_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient

Message = dict[str, Any]

PATIENCE = 30


class Console:
    """A client that knows nothing of the reactive protocol."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient):
        self.manager = manager
        self.client = client

    def begin(self, code: str, **options: Any) -> str:
        msg_id: str = self.client.execute(code, **options)
        return msg_id

    def begin_elsewhere(self, kind: str) -> str:
        """Send a request to a subshell of its own, on the same socket."""
        request = self.client.session.msg(kind, {})
        subshell = self.control("create_subshell_request", {})
        request["header"]["subshell_id"] = subshell["subshell_id"]
        self.client.shell_channel.send(request)
        msg_id: str = request["header"]["msg_id"]
        return msg_id

    def end(self, msg_id: str) -> tuple[Message, list[Message]]:
        """The content of the reply to a request, and what was published for it."""
        published = []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["content"].get("execution_state") == "idle":
                return self.reply(msg_id), published
            published.append(message)

    def reply(self, msg_id: str) -> Message:
        while True:
            message = self.client.get_shell_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == msg_id:
                content: Message = message["content"]
                return content

    def control(self, kind: str, content: Message) -> Message:
        request = self.client.session.msg(kind, content)
        self.client.control_channel.send(request)
        while True:
            message = self.client.get_control_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == request["header"]["msg_id"]:
                reply: Message = message["content"]
                return reply

    def run(self, code: str, **options: Any) -> str:
        """What code printed or left as its result."""
        _, published = self.end(self.begin(code, **options))
        return "".join(text_of(message) for message in published)


def text_of(message: Message) -> str:
    content = message["content"]
    if message["msg_type"] == "stream":
        return str(content["text"])
    if message["msg_type"] in ("execute_result", "display_data"):
        return str(content["data"].get("text/plain", ""))
    return ""


@pytest.fixture(scope="module")
def console() -> Iterator[Console]:
    """One kernel for all tests of this module."""
    manager = KernelManager(kernel_name="reactive", **socket_files())
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready()
    yield Console(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_interrupt(console: Console) -> None:
    msg_id = console.begin("print('begun')\nimport threading\nthreading.Event().wait(60)")
    message: Message = {"msg_type": "", "content": {}}
    while text_of(message) != "begun\n":
        message = console.client.get_iopub_msg(timeout=PATIENCE)
    console.manager.interrupt_kernel()
    reply, _ = console.end(msg_id)
    assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
    assert console.run("6 * 7") == "42"


def test_input(console: Console) -> None:
    msg_id = console.begin("name = input('Who? ')\nprint('hello', name)", allow_stdin=True)
    prompt = console.client.get_stdin_msg(timeout=PATIENCE)
    assert prompt["content"] == {"prompt": "Who? ", "password": False}
    console.client.input("there")
    _, published = console.end(msg_id)
    assert "".join(text_of(message) for message in published) == "hello there\n"


def test_input_where_there_is_nobody_to_ask(console: Console) -> None:
    reply, _ = console.end(console.begin("input()", allow_stdin=False))
    assert reply["ename"] == "StdinNotImplementedError"


def test_top_level_await(console: Console) -> None:
    assert console.run("import asyncio\nawait asyncio.sleep(0, 'waited')") == "'waited'"


def test_tasks_go_on_between_cells(console: Console) -> None:
    console.run(
        "import asyncio\ndone = asyncio.Event()\nasyncio.get_running_loop().call_soon(done.set)"
    )
    assert console.run("await done.wait()") == "True"


def test_history_variables(console: Console) -> None:
    console.run("6 * 7")
    assert console.run("_") == "42"
    assert console.run("len(In) > 2 and sorted(Out)[-1] > 0") == "True"


def test_history_of_a_range(console: Console) -> None:
    reply = console.reply(console.client.history(hist_access_type="range", start=1, stop=2))
    assert len(reply["history"]) == 1


def test_magics(console: Console) -> None:
    assert console.run("%%capture caught\nprint('hidden')") == ""
    assert console.run("caught.stdout") == "'hidden\\n'"
    assert console.run("!echo shell").strip() == "shell"
    assert "Wall time" in console.run("%%time\n1 + 1")
    console.run("%load_ext autoreload")
    assert "autoreload" in console.run("get_ipython().magics_manager.magics['line'].keys()")


def test_errors_keep_their_traceback(console: Console) -> None:
    console.run("def f():\n    return 1 / 0")
    reply, published = console.end(console.begin("f()"))
    [error] = [message["content"] for message in published if message["msg_type"] == "error"]
    assert error["ename"] == reply["ename"] == "ZeroDivisionError"
    assert "return" in "".join(error["traceback"])


def test_silent_code_and_user_expressions(console: Console) -> None:
    console.run("six = 6")
    reply, published = console.end(
        console.begin("", user_expressions={"a": "six * 7"}, silent=True)
    )
    assert reply["user_expressions"]["a"]["data"]["text/plain"] == "42"
    assert [message for message in published if message["msg_type"] == "execute_input"] == []


def test_completion(console: Console) -> None:
    console.run("something_long = {'key': 1}")
    assert "something_long" in console.reply(console.client.complete("something_l"))["matches"]
    reply = console.reply(console.client.complete("something_long['k"))
    assert any("key" in match for match in reply["matches"])


def test_inspection(console: Console) -> None:
    console.run("def documented():\n    '''Says what it does.'''")
    reply = console.reply(console.client.inspect("documented"))
    assert reply["found"]
    assert "Says what it does." in reply["data"]["text/plain"]


def test_is_complete(console: Console) -> None:
    assert console.reply(console.client.is_complete("for i in x:"))["status"] == "incomplete"


def test_widgets(console: Console) -> None:
    _, published = console.end(
        console.begin(
            "from ipywidgets import IntSlider\nslider = IntSlider(3)\n"
            "heard = []\nslider.observe(heard.append, 'value')\nslider"
        )
    )
    opened = [message["content"] for message in published if message["msg_type"] == "comm_open"]
    [slider] = [
        comm for comm in opened if comm["data"]["state"].get("_model_name") == "IntSliderModel"
    ]
    [result] = [message for message in published if message["msg_type"] == "execute_result"]
    view = result["content"]["data"]["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == slider["comm_id"]
    update = {"method": "update", "state": {"value": 9}, "buffer_paths": []}
    console.client.shell_channel.send(
        console.client.session.msg("comm_msg", {"comm_id": slider["comm_id"], "data": update})
    )
    assert console.run("slider.value, heard[0]['new']") == "(9, 9)"


def test_comm_info(console: Console) -> None:
    console.run("from comm import create_comm\nown = create_comm(target_name='own_target')")
    reply = console.reply(console.client.comm_info("own_target"))
    assert [comm["target_name"] for comm in reply["comms"].values()] == ["own_target"]


def test_debugger(console: Console) -> None:
    request = {"type": "request", "command": "debugInfo", "seq": 1, "arguments": {}}
    reply = console.control("debug_request", request)
    assert reply["success"] is True
    assert reply["body"]["isStarted"] is False


def test_kernel_info(console: Console) -> None:
    info = console.reply(console.client.kernel_info())
    assert info["implementation"]
    assert info["language_info"]["name"] == "python"
    assert {"debugger", "kernel subshells"} <= set(info["supported_features"])


def test_a_comm_on_a_subshell_is_answered_while_a_cell_runs(console: Console) -> None:
    console.run(
        "def echo(comm, opened):\n"
        "    comm.on_msg(lambda message: comm.send(message['content']['data']))\n"
        "get_ipython().kernel.comm_manager.register_target('echo', echo)"
    )
    subshell = console.control("create_subshell_request", {})["subshell_id"]
    waiting = console.begin("input()", allow_stdin=True)
    console.client.get_stdin_msg(timeout=PATIENCE)
    comm_id = uuid.uuid4().hex
    for kind, content in (
        ("comm_open", {"comm_id": comm_id, "target_name": "echo", "data": {}}),
        ("comm_msg", {"comm_id": comm_id, "data": {"heard": True}}),
    ):
        message = console.client.session.msg(kind, content)
        message["header"]["subshell_id"] = subshell
        console.client.shell_channel.send(message)
    answer: Message = {"msg_type": "", "content": {}}
    while answer["msg_type"] != "comm_msg":
        answer = console.client.get_iopub_msg(timeout=PATIENCE)
    assert answer["content"]["data"] == {"heard": True}
    console.client.input("on")
    assert console.end(waiting)[0]["status"] == "ok"
    console.control("delete_subshell_request", {"subshell_id": subshell})


def test_an_error_aborts_what_is_queued(console: Console, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    waiting = (
        f"import pathlib, time\nwhile not pathlib.Path({str(flag)!r}).exists(): time.sleep(0.01)"
    )
    failing = console.begin(f"{waiting}\n1 / 0", stop_on_error=True)
    queued = console.begin("print('queued')")
    # Answered by another thread, once the kernel has got what was sent before.
    console.reply(console.begin_elsewhere("kernel_info_request"))
    flag.touch()
    assert console.reply(failing)["status"] == "error"
    assert console.reply(queued)["status"] == "aborted"
    last = console.begin("print('last')")
    shown = ""
    while "last" not in shown:
        shown += text_of(console.client.get_iopub_msg(timeout=PATIENCE))
    assert "queued" not in shown
    assert console.reply(last)["status"] == "ok"


def test_restart(console: Console) -> None:
    console.run("kept = 1")
    console.manager.restart_kernel(now=True)
    console.client.wait_for_ready(timeout=PATIENCE)
    reply, _ = console.end(console.begin("kept"))
    assert reply["ename"] == "NameError"


def test_heavy_parts_are_imported_at_the_first_comm_and_not_before() -> None:
    code = "import sys, reactive_kernel.kernel; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"networkx", "msgspec", "xxhash", "reactive_kernel.session"} & {*done.stdout.split()}
