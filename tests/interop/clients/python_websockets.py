# SPDX-License-Identifier: MIT
# python_websockets.py — the Python package `websockets` as a client of the suite.
#
# Usage: python3 python_websockets.py ws://HOST:PORT ws://HOST:GUARDED-PORT [part of a check's name]
import pathlib
import sys

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import suite  # noqa: E402  (it lies one directory up)


class Connection:
    def __init__(self, peer):
        self.peer = peer
        self.protocol = peer.subprotocol or ""
        self.extensions = peer.response_headers.get("Sec-WebSocket-Extensions", "")

    async def receive(self):
        return await self.peer.recv()

    async def send(self, message):
        await self.peer.send(message)

    async def fragments(self, parts):
        async def one_by_one():
            for part in parts:
                yield part

        await self.peer.send(one_by_one())

    async def ping(self, text):
        waiter = await self.peer.ping(text)
        await waiter
        return text  # the package matches the payload itself: no other pong ends the wait

    async def close(self, code, reason):
        await self.peer.close(code, reason)

    async def closed(self):
        await self.peer.wait_closed()
        received = self.peer.close_rcvd
        return {
            "code": received.code if received else 1006,
            "reason": received.reason if received else "",
            "clean": bool(received and self.peer.close_sent),
        }

    async def terminate(self):
        self.peer.transport.abort()

    async def bad_text(self):
        await self.peer.write_frame(True, Opcode.TEXT, b"a\xff")

    async def unmasked(self):
        frame = Frame(Opcode.TEXT, b"bare")
        self.peer.transport.write(frame.serialize(mask=False))


def offer(server_bits, client_bits, server_forgets, client_forgets):
    return ClientPerMessageDeflateFactory(
        server_no_context_takeover=server_forgets, client_no_context_takeover=client_forgets,
        server_max_window_bits=server_bits, client_max_window_bits=client_bits)


class Adapter:
    name = "python-websockets"
    can = frozenset({"8 bits"})

    async def connect(self, url, protocols=(), origin=None, deflate=None):
        try:
            return Connection(await websockets.connect(
                url, subprotocols=list(protocols) or None, origin=origin, max_size=64 << 20,
                ping_interval=None, extensions=[offer(*deflate)] if deflate else None))
        except websockets.InvalidStatusCode as refusal:
            raise suite.Refused(refusal.status_code) from None


suite.main(Adapter())
