// SPDX-License-Identifier: MIT
// compression.mjs — messages under permessage-deflate: which terms, which messages, and the scenario.
//
// Runs in node and in the browser.  The same is in compression.py for the clients in Python, and in
// scenarios_compression.cpp for ours.
// Does not: know any client; see suite.mjs for what an adapter is.

const messages_each = 1000;

/** Path of the server's route that asks for these terms, and how others write them. */
export function words_of({server_bits, client_bits, server_forgets, client_forgets}) {
    const word = (forgets) => forgets ? 'forget' : 'keep';
    return `${server_bits}-${client_bits}-${word(server_forgets)}-${word(client_forgets)}`;
}

/** The terms that a value of Sec-WebSocket-Extensions says; null if it is not permessage-deflate alone. */
export function terms_of(value) {
    const [name, ...parameters] = (value ?? '').split(';').map((part) => part.trim());
    if (name !== 'permessage-deflate' || value.includes(',')) {
        return null;
    }
    const found = new Map(parameters.map((parameter) => parameter.split('=')));
    return {
        server_bits: Number(found.get('server_max_window_bits') ?? 15),
        client_bits: Number(found.get('client_max_window_bits') ?? 15),
        server_forgets: found.has('server_no_context_takeover'),
        client_forgets: found.has('client_no_context_takeover'),
    };
}

/** What is agreed on, and who asks for it; no two neighbours are alike in a direction. */
function cases() {
    const all = [];
    for (const forgets of [false, true]) {
        // zlib writes no window of 8 bits, but reads it.
        for (let bits = 8; bits <= 15; ++bits) {
            all.push({server_bits: bits, client_bits: bits === 8 ? 15 : 24 - bits,
                server_forgets: forgets, client_forgets: forgets});
        }
        all.push({server_bits: 15, client_bits: 15, server_forgets: forgets, client_forgets: !forgets});
    }
    return all.map((terms, i) => ({terms, asked_by: i % 2 ? 'client' : 'server'}));
}

// ---- messages ------------------------------------------------------------------------------------

/** Gives a function for numbers from 0 to below `most`, the same ones for the same seed. */
function numbers_from(seed) {
    let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
    return (most) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor(state / 2 ** 32 * most);
    };
}

const longest = 1 << 20;

/** A stretch of each kind of text, from which messages are cut. */
function stretches() {
    const number = numbers_from(0);
    const words = ['Kyrie', 'eléison', 'Glória', 'in', 'excélsis', 'Deo', 'et', 'terra', 'pax', '聖', 'ελέησον', '–'];
    const word = () => words[number(words.length)];
    let text = '';
    let json = '';
    while (text.length < 2 * longest) {
        text += `${word()} ${word()}${number(9) === 0 ? '.\n' : ' '}`;
    }
    while (json.length < 2 * longest) {
        json += JSON.stringify({id: number(1e6), from: word(), voice: number(4), text: `${word()} ${word()}`});
    }
    const binary = new Uint8Array(2 * longest);
    const random = new Uint8Array(2 * longest);
    for (let i = 0; i < binary.length; ++i) {
        binary[i] = i % 8 < 4 ? i >> 12 : i % 8 < 7 ? number(4) : i >> 3;
        random[i] = number(256);
    }
    return [text, json, binary, random];
}

let cut_from = null;

/** Gives `messages_each` messages: of each kind, of 0 to 64 KiB, the longer the fewer, one of 1 MiB. */
function* messages(seed) {
    cut_from ??= stretches();
    const number = numbers_from(seed + 1);
    for (let i = 0; i < messages_each; ++i) {
        const doubled = Math.min(number(1600), number(1600)) / 100;
        const size = i === messages_each / 2 ? longest : Math.ceil(2 ** doubled) - 1;
        const from = number(longest);
        yield cut_from[(i + seed) % cut_from.length].slice(from, from + size);
    }
}

// ---- the scenario --------------------------------------------------------------------------------

const bytes_in = (message) =>
    typeof message === 'string' ? new TextEncoder().encode(message).length : message.length;

/** Every 5th message goes in three fragments where the client can, every 7th uncompressed. */
function send(connection, message, i, can_fragment) {
    if (can_fragment && i % 5 === 0) {
        const third = Math.floor(message.length / 3);
        connection.fragments([message.slice(0, third), message.slice(third, 2 * third), message.slice(2 * third)]);
    } else {
        connection.send(message, {compress: i % 7 !== 0});
    }
}

/** Gives checks in the form of those in suite.mjs, whose `equal` it is given. */
export function compression_scenarios(adapter, base, equal) {
    async function counts() {
        const connection = await adapter.connect(`${base}/counts`);
        const seen = JSON.parse(await connection.receive());
        connection.close(1000, '');
        await connection.closed;
        return seen;
    }

    async function echoes_compressed(terms, asked_by, seed) {
        const before = await counts();
        const offer = asked_by === 'client' ? terms : {};
        const asked = asked_by === 'client' ? '15-15-keep-keep' : words_of(terms);
        const connection = await adapter.connect(`${base}/deflate/${asked}`, {deflate: offer});
        const agreed = terms_of(connection.extensions);
        equal(agreed && words_of(agreed), words_of(terms), 'what was agreed on');
        let bytes = 0;
        let i = 0;
        for (const message of messages(seed)) {
            bytes += bytes_in(message);
            send(connection, message, i++, adapter.can.has('fragments'));
        }
        for (const message of messages(seed)) {
            equal(await connection.receive(), message, 'echo');
        }
        connection.close(1000, '');
        equal(await connection.closed, {code: 1000, clean: true}, 'close');
        const after = await counts();
        for (const way of ['received', 'sent', 'inflated', 'deflated']) {
            const share = (after[way] - before[way]) / bytes;
            equal(share > 0 && share < 0.9, true, `a share of ${share} ${way}`);
        }
    }

    const told = (forgets) => forgets ? 'anew each' : 'on and on';
    return cases()
        .map(({terms, asked_by}, seed) => {
            const asker = adapter.can.has('offers') ? asked_by : 'server';
            const name = `compresses as the ${asker} asks: server ${terms.server_bits} bits, ` +
                `${told(terms.server_forgets)}; client ${terms.client_bits} bits, ${told(terms.client_forgets)}`;
            return [name, ['deflate'], () => echoes_compressed(terms, asker, seed)];
        });
}
