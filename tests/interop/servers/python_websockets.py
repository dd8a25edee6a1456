# SPDX-License-Identifier: MIT
# python_websockets.py — the Python package `websockets` as a server for our client.  See README.md
# beside it.
import asyncio
import base64
import http
import pathlib
import signal
import sys
from urllib.parse import parse_qs, urlsplit

import websockets
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import compression  # noqa: E402  (it lies one directory up)

LARGEST_MESSAGE = 32 << 20
KNOWN = "Basic " + base64.b64encode(b"cantor:psalm").decode()

# How the connections ended that came with ?tag=, and who waits to hear of one that has not.
ended = {}
waiting = {}


async def echo(peer):
    async for message in peer:
        await peer.send(message)


async def count(peer):
    async for message in peer:
        for i in range(int(message)):
            await peer.send(f"{i}")


async def greeting(peer):
    for text in ["Kyrie", "eleison", ""]:
        await peer.send(text)
    await peer.close(1000, "")


async def close(peer):
    async for message in peer:
        code, _, reason = message.partition(" ")
        await peer.close(int(code), reason)


async def vanish(peer):
    async for _ in peer:
        peer.transport.abort()


async def parts(message):
    third = len(message) // 3
    for part in message[:third], message[third:2 * third], message[2 * third:]:
        yield part


async def streamed(peer):
    async for message in peer:
        await peer.send(parts(message))


async def deflate(peer):
    agreed = [compression.words_of((one.local_max_window_bits, one.remote_max_window_bits,
                                    one.local_no_context_takeover, one.remote_no_context_takeover))
              for one in peer.extensions]
    await peer.send(agreed[0] if agreed else "nothing")
    async for message in peer:
        await peer.send(parts(message) if len(message) % 4 == 3 else message)


async def ping(peer):
    async for message in peer:
        payload = message.removeprefix("ping ")
        await (await peer.ping(payload))
        await peer.send(f"pong {payload}")


async def tell_subprotocol(peer):
    await peer.send(peer.subprotocol or "")
    await peer.wait_closed()


async def headers(peer):
    lines = [f"{name.lower()}: {value}\n" for name, value in peer.request_headers.raw_items()]
    await peer.send("".join(lines))
    await peer.wait_closed()


async def log(peer):
    tag = tag_of(peer)
    if tag not in ended:
        waiting[tag] = asyncio.get_running_loop().create_future()
        await waiting[tag]
    await peer.send(ended[tag])
    await peer.wait_closed()


PATHS = {
    "/echo": echo, "/count": count, "/greeting": greeting, "/close": close, "/vanish": vanish,
    "/streamed": streamed, "/ping": ping, "/subprotocol": tell_subprotocol, "/headers": headers,
    "/private": echo, "/log": log, "/deflate": deflate,
}


def path_of(peer):
    path = urlsplit(peer.path).path
    return "/deflate" if compression.terms_in(path) else path


def tag_of(peer):
    return parse_qs(urlsplit(peer.path).query).get("tag", [""])[0]


def factory(server_bits, client_bits, server_forgets, client_forgets):
    return ServerPerMessageDeflateFactory(
        server_no_context_takeover=server_forgets, client_no_context_takeover=client_forgets,
        server_max_window_bits=server_bits, client_max_window_bits=client_bits)


class Protocol(websockets.WebSocketServerProtocol):
    async def process_request(self, path, request_headers):
        path = path_of(self)
        if path == "/refuse" or (
                path == "/private" and request_headers.get("Authorization") != KNOWN):
            fields = [("WWW-Authenticate", 'Basic realm="choir"')]
            return http.HTTPStatus.UNAUTHORIZED, fields, b"Not you.\n"
        if path == "/busy":
            return http.HTTPStatus.SERVICE_UNAVAILABLE, [("Retry-After", "7")], b"Later.\n"
        if path not in PATHS:
            return http.HTTPStatus.NOT_FOUND, [], b"Not here.\n"
        return None

    def process_extensions(self, headers, available_extensions):
        asked = compression.terms_in(self.path)
        return super().process_extensions(headers, [factory(*asked)] if asked else None)

    def select_subprotocol(self, client_subprotocols, server_subprotocols):
        if path_of(self) != "/subprotocol":
            return None
        return super().select_subprotocol(client_subprotocols, server_subprotocols)


async def attend(peer):
    try:
        await PATHS[path_of(peer)](peer)
    except websockets.ConnectionClosed:
        pass  # what the end was like is told below
    await peer.wait_closed()
    if path_of(peer) == "/log":
        return
    received = peer.close_rcvd
    code, reason = (received.code, received.reason) if received else (1006, "")
    clean = "clean" if received and peer.close_sent else "unclean"
    tag = tag_of(peer)
    ended[tag] = f"{code} {clean} {reason}".rstrip()
    if tag in waiting:
        waiting.pop(tag).set_result(None)


async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = await websockets.serve(
        attend, "127.0.0.1", 0, create_protocol=Protocol, subprotocols=["superchat"],
        max_size=LARGEST_MESSAGE, compression=None, ping_interval=None, close_timeout=5)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()


asyncio.run(main())
