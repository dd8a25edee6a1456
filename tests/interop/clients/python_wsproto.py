# SPDX-License-Identifier: MIT
# python_wsproto.py — the Python package `wsproto` over a plain socket as a client of the suite.
#
# wsproto does no I/O, so that each byte on the wire is its own work and the socket's end is seen too:
# after the closing handshake the server must be the one that closes TCP (RFC 6455 section 7.1.1).
#
# Usage: python3 python_wsproto.py ws://HOST:PORT ws://HOST:GUARDED-PORT [part of a check's name]
import asyncio
import pathlib
import sys
import urllib.parse

from wsproto import ConnectionType, WSConnection, events
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason, FrameProtocol, Opcode

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import suite  # noqa: E402  (it lies one directory up)


class Connection:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.wire = WSConnection(ConnectionType.CLIENT)
        self.queue = []        # events that nobody took yet
        self.parts = []        # the message being received
        self.ended = None      # the peer's Close
        self.sent_close = False
        self.protocol = ""

    async def upgrade(self, url, protocols, origin, deflate):
        parts = urllib.parse.urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = [(b"Origin", origin.encode())] if origin else []
        self.writer.write(self.wire.send(events.Request(
            host=parts.netloc, target=target, subprotocols=list(protocols),
            extensions=[offer(*deflate)] if deflate else [], extra_headers=headers)))
        answer = await self.next_event()
        if isinstance(answer, events.RejectConnection):
            self.writer.close()
            raise suite.Refused(answer.status_code)
        assert isinstance(answer, events.AcceptConnection), answer
        self.protocol = answer.subprotocol or ""
        # What wsproto took of the answer; it doesn't show the answer itself.
        self.extensions = ", ".join(repr(each)[1:-1].replace("PerMessageDeflate ", f"{each.name}; ")
                                    for each in answer.extensions)

    async def next_event(self):
        while not self.queue:
            data = await self.reader.read(1 << 20)
            if not data:
                raise ConnectionError("the server closed the socket")
            self.wire.receive_data(data)
            self.queue.extend(self.wire.events())
        return self.queue.pop(0)

    async def step(self):
        """Takes one event and does what the protocol asks for; gives a whole message or a Pong."""
        event = await self.next_event()
        if isinstance(event, events.Ping):
            self.writer.write(self.wire.send(event.response()))
        elif isinstance(event, events.CloseConnection):
            self.ended = event
            if not self.sent_close:
                self.sent_close = True
                self.writer.write(self.wire.send(event.response()))
        elif isinstance(event, events.Pong):
            return event
        elif isinstance(event, events.Message):
            self.parts.append(event.data)
            if event.message_finished:
                whole = (b"" if isinstance(event, events.BytesMessage) else "").join(self.parts)
                self.parts = []
                return whole
        return None

    async def receive(self):
        while self.ended is None:
            item = await self.step()
            if isinstance(item, (str, bytes, bytearray)):
                return item if isinstance(item, str) else bytes(item)
        raise ConnectionError(f"closed with {self.ended.code}")

    async def send(self, message):
        # Drained together with reading: the server may well stop reading until its echo is taken.
        await self.send_part(message, True)

    async def send_part(self, part, last):
        kind = events.TextMessage if isinstance(part, str) else events.BytesMessage
        self.writer.write(self.wire.send(kind(data=part, message_finished=last)))

    async def fragments(self, parts):
        for i, part in enumerate(parts):
            await self.send_part(part, i == len(parts) - 1)

    async def ping(self, text):
        self.writer.write(self.wire.send(events.Ping(payload=text.encode())))
        while True:
            item = await self.step()
            if isinstance(item, events.Pong):
                return bytes(item.payload).decode()

    async def close(self, code, reason):
        self.sent_close = True
        self.writer.write(self.wire.send(events.CloseConnection(
            code=CloseReason.NO_STATUS_RCVD if code is None else code, reason=reason)))

    async def closed(self):
        while self.ended is None:
            await self.step()
        await self.writer.drain()
        rest = await self.reader.read()  # to the end of the stream, which only the server can cause
        suite.equal(rest, b"", "bytes after the Close")
        self.writer.close()
        return {"code": int(self.ended.code), "reason": self.ended.reason or "",
                "clean": self.sent_close}

    async def terminate(self):
        self.writer.transport.abort()

    async def bad_text(self):
        self.writer.write(bytes(FrameProtocol(True, [])._serialize_frame(Opcode.TEXT, b"a\xff")))

    async def unmasked(self):
        self.writer.write(bytes(FrameProtocol(False, [])._serialize_frame(Opcode.TEXT, b"bare")))


def offer(server_bits, client_bits, server_forgets, client_forgets):
    return PerMessageDeflate(
        server_no_context_takeover=server_forgets, client_no_context_takeover=client_forgets,
        server_max_window_bits=server_bits, client_max_window_bits=client_bits)


class Adapter:
    name = "python-wsproto"
    can = frozenset({"no code", "part by part"})

    async def connect(self, url, protocols=(), origin=None, deflate=None):
        parts = urllib.parse.urlsplit(url)
        connection = Connection(*await asyncio.open_connection(parts.hostname, parts.port))
        await connection.upgrade(url, protocols, origin, deflate)
        return connection


suite.main(Adapter())
