# SPDX-License-Identifier: MIT
# python_wsproto.py — the Python package `wsproto` over plain sockets as an echo server, with compression.
import asyncio

from wsproto import ConnectionType, WSConnection, events
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import RemoteProtocolError


def answers(event, parts):
    """What an echo server says to an event; `parts` are those of the message that comes in."""
    if isinstance(event, events.Request):
        yield events.AcceptConnection(extensions=[PerMessageDeflate()])
    elif isinstance(event, (events.Ping, events.CloseConnection)):
        yield event.response()
    elif isinstance(event, events.Message):
        parts.append(event.data)
        if event.message_finished:
            yield type(event)(data=event.data[:0].join(parts))
            parts.clear()


async def attend(reader, writer):
    wire = WSConnection(ConnectionType.SERVER)
    parts = []
    try:
        ended = False
        while not ended:
            data = await reader.read(1 << 20)
            if not data:
                break
            wire.receive_data(data)
            for event in wire.events():
                for answer in answers(event, parts):
                    writer.write(wire.send(answer))
                ended = ended or isinstance(event, events.CloseConnection)
            await writer.drain()
    except RemoteProtocolError as trouble:
        if trouble.event_hint is not None:  # what to answer a wrong request
            writer.write(wire.send(trouble.event_hint))
    except ConnectionError:
        pass  # what it was like is the tester's to say
    writer.close()


async def main():
    server = await asyncio.start_server(attend, "127.0.0.1", 0)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Future()


asyncio.run(main())
