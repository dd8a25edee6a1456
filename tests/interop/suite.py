# SPDX-License-Identifier: MIT
# suite.py — what every Python client must live through: the scenarios of suite.mjs, for asyncio.
#
# Does: run the scenarios against an adapter and report one line a check.
# Does not: know any client; an adapter under clients/ wraps one and says what it can do.
#
# An adapter has name, can (a set) and `async connect(url, protocols=(), origin=None, deflate=None)`, which
# gives a connection or raises Refused; `deflate` are the terms to offer, as in compression.py.  A connection
# has protocol, with `deflate` extensions (as on the wire), and the coroutines receive(), send(message),
# close(code, reason), closed() -> {code, reason, clean}, fragments(parts), ping(text), terminate(),
# bad_text(), unmasked(), and where `can` says "part by part" send_part(part, last).
import asyncio
import itertools
import json
import os
import sys

import compression

CHECK_DEADLINE_SECONDS = 30
LARGE = 16 << 20


class Refused(Exception):
    """The server answered the upgrade with something else."""

    def __init__(self, status):
        super().__init__(f"refused with {status}")
        self.status = status


def shown(value):
    if isinstance(value, bytes) and len(value) > 60:
        return f"{len(value)} bytes"
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:120]}… ({len(text)} characters)"


def equal(actual, expected, what="value"):
    """For records, only the fields that `expected` names are compared."""
    if isinstance(expected, dict):
        actual = {key: actual.get(key) for key in expected}
    if type(actual) is not type(expected) or actual != expected:
        raise AssertionError(f"{what}: expected {shown(expected)}, got {shown(actual)}")


