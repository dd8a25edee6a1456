# SPDX-License-Identifier: MIT
# compression.py — messages under permessage-deflate for the clients in Python: compression.mjs for
# asyncio; and for the servers in Python, which terms a path asks for.
import asyncio
import functools
import json
import random
import re

MESSAGES_EACH = 1000
LONGEST = 1 << 20
ANYTHING = (15, 15, False, False)


def words_of(terms):
    """Path of the server's route that asks for (server bits, client bits, server forgets, client forgets)."""
    server_bits, client_bits, *forgets = terms
    return "-".join([f"{server_bits}-{client_bits}"] + [
        "forget" if each else "keep" for each in forgets])


def terms_of(value):
    """The terms that a value of Sec-WebSocket-Extensions says; None if it is not permessage-deflate alone."""
    name, *parameters = [part.strip() for part in value.split(";")]
    if name != "permessage-deflate" or "," in value:
        return None
    found = {each.partition("=")[0]: each.partition("=")[2] for each in parameters}
    return (int(found.get("server_max_window_bits", 15)), int(found.get("client_max_window_bits", 15)),
            "server_no_context_takeover" in found, "client_no_context_takeover" in found)


def terms_in(path):
    """The terms that a path below /deflate asks for; None for any other."""
    asked = re.fullmatch(r"/deflate/(\d+)-(\d+)-(keep|forget)-(keep|forget)", path)
    return asked and (int(asked[1]), int(asked[2]), asked[3] == "forget", asked[4] == "forget")


def cases(least_bits):
    """What is agreed on; no two neighbours are alike in a direction."""
    for forgets in False, True:
        for bits in range(least_bits, 16):
            yield bits, 15 if bits == 8 else 24 - bits, forgets, forgets
        yield 15, 15, forgets, not forgets


@functools.cache
def stretches():
    """A stretch of each kind of message, from which messages are cut."""
    number = random.Random(0)
    words = "Kyrie eléison Glória in excélsis Deo et terra pax 𝄞 聖 ελέησον –".split()
    text = " ".join(number.choices(words, k=LONGEST // 2))
    notes = [json.dumps({"id": number.randrange(10**6), "from": number.choice(words),
                         "voice": number.randrange(4), "text": " ".join(number.choices(words, k=3))},
                        ensure_ascii=False) for _ in range(LONGEST // 32)]
    binary = b"".join(bytes([i >> 12 & 255, 0, number.randrange(4), i & 255])
                      for i in range(LONGEST // 2))
    return [text, "".join(notes), binary, number.randbytes(2 * LONGEST)]


def messages(seed):
    """MESSAGES_EACH messages: of each kind, of 0 to 64 KiB, the longer the fewer, one of 1 MiB."""
    number = random.Random(seed)
    for i in range(MESSAGES_EACH):
        doubled = min(number.uniform(0, 16), number.uniform(0, 16))
        size = LONGEST if i == MESSAGES_EACH // 2 else round(2**doubled) - 1
        start = number.randrange(LONGEST)
        yield stretches()[(i + seed) % 4][start:start + size]


async def send_all(connection, seed):
    """Every 5th message goes in three fragments."""
    for i, message in enumerate(messages(seed)):
        if i % 5 == 0:
            third = len(message) // 3
            await connection.fragments([message[:third], message[third:2 * third], message[2 * third:]])
        else:
            await connection.send(message)
        await asyncio.sleep(0)  # so that what has come is taken meanwhile


async def counts(suite):
    connection = await suite.open("/counts")
    seen = json.loads(await connection.receive())
    await suite.leave(connection)
    return seen


async def echoes_compressed(suite, equal, terms, asked_by, seed):
    before = await counts(suite)
    offer, asked = (terms, ANYTHING) if asked_by == "client" else (ANYTHING, terms)
    connection = await suite.open(f"/deflate/{words_of(asked)}", deflate=offer)
    equal(terms_of(connection.extensions), terms, "what was agreed on")
    sending = asyncio.ensure_future(send_all(connection, seed))
    size = 0
    for message in messages(seed):
        size += len(message if isinstance(message, bytes) else message.encode())
        equal(await connection.receive(), message, "echo")
    await sending
    await suite.leave(connection)
    after = await counts(suite)
    for way in "received", "sent", "inflated", "deflated":
        share = (after[way] - before[way]) / size
        equal(0 < share < 0.9, True, f"a share of {share} {way}")


def checks(suite, equal):
    """Checks in the form of those in suite.py, whose `equal` it is given."""
    told = {False: "on and on", True: "anew each"}
    for seed, terms in enumerate(cases(8 if "8 bits" in suite.adapter.can else 9)):
        asker = "client" if seed % 2 else "server"
        server_bits, client_bits, server_forgets, client_forgets = terms
        name = (f"compresses as the {asker} asks: server {server_bits} bits, {told[server_forgets]}; "
                f"client {client_bits} bits, {told[client_forgets]}")
        yield name, "", functools.partial(echoes_compressed, suite, equal, terms, asker, seed)
