# SPDX-License-Identifier: MIT
# python_wsproto.py — the Python package `wsproto` over a plain socket as a server for our client, with
# /deflate alone.  See README.md beside it.
import asyncio
import pathlib
import signal
import sys

from wsproto import ConnectionType, WSConnection, events
from wsproto.extensions import PerMessageDeflate

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import compression  # noqa: E402  (it lies one directory up)


class Connection:
    def __init__(self, writer):
        self.writer = writer
        self.wire = WSConnection(ConnectionType.SERVER)
        self.parts = []  # of the message that comes in

    def send(self, event):
        self.writer.write(self.wire.send(event))

    def send_text(self, text):
        self.send(events.TextMessage(data=text))

    def accept(self, request):
        asked = compression.terms_in(request.target)
        if asked is None:
            self.send(events.RejectConnection(status_code=404))
            return
        server_bits, client_bits, server_forgets, client_forgets = asked
        mine = PerMessageDeflate(
            server_no_context_takeover=server_forgets, client_no_context_takeover=client_forgets,
            server_max_window_bits=server_bits, client_max_window_bits=client_bits)
        self.send(events.AcceptConnection(extensions=[mine]))
        self.send_text(compression.words_of((
            mine.server_max_window_bits, mine.client_max_window_bits,
            mine.server_no_context_takeover, mine.client_no_context_takeover))
            if mine.enabled() else "nothing")

    def answer(self, kind, message):
        third = len(message) // 3
        if len(message) % 4 == 3:
            for part in message[:third], message[third:2 * third]:
                self.send(kind(data=part, message_finished=False))
            message = message[2 * third:]
        self.send(kind(data=message))

    def take(self, event):
        if isinstance(event, events.Request):
            self.accept(event)
        elif isinstance(event, events.Message):
            self.parts.append(event.data)
            if event.message_finished:
                whole = self.parts[0][:0].join(self.parts)
                self.parts = []
                self.answer(type(event), whole)
        elif isinstance(event, events.CloseConnection):
            self.send(event.response())
            self.writer.close()  # the server's part (RFC 6455 section 7.1.1)


async def attend(reader, writer):
    connection = Connection(writer)
    while not writer.is_closing():
        await writer.drain()
        data = await reader.read(1 << 20)
        if not data:
            break
        connection.wire.receive_data(data)
        for event in connection.wire.events():
            connection.take(event)
    writer.close()


async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = await asyncio.start_server(attend, "127.0.0.1", 0)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()


asyncio.run(main())
