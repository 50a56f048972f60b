"""ReactiveKernel: ipykernel's kernel, whose events are handed to the session."""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, cast

from ipykernel.ipkernel import IPythonKernel
from IPython.core.magic import no_var_expand
from jupyter_client.jsonutil import json_default
from traitlets import Dict, Enum, Float, Int, Unicode

from . import __version__
from .connections import Connections
from .outbox import Outbox

if TYPE_CHECKING:
    # Imported when a client opens its comm: a kernel that nobody asks more of starts as quickly
    # as ipykernel.
    from .plan import Mode
    from .session import Execution, Session
    from .sql.databases import Databases
    from .traces import Outcome

_INTERRUPTS: Final = ("KeyboardInterrupt", "CancelledError")


class ReactiveKernel(IPythonKernel):
    """A Python kernel that follows the notebook's document once a client opens its comm.

    Until then, and for requests that name no cell of the document, it is ipykernel's.
    """

    implementation = "reactive_kernel"
    implementation_version = __version__

    mode = Enum(
        ("auto", "lazy"),
        default_value="auto",
        help="Whether running a cell runs the cells that it affects, or only marks them; "
        "a notebook may have its own.",
    ).tag(config=True)

    memory_limit = Int(
        -1,
        help="How many bytes of values are kept beside those that stand at the end of the "
        "notebook, by estimate: the largest are let go first, and made again when they are "
        "needed. -1 stands for a quarter of the machine's memory, 0 for no limit.",
    ).tag(config=True)

    look_share = Float(
        0.05,
        help="What share of a cell's own time may go into looking for what it changed, if that "
        "is more than 5 ms; past it, samples of large values are looked at where nothing in the "
        "cell suggests that it changes them.",
    ).tag(config=True)

    connections = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="The URLs of connections for SQL cells, by name, beside those of connections.toml. "
        "`${NAME}` in a URL stands for a variable of the environment.",
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._reactive: Session | None = None
        self._sql: Databases | None = None
        self._starting = threading.Lock()
        self._outside: dict[str, Any] | None = None
        self._own_comms: set[str] = set()
        self._outbox = Outbox(self)
        self._connections = Connections(self)
        self._execution: Execution | None = None
        self._ended: tuple[Outcome, int | None] | None = None
        self._pause = 0.0
        self._shell = cast("Any", self.shell)
        self._wire = cast("Any", self.session)
        self._wire.pack = _packing(self._wire.pack, self._own_comms)
        self.comm_manager.register_target("reactive_kernel", self._open_comm)
        register = self._shell.register_magic_function
        register(self._command, magic_name="reactive")
        register(self._run_sql, magic_kind="line_cell", magic_name="sql")

    def _start_session(self) -> Session:
        """Return the session; the first client begins it."""
        from .memory import default_limit
        from .session import Session

        # Two pages may open at once after a restart, each on a subshell of its own.
        with self._starting:
            if self._reactive is None:
                mode: Mode = "lazy" if self.mode == "lazy" else "auto"
                limit = default_limit() if self.memory_limit < 0 else self.memory_limit
                outside = self._keep_outside()
                share = float(self.look_share)
                self._reactive = Session(
                    self._shell.user_ns,
                    outside,
                    mode,
                    limit,
                    share,
                    self._outbox.flush,
                    self._outbox.later,
                    self._databases,
                )
            return self._reactive

    @property
    def _databases(self) -> Databases:
        if self._sql is None:
            from .sql.databases import Databases

            self._sql = Databases(self._shell.user_ns, dict(self.connections))
        return self._sql

    def _open_comm(self, comm: Any, message: dict[str, Any]) -> None:
        session, outbox = self._start_session(), self._outbox
        # A client's messages are handled where it sends them, not where the kernel last sent
        # one: else they would wait for the cell that runs.
        self._own_comms.add(comm.comm_id)
        comm._reply_subshell_for = _where_it_was_sent
        with _collecting_later():
            client = session.open(
                message["content"].get("data"),
                message["header"]["session"],
                lambda answer: outbox.add(comm, answer),
            )
            outbox.send_now()
        if client is None:
            comm.close()
            return

        # Not through `on_msg`, whose shell events flush the figures of the cell that runs.
        def receive(message: dict[str, Any]) -> None:
            with _collecting_later():
                session.receive(client, message["content"].get("data"))
            outbox.wake()

        def close() -> None:
            session.close(client)
            outbox.wake()

        comm.handle_msg = receive
        comm.on_close(lambda _: close())
        self._watch(close, message["header"].get("subshell_id"))

    def _watch(self, close: Callable[[], None], subshell_id: str | None) -> None:
        """Forget a client whose connection is gone, and the subshell that it had."""

        def gone() -> None:
            close()
            if subshell_id is not None:
                with suppress(KeyError):
                    self.shell_channel_thread.manager._delete_subshell(subshell_id)

        identity = cast("Sequence[bytes]", self._parent_ident["shell"])
        self._connections.watch(identity, gone)

    async def execute_request(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Run a cell of the document as one, or answer that it is not needed."""
        self._keep_outside()
        session = self._reactive
        if session is None or not _in_main_thread():
            await super().execute_request(stream, ident, parent)
            return
        with _uninterrupted() as interrupted:
            decision = self._decide(session, parent)
            if interrupted:
                session.interrupt()
        if isinstance(decision, dict):
            self._answer_unexecuted(stream, ident, parent, decision)
        elif decision is None:
            await super().execute_request(stream, ident, parent)
        else:
            await self._execute_cell(session, decision, stream, ident, parent)
        # When the client has its answer.
        asyncio.get_running_loop().call_soon(self._rest, session)

    async def _execute_cell(
        self, session: Session, execution: Execution, stream: Any, ident: Any, parent: Any
    ) -> None:
        self._execution = execution
        # The time that ipykernel sleeps is `finish_metadata`'s.
        self._pause, self._execute_sleep = self._execute_sleep, 0.0
        try:
            await super().execute_request(stream, ident, parent)
        finally:
            self._execution, self._execute_sleep = None, self._pause
            if execution.visit is None:
                session.abandon(execution)
            else:
                self._take_in(session, execution)

    def finish_metadata(
        self, parent: Any, metadata: dict[str, Any], reply_content: dict[str, Any]
    ) -> dict[str, Any]:
        """Take in what a cell did, when its outputs are on their way and before its reply is.

        Between the two ipykernel sleeps for half a millisecond, so that outputs reach the client
        first: that is time enough for most cells.
        """
        session, execution = self._reactive, self._execution
        if session is not None and execution is not None and self._ended is not None:
            began = time.perf_counter()
            self._take_in(session, execution)
            left = self._pause - (time.perf_counter() - began)
            if left > 0:
                self._outbox.wake()
                time.sleep(left)
        finished: dict[str, Any] = super().finish_metadata(parent, metadata, reply_content)
        return finished

    def _take_in(self, session: Session, execution: Execution) -> None:
        if self._ended is None:
            return
        (outcome, count), self._ended = self._ended, None
        with _uninterrupted() as interrupted:
            session.leave(execution, outcome, count)
            if interrupted:
                session.interrupt()

    def _rest(self, session: Session) -> None:
        if self._execution is not None:
            return
        with _uninterrupted():
            try:
                session.rest()
            except Exception:
                self.log.exception("could not bind the names as Run All would leave them")

    async def do_execute(
        self,
        code: str,
        silent: bool,  # noqa: FBT001
        store_history: bool = True,  # noqa: FBT001, FBT002
        user_expressions: dict[str, str] | None = None,
        allow_stdin: bool = False,  # noqa: FBT001, FBT002
        *,
        cell_meta: dict[str, Any] | None = None,
        cell_id: str | None = None,
    ) -> dict[str, Any]:
        """Execute code on the names that its place in the notebook sees."""
        session, execution = self._reactive, self._execution

        async def run() -> dict[str, Any]:
            reply: dict[str, Any] = await super(ReactiveKernel, self).do_execute(
                code,
                silent,
                store_history,
                user_expressions,
                allow_stdin,
                cell_meta=cell_meta,
                cell_id=cell_id,
            )
            return reply

        if session is None or not _in_main_thread():
            return await run()
        if execution is None:
            return await self._run_console(session, run)
        return await self._run_cell(session, execution, run)

    def do_complete(  # type: ignore[override]
        self, code: str, cursor_pos: int | None
    ) -> dict[str, Any]:
        """Complete SQL where the cursor is in it, and Python as ever."""
        if "%sql" in code:
            cursor = len(code) if cursor_pos is None else cursor_pos
            bound = {} if self._reactive is None else self._reactive.bound_tables()
            found = self._databases.complete(code, cursor, bound, look=_in_main_thread())
            if found is not None:
                return found
        reply: dict[str, Any] = super().do_complete(code, cursor_pos)
        return reply

    def _decide(
        self, session: Session, parent: dict[str, Any]
    ) -> Execution | dict[str, str] | None:
        """Return what is to run, the verdict on what is not, or None for a console's code."""
        from .session import Request, Verdict

        content, metadata = parent["content"], parent.get("metadata") or {}
        cell_id, code = metadata.get("cellId"), content.get("code")
        if content.get("silent") or not isinstance(cell_id, str) or not isinstance(code, str):
            return None
        header = parent["header"]
        decision = session.begin(Request(header["session"], header["msg_id"], cell_id, code))
        if isinstance(decision, Verdict):
            return {"run": decision.run, "verdict": decision.verdict}
        if decision is not None and decision.run is not None:
            # Which cells a failure stops is the run's to say.
            content["stop_on_error"] = False
        return decision

    async def _run_console(self, session: Session, run: Callable[[], Any]) -> dict[str, Any]:
        with _uninterrupted():
            session.before_console()
        try:
            reply: dict[str, Any] = await run()
            return reply
        finally:
            with _uninterrupted():
                session.after_console()

    async def _run_cell(
        self, session: Session, execution: Execution, run: Callable[[], Any]
    ) -> dict[str, Any]:
        outcome: Outcome = "interrupted"
        count = None
        streams = sys.stdout, sys.stderr
        with _uninterrupted() as interrupted:
            try:
                session.enter(execution)
            except Exception:
                self.log.exception("could not bind the names of a cell: it runs on those there are")
        if (sys.stdout, sys.stderr) != streams:
            # Those that a cell had put in their place have been told whose outputs these are.
            self._shell.set_parent(self.get_parent())
        reply: dict[str, Any]
        try:
            if execution.visit is None:
                return dict(await run())
            reply = self._interrupted_reply() if interrupted else await run()
            count = reply.get("execution_count")
            if reply["status"] == "ok":
                outcome = "clean"
            elif reply.get("ename") not in _INTERRUPTS:
                outcome = "failed"
            return reply
        finally:
            if execution.visit is not None:
                self._ended = outcome, count

    def _interrupted_reply(self) -> dict[str, Any]:
        """Show and return what a cell leaves that was interrupted before it began."""
        error = KeyboardInterrupt()
        self._shell.showtraceback((KeyboardInterrupt, error, None))
        return {
            "status": "error",
            "ename": "KeyboardInterrupt",
            "evalue": "",
            "traceback": self._shell._last_traceback or [],
            "execution_count": self._shell.execution_count,
            "user_expressions": {},
            "payload": [],
        }

    def _answer_unexecuted(
        self, stream: Any, ident: Any, parent: dict[str, Any], verdict: dict[str, str]
    ) -> None:
        content = {"status": "aborted"}
        metadata = self.finish_metadata(parent, self.init_metadata(parent), content)
        metadata["reactive"] = verdict
        self._wire.send(stream, "execute_reply", content, parent, metadata=metadata, ident=ident)

    def _send_abort_reply(self, stream: Any, msg: dict[str, Any], idents: Any) -> None:
        """Abort a request after another's failure, as ipykernel does, and tell the session."""
        cell_id = (msg.get("metadata") or {}).get("cellId")
        if self._reactive is not None and isinstance(cell_id, str):
            self._reactive.not_executed(msg["header"]["session"], cell_id)
        super()._send_abort_reply(stream, msg, idents)

    @no_var_expand
    def _run_sql(self, line: str, cell: str | None = None) -> object:
        """Run SQL: ``%%sql [CONNECTION] [NAME <<] [--limit N]``, and the statements below.

        ``%sql`` takes them on the same line, and gives what the last of them gave. ``{{name}}``
        and ``:name`` in a statement take the value of a variable. Without the name of a
        connection, the notebook's own DuckDB database is meant, to which frames are tables too.
        """
        shown = self._databases.run(line, cell or "")
        if cell is not None:
            print(shown.summary)  # noqa: T201
        return shown.frame

    @no_var_expand
    def _command(self, line: str) -> None:
        """Tell of the notebook, and of its connections.

        ``%reactive memory`` shows what is kept of values, ``connect NAME URL`` says where a
        connection leads, ``disconnect NAME`` drops it, and ``refresh [NAME]`` takes tables that
        no cell writes for others than they were.
        """
        words = line.split()
        match words:
            case ["connect", name, url]:
                print(self._databases.connections.connect(name, url))  # noqa: T201
                return
            case ["disconnect", name]:
                print(self._databases.connections.disconnect(name))  # noqa: T201
                return
        if self._reactive is None:
            print("No client has opened this notebook: nothing is kept.")  # noqa: T201
            return
        try:
            print(self._reactive.command(words))  # noqa: T201
        except ValueError as error:
            from IPython.core.error import UsageError

            raise UsageError(str(error)) from error

    def _keep_outside(self) -> dict[str, Any]:
        """Keep what is bound before any code runs: start-up files and IPython's own names."""
        if self._outside is None:
            self._outside = dict(self._shell.user_ns)
        return self._outside


def _where_it_was_sent(_data: object, subshell_id: str | None) -> str | None:
    return subshell_id


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Keep the garbage collector still while a client is answered.

    It would go through all objects of a large notebook again and again: those of a document that is
    taken in stay, and those of the answer are gone before it could find them so.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@contextmanager
def _uninterrupted() -> Iterator[list[int]]:
    """Keep an interrupt from tearing what is half done; yields those that came."""
    received: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        yield received
    finally:
        signal.signal(signal.SIGINT, previous)


def _packing(pack: Callable[[Any], bytes], own_comms: Container[str]) -> Callable[[Any], bytes]:
    """Write headers and our own messages quickly, and the rest as ever.

    Unpaired surrogates, which UTF-8 cannot hold, are written as JavaScript does.
    """
    quick: Callable[[Any], bytes] | None = None

    def packed(message: Any) -> bytes:
        nonlocal quick
        try:
            # Neither holds a number that JSON has no word for.
            if isinstance(message, dict) and (
                "msg_id" in message or message.get("comm_id") in own_comms
            ):
                if quick is None:
                    from msgspec.json import Encoder

                    quick = Encoder(enc_hook=json_default).encode
                return quick(message)
            return pack(message)
        except UnicodeEncodeError:
            return json.dumps(message, default=json_default, allow_nan=False).encode()

    return packed
