# SPDX-License-Identifier: MIT
# python_websockets.py — the Python package `websockets` as an echo server, with room for the largest
# cases; it compresses unless told not to.
import asyncio

import websockets


async def echo(peer):
    try:
        async for message in peer:
            await peer.send(message)
    except websockets.ConnectionClosed:
        pass  # what it was like is the tester's to say


async def main():
    server = await websockets.serve(echo, "127.0.0.1", 0, max_size=64 << 20, ping_interval=None)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Future()


asyncio.run(main())
