"""A visitor without a browser: speaks Streamlit's websocket protocol and counts what it is sent."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

__all__ = ["Run", "Visitor", "together"]

TIMEOUT_S = 300.0


@dataclass(frozen=True)
class Run:
    """One run of the page: seconds until it was finished and bytes sent to the visitor."""

    seconds: float
    received_bytes: int


class Visitor:
    """One session of a served Streamlit page.

    Parameters
    ----------
    port : int
        Port on this machine.
    query : str
        Query of the page's address.
    """

    def __init__(self, port: int, *, query: str = "") -> None:
        self._query = query
        self._socket: ClientConnection = connect(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            origin=f"http://127.0.0.1:{port}",
            open_timeout=60,
        )

    def run(self) -> Run:
        """Ask for a run of the page and wait until it is finished."""
        message = BackMsg()
        message.rerun_script.query_string = self._query
        began = time.perf_counter()
        self._socket.send(message.SerializeToString())
        received = 0
        while True:
            raw = self._socket.recv(timeout=TIMEOUT_S)
            received += len(raw)
            answer = ForwardMsg()
            answer.ParseFromString(raw)
            if answer.WhichOneof("type") == "page_info_changed":
                self._query = answer.page_info_changed.query_string
            if answer.WhichOneof("type") == "script_finished":
                return Run(time.perf_counter() - began, received)

    def close(self) -> None:
        """Leave."""
        self._socket.close()


def together(port: int, *, sessions: int, runs: int) -> list[Run]:
    """Give the runs of several sessions that all ask at once; the first run of each is left out."""
    visitors = [Visitor(port) for _ in range(sessions)]
    for visitor in visitors:
        visitor.run()
    barrier = threading.Barrier(sessions)
    results: list[Run] = []

    def ask(visitor: Visitor) -> None:
        for _ in range(runs):
            barrier.wait()
            results.append(visitor.run())

    threads = [threading.Thread(target=ask, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for visitor in visitors:
        visitor.close()
    return results
