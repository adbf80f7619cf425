"""A running `pincite chat`, asked over the socket that its page uses, and killed while it answers."""

import asyncio
import contextlib
import signal
import socket
import sys
from pathlib import Path
from uuid import uuid4

import socketio
from killing import END_S, environment, heed_interrupts

RUN = "import sys; from ui.cli.__main__ import main; sys.exit(main())"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Chat:
    """A chat in a process of its own; killed when the context is left, if it still runs then.

    Args:
        folder: holds the home, and is the current folder.
        variables: of the environment.
    """

    def __init__(self, folder, **variables):
        self._folder = folder
        self._log = Path(f"{folder}.err")
        self._variables = variables
        self._port = free_port()

    async def __aenter__(self):
        command = ["chat", "--headless", "--port", str(self._port), "--home", str(self._folder / "home")]
        with self._log.open("wb") as err:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", RUN, *command),
                cwd=self._folder,
                env=environment(self._folder, **self._variables),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=err,
                preexec_fn=heed_interrupts,
            )
        try:
            async with asyncio.timeout(END_S):
                up = await self._process.stdout.readline()
            assert b"pincite answers at" in up, self.said()
        except BaseException:
            await self.kill()
            raise
        return self

    async def __aexit__(self, *_):
        await self.kill()

    def said(self):
        return self._log.read_text("utf-8")

    async def kill(self):
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        return await self._process.wait()

    async def end(self):
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)
        async with asyncio.timeout(END_S):
            assert await self._process.wait() == 0, self.said()
        assert "Traceback" not in self.said()

    @contextlib.asynccontextmanager
    async def conversation(self):
        """A new chat in a tab of its own."""
        tab = Conversation()
        try:
            await tab.open(self._port)
            yield tab
        finally:
            await tab.close()

    async def answer(self, question):
        """The whole answer to a question that is asked in a new chat."""
        async with self.conversation() as tab:
            await tab.ask(question)
            async with asyncio.timeout(END_S):
                return await tab.answer()

    async def kill_while_answering(self, question, wait_s):
        """Kill so many seconds after the question; where that fell."""
        async with self.conversation() as tab:
            await tab.ask(question)
            await asyncio.sleep(wait_s)
            begun, ended = tab.begun, tab.ended
            assert await self.kill() == -signal.SIGKILL
        return "after the end" if ended else "at work" if begun else "before the first work"


class Conversation:
    """What the page does: it connects, asks, and puts together what comes."""

    def __init__(self):
        self._client = socketio.AsyncClient(reconnection=False)
        self._idle = asyncio.Event()
        self._texts = {}
        self.begun = self.ended = False
        for event, heard in {
            "task_start": self._on_start,
            "task_end": self._on_end,
            "new_message": self._on_message,
            "update_message": self._on_message,
        }.items():
            self._client.on(event, heard)

    async def open(self, port):
        session = {"sessionId": str(uuid4()), "clientType": "webapp", "userEnv": "{}", "threadId": ""}
        await self._client.connect(
            f"http://127.0.0.1:{port}",
            auth=session,
            socketio_path="/ws/socket.io",
            transports=["websocket"],
        )
        await self._client.emit("connection_successful")
        async with asyncio.timeout(END_S):
            await self._idle.wait()

    async def ask(self, question):
        self._idle.clear()
        self._texts.clear()
        self.begun = self.ended = False
        message = {"id": str(uuid4()), "name": "user", "type": "user_message", "output": question}
        message["createdAt"] = "2030-01-01T00:00:00Z"
        await self._client.emit("client_message", {"message": message, "fileReferences": []})

    async def answer(self):
        """All messages of the assistant since the question, once it has nothing more to say."""
        await self._idle.wait()
        return list(self._texts.values())

    async def close(self):
        await self._client.disconnect()

    async def _on_start(self, _):
        self.begun = True

    async def _on_end(self, *_):
        self.ended = True
        self._idle.set()

    async def _on_message(self, message):
        if message["type"] == "assistant_message":
            self._texts[message["id"]] = message["output"]