def bytes_of(size):
    return bytes((i * 167 + (i >> 8) * 13) & 255 for i in range(min(size, 65521))) * (
        1 + size // 65521)


def binary(size):
    return bytes_of(size)[:size]


def text(size):
    """A text of exactly `size` bytes in UTF-8 in which every sequence length occurs."""
    tune = "Kyrie é–– 𝄞 ελέησον "
    length = len(tune.encode())
    return tune * (size // length) + "." * (size % length)


class Suite:
    def __init__(self, adapter, base, guarded):
        self.adapter, self.base, self.guarded = adapter, base, guarded
        self.tags = (f"{adapter.name}-{os.getpid()}-{i}" for i in itertools.count())

    async def open(self, path, **options):
        return await self.adapter.connect(self.base + path, **options)

    async def open_logged(self, path, **options):
        """Opens `path` so that the server's view of its end can be asked for."""
        tag = next(self.tags)
        return await self.open(f"{path}?tag={tag}", **options), tag

    async def record(self, tag):
        log = await self.open(f"/log?tag={tag}")
        record = json.loads(await log.receive())
        await self.leave(log)
        return record

    async def leave(self, connection):
        await connection.close(1000, "")
        equal(await connection.closed(), {"code": 1000, "clean": True}, "close")

    async def echoes(self, *messages):
        connection = await self.open("/echo")
        for message in messages:
            await connection.send(message)
            equal(await connection.receive(), message, "echo")
        await self.leave(connection)

    async def client_closes(self, code, reason, seen=None):
        seen = seen or {"code": code, "reason": reason}
        connection, tag = await self.open_logged("/echo")
        await connection.close(code, reason)
        # The answer names the code again (RFC 6455 section 5.5.1); a reason is the closer's alone.
        equal(await connection.closed(), {"code": seen["code"], "clean": True}, "the client's view")
        equal(await self.record(tag), {**seen, "clean": True}, "the server's view")

    async def server_closes(self, code, reason):
        connection, tag = await self.open_logged("/close")
        await connection.send(f"{code} {reason}" if reason else f"{code}")
        equal(await connection.closed(), {"code": code, "reason": reason, "clean": True},
              "the client's view")
        equal(await self.record(tag), {"code": code, "clean": True, "sent": code},
              "the server's view")

    async def server_refuses(self, act, code, path="/echo"):
        connection, tag = await self.open_logged(path)
        await act(connection)
        equal(await connection.closed(), {"code": code}, "the client's view")
        equal(await self.record(tag), {"clean": False, "sent": code}, "the server's view")
        await self.echoes("still here")

    async def refused(self, url, status, **options):
        try:
            await self.adapter.connect(url, **options)
        except Refused as refusal:
            equal(refusal.status, status, "status")
            return
        raise AssertionError("it was let in")

    async def orders(self):
        connection = await self.open("/echo")
        messages = [f"{i}" if i % 2 else f"{i}".encode() for i in range(1000)]
        sending = asyncio.ensure_future(self.send_all(connection, messages))
        for message in messages:
            equal(await connection.receive(), message, f"message {message!r}")
        await sending
        await self.leave(connection)

    async def send_all(self, connection, messages):
        for message in messages:
            await connection.send(message)

    async def counts(self):
        connection = await self.open("/count")
        await connection.send("1000")
        for i in range(1000):
            equal(await connection.receive(), f"{i}", f"message {i}")
        await self.leave(connection)

    async def holds_50(self):
        connections = [await self.open("/echo") for _ in range(50)]
        for i, connection in enumerate(connections):
            await connection.send(f"voice {i}")
        for i, connection in enumerate(connections):
            equal(await connection.receive(), f"voice {i}", f"connection {i}")
            await self.leave(connection)

    async def fragments(self, parts):
        connection = await self.open("/echo")
        await connection.fragments(parts)
        equal(await connection.receive(), parts[0][:0].join(parts), "echo")
        await connection.send("after")
        equal(await connection.receive(), "after", "echo")
        await self.leave(connection)

    async def joins(self):
        connection = await self.open("/streamed")
        for message in ["Agnus Dei", binary(100_000), "é"]:
            await connection.send(message)
            equal(await connection.receive(), message, "answer")
        await self.leave(connection)

    async def pings(self):
        connection = await self.open("/echo")
        for payload in ["Asperges me", "", "a" * 125]:
            equal(await connection.ping(payload), payload, "pong")
        await self.leave(connection)

    async def pings_inside(self):
        connection = await self.open("/echo")
        await connection.send_part("a", False)
        equal(await connection.ping("now"), "now", "pong")
        await connection.send_part("b", False)
        equal(await connection.ping(""), "", "pong")
        await connection.send_part("c", True)
        equal(await connection.receive(), "abc", "echo")
        await self.leave(connection)

    async def vanishes_inside(self):
        connection, tag = await self.open_logged("/echo")
        await connection.send_part("a", False)
        equal(await connection.ping("flushed"), "flushed", "pong")
        await connection.terminate()
        equal(await self.record(tag), {"code": 1006, "clean": False}, "the server's view")
        await self.echoes("still here")

    async def is_pinged(self):
        connection = await self.open("/ping")
        for payload in ["psalm", "é", "a" * 125]:
            await connection.send(f"ping {payload}")
            equal(await connection.receive(), f"pong {payload}", "the server's report")
        await self.leave(connection)

    async def negotiates(self, offered, chosen):
        connection = await self.open("/subprotocol", protocols=offered)
        equal(connection.protocol, chosen, "protocol")
        equal(await connection.receive(), chosen, "the server's view")
        await self.leave(connection)

    async def exact_limit(self):
        connection = await self.open("/small")
        await connection.send(binary(1024))
        equal(await connection.receive(), binary(1024), "echo")
        await self.leave(connection)

    async def vanishes(self):
        connection, tag = await self.open_logged("/echo")
        await connection.terminate()
        equal(await self.record(tag), {"code": 1006, "reason": "", "clean": False},
              "the server's view")
        await self.echoes("still here")

    async def own_origin(self):
        origin = self.guarded.replace("ws", "http", 1)
        connection = await self.adapter.connect(self.guarded + "/echo", origin=origin)
        await connection.send("welcome")
        equal(await connection.receive(), "welcome", "echo")
        await self.leave(connection)

    def checks(self):
        """Each is (name, what the client must be able to do, coroutine function)."""
        edges = [1, 124, 125, 126, 127, 65535, 65536, 65537]
        origin = "http://elsewhere.example"
        return [
            ("echoes ASCII text", "", lambda: self.echoes("Salve Regina", "x")),
            ("echoes non-ASCII text", "",
             lambda: self.echoes("Glória in excélsis", "𝄞 ελέησον — 聖", "\0\x7f\x80\uffff")),
            ("echoes an empty text", "", lambda: self.echoes("")),
            ("echoes an empty binary", "", lambda: self.echoes(b"")),
            ("echoes every byte value", "", lambda: self.echoes(bytes(range(256)))),
            ("echoes at the edges of the length forms", "",
             lambda: self.echoes(*map(binary, edges))),
            ("echoes 64 KiB of text", "", lambda: self.echoes(text(65536))),
            ("echoes 64 KiB of binary", "", lambda: self.echoes(binary(65536))),
            ("echoes 16 MiB of text", "", lambda: self.echoes(text(LARGE))),
            ("echoes 16 MiB of binary", "", lambda: self.echoes(binary(LARGE))),
            ("keeps 1,000 messages in order", "", self.orders),
            ("gets 1,000 messages of the server in order", "", self.counts),
            ("holds 50 connections at once", "", self.holds_50),
            ("sends a text in fragments", "", lambda: self.fragments(["Ky", "ri", "", "e é"])),
            ("sends a binary in fragments", "", lambda: self.fragments([binary(50_000)] * 4)),
            ("joins the fragments of the server", "", self.joins),
            ("pings the server", "", self.pings),
            ("pings the server between fragments", "part by part", self.pings_inside),
            ("answers pings of the server", "", self.is_pinged),
            ("is given the one subprotocol in common", "",
             lambda: self.negotiates(["chat", "superchat"], "superchat")),
            ("is given no subprotocol when it offers none", "", lambda: self.negotiates([], "")),
            ("is given no subprotocol that the server does not know", "",
             lambda: self.negotiates(["plainchant", "Superchat"], "")),
            ("closes with 1000", "", lambda: self.client_closes(1000, "")),
            ("closes with 1000 and a reason", "", lambda: self.client_closes(1000, "Amen")),
            ("closes with 3000 and a non-ASCII reason", "",
             lambda: self.client_closes(3000, "Déo grátias 𝄞")),
            ("closes with 4999 and the longest reason", "",
             lambda: self.client_closes(4999, "é" * 61 + ".")),
            ("closes without a code", "no code",
             lambda: self.client_closes(None, None, {"code": 1005, "reason": ""})),
            ("is closed with 1000", "", lambda: self.server_closes(1000, "")),
            ("is closed with 1000 and a reason", "",
             lambda: self.server_closes(1000, "Ite, missa est")),
            ("is closed with 1001", "", lambda: self.server_closes(1001, "going away")),
            ("is closed with 4000 and a non-ASCII reason", "",
             lambda: self.server_closes(4000, "finís 𝄞")),
            ("is closed with 1009 for a message over the limit", "",
             lambda: self.server_refuses(lambda c: c.send(binary(1025)), 1009, "/small")),
            ("is closed with 1009 for fragments over the limit", "",
             lambda: self.server_refuses(
                 lambda c: c.fragments([binary(1000), binary(25)]), 1009, "/small")),
            ("may send a message of exactly the limit", "", self.exact_limit),
            ("is closed with 1007 for bad UTF-8", "",
             lambda: self.server_refuses(lambda c: c.bad_text(), 1007)),
            ("is closed with 1002 for a frame without a mask", "",
             lambda: self.server_refuses(lambda c: c.unmasked(), 1002)),
            ("may vanish", "", self.vanishes),
            ("may vanish in the middle of a message", "part by part", self.vanishes_inside),
            ("is refused on a path that is not there", "",
             lambda: self.refused(self.base + "/nowhere", 404)),
            ("is refused by the program", "", lambda: self.refused(self.base + "/refuse", 401)),
            ("is refused for a foreign origin", "",
             lambda: self.refused(self.guarded + "/echo", 403, origin=origin)),
            ("is let in from its own origin", "", self.own_origin),
            *compression.checks(self, equal),
        ]

    async def run(self, only):
        passed = failed = 0
        for name, need, check in self.checks():
            if (need and need not in self.adapter.can) or only not in name:
                continue
            try:
                await asyncio.wait_for(check(), CHECK_DEADLINE_SECONDS)
                passed += 1
                print(f"ok {name}", flush=True)
            except Exception as error:  # a failed check must not hide the ones after it
                failed += 1
                print(f"not ok {name}: {type(error).__name__}: {error}", flush=True)
        print(f"end {passed} {failed}", flush=True)
        return failed


def main(adapter):
    base, guarded = sys.argv[1:3]
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    sys.exit(1 if asyncio.run(Suite(adapter, base, guarded).run(only)) else 0)
