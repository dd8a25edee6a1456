// SPDX-License-Identifier: MIT
// suite.mjs — what every JavaScript client must live through, in node and in the browser alike.
//
// Does: run the scenarios against an adapter and report one line a check.
// Does not: know any client; an adapter under clients/ wraps one and says what it can do.
//
// An adapter is { name, can: Set, connect(url, {protocols, origin, deflate}) }.  `connect` gives a
// connection, or rejects with an error that has `.status` where the client can tell it.  A connection has
// protocol, extensions, receive(), send(message, {compress}), close(code, reason), closed (a promise of
// {code, reason, clean}), and, where `can` names it, fragments(parts, kind, mode), ping(text), heard (an
// Inbox of the server's pings), terminate(), bad_text(), unmasked().  `deflate`: the terms to offer.
import {compression_scenarios} from './compression.mjs';

const check_deadline_ms = 30_000;

/** Messages that arrived and nobody asked for yet; a receiver that waits gets the next one. */
export class Inbox {
    #ready = [];
    #waiting = [];
    #ended = null;

    put(item) {
        if (this.#waiting.length > 0) {
            this.#waiting.shift().resolve(item);
        } else {
            this.#ready.push(item);
        }
    }

    /** Whoever still waits, or asks for more than there is, gets `error`. */
    end(error) {
        this.#ended = error;
        this.#waiting.splice(0).forEach((waiter) => waiter.reject(error));
    }

    take() {
        if (this.#ready.length > 0) {
            return Promise.resolve(this.#ready.shift());
        }
        if (this.#ended) {
            return Promise.reject(this.#ended);
        }
        return new Promise((resolve, reject) => this.#waiting.push({resolve, reject}));
    }
}

function shown(value) {
    if (value instanceof Uint8Array) {
        return `${value.length} bytes`;
    }
    const text = typeof value === 'string' ? JSON.stringify(value) : String(JSON.stringify(value));
    return text.length > 120 ? `${text.slice(0, 120)}… (${text.length} characters)` : text;
}

function same(actual, expected) {
    if (expected instanceof Uint8Array) {
        return actual instanceof Uint8Array && actual.length === expected.length &&
            actual.every((byte, i) => byte === expected[i]);
    }
    if (expected !== null && typeof expected === 'object') {
        return Object.keys(expected).every((key) => same(actual?.[key], expected[key]));
    }
    return actual === expected;
}

/** For records, only the fields that `expected` names are compared. */
export function equal(actual, expected, what = 'value') {
    if (!same(actual, expected)) {
        throw new Error(`${what}: expected ${shown(expected)}, got ${shown(actual)}`);
    }
}

function within(promise, milliseconds) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`nothing within ${milliseconds} ms`)), milliseconds);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function bytes_of(size) {
    const bytes = new Uint8Array(size);
    for (let i = 0, state = 1; i < size; ++i) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bytes[i] = state >>> 24;
    }
    return bytes;
}

/** A text of exactly `size` bytes in UTF-8 in which every sequence length occurs. */
function text_of(size) {
    const tune = 'Kyrie é–– 𝄞 ελέησον ';
    const length = new TextEncoder().encode(tune).length;
    const times = Math.floor(size / length);
    return tune.repeat(times) + '.'.repeat(size - times * length);
}

let next_tag = 0;

/** The scenarios.  Each is [name, what the client must be able to do, function]. */
function scenarios(adapter, base, guarded) {
    const open = (path, options) => adapter.connect(base + path, options);
    const tag_prefix = `${adapter.name}-${Math.random().toString(36).slice(2)}`;

    /** Opens `path` so that the server's view of its end can be asked for. */
    async function open_logged(path, options) {
        const tag = `${tag_prefix}-${++next_tag}`;
        const connection = await open(`${path}?tag=${tag}`, options);
        connection.record = async () => {
            const log = await open(`/log?tag=${tag}`);
            const record = JSON.parse(await log.receive());
            await log.close(1000, '');
            return record;
        };
        return connection;
    }

    async function echoes(...messages) {
        const connection = await open('/echo');
        for (const message of messages) {
            connection.send(message);
            equal(await connection.receive(), message, 'echo');
        }
        connection.close(1000, '');
        equal(await connection.closed, {code: 1000, clean: true}, 'close');
    }

    async function client_closes(code, reason, seen = {code, reason}) {
        const connection = await open_logged('/echo');
        connection.close(code, reason);
        // The answer names the code again (RFC 6455 section 5.5.1); a reason is the closer's alone.
        equal(await connection.closed, {code: seen.code, clean: true}, "the client's view");
        equal(await connection.record(), {...seen, clean: true}, "the server's view");
    }

    async function server_closes(code, reason) {
        const connection = await open_logged('/close');
        connection.send(reason ? `${code} ${reason}` : `${code}`);
        equal(await connection.closed, {code, reason, clean: true}, "the client's view");
        const answered = adapter.can.has('echoes codes') ? {code} : {};
        equal(await connection.record(), {...answered, clean: true, sent: code}, "the server's view");
    }

    async function server_refuses(act, code, path = '/echo') {
        const connection = await open_logged(path);
        await act(connection);
        equal(await connection.closed, {code}, "the client's view");
        equal(await connection.record(), {clean: false, sent: code}, "the server's view");
        await echoes('still here');
    }

    async function refused(url, options, status) {
        let error = null;
        try {
            await adapter.connect(url, options);
        } catch (caught) {
            error = caught;
        }
        equal(error !== null, true, 'refused');
        if (adapter.can.has('status')) {
            equal(error.status, status, 'status');
        }
    }

    const KiB = 1024;
    const MiB = 1024 * KiB;
    return [
        ['echoes ASCII text', [], () => echoes('Salve Regina', 'x')],
        ['echoes non-ASCII text', [], () => echoes('Glória in excélsis', '𝄞 ελέησον — 聖', '\u0000\u007f\u0080\uffff')],
        ['echoes an empty text', [], () => echoes('')],
        ['echoes an empty binary', [], () => echoes(new Uint8Array(0))],
        ['echoes every byte value', [], () => echoes(Uint8Array.from({length: 256}, (_, i) => i))],
        ['echoes at the edges of the length forms', [], () =>
            echoes(...[1, 124, 125, 126, 127, 65535, 65536, 65537].map(bytes_of))],
        ['echoes 64 KiB of text', [], () => echoes(text_of(64 * KiB))],
        ['echoes 64 KiB of binary', [], () => echoes(bytes_of(64 * KiB))],
        ['echoes 16 MiB of text', [], () => echoes(text_of(16 * MiB))],
        ['echoes 16 MiB of binary', [], () => echoes(bytes_of(16 * MiB))],
        ['echoes text and binary in turn', [], () => echoes('a', bytes_of(3), 'b', bytes_of(0), '')],

        ['keeps 1,000 messages in order', [], async () => {
            const connection = await open('/echo');
            for (let i = 0; i < 1000; ++i) {
                connection.send(i % 2 ? `${i}` : new TextEncoder().encode(`${i}`));
            }
            for (let i = 0; i < 1000; ++i) {
                const message = await connection.receive();
                equal(message, i % 2 ? `${i}` : new TextEncoder().encode(`${i}`), `message ${i}`);
            }
            connection.close(1000, '');
            await connection.closed;
        }],
        ['gets 1,000 messages of the server in order', [], async () => {
            const connection = await open('/count');
            connection.send('1000');
            for (let i = 0; i < 1000; ++i) {
                equal(await connection.receive(), `${i}`, `message ${i}`);
            }
            connection.close(1000, '');
            await connection.closed;
        }],
        ['holds 50 connections at once', [], async () => {
            const all = await Promise.all(Array.from({length: 50}, () => open('/echo')));
            all.forEach((connection, i) => connection.send(`voice ${i}`));
            await Promise.all(all.map(async (connection, i) => {
                equal(await connection.receive(), `voice ${i}`, `connection ${i}`);
                connection.close(1000, '');
                equal(await connection.closed, {code: 1000, clean: true}, `close of ${i}`);
            }));
        }],

        ['sends a text in fragments', ['fragments'], async () => {
            const connection = await open('/echo');
            connection.fragments(['Ky', 'ri', '', 'e']);
            equal(await connection.receive(), 'Kyrie', 'echo');
            connection.send('after');
            equal(await connection.receive(), 'after', 'echo');
            connection.close(1000, '');
            await connection.closed;
        }],
        ['sends a binary in fragments', ['fragments'], async () => {
            const connection = await open('/echo');
            const whole = bytes_of(200_000);
            connection.fragments([0, 1, 2, 3].map((i) => whole.subarray(i * 50_000, (i + 1) * 50_000)));
            equal(await connection.receive(), whole, 'echo');
            connection.close(1000, '');
            await connection.closed;
        }],
        ['cuts a character between two fragments', ['fragments'], async () => {
            const connection = await open('/echo');
            const whole = new TextEncoder().encode('𝄞');
            connection.fragments([whole.subarray(0, 2), whole.subarray(2)], 'text');
            equal(await connection.receive(), '𝄞', 'echo');
            connection.close(1000, '');
            await connection.closed;
        }],
        ['joins the fragments of the server', [], async () => {
            const connection = await open('/streamed');
            for (const message of ['Agnus Dei', bytes_of(100_000), 'é']) {
                connection.send(message);
                equal(await connection.receive(), message, 'answer');
            }
            connection.close(1000, '');
            await connection.closed;
        }],

        ['pings the server', ['ping'], async () => {
            const connection = await open('/echo');
            equal(await connection.ping('Asperges me'), 'Asperges me', 'pong');
            equal(await connection.ping(''), '', 'pong');
            equal(await connection.ping('a'.repeat(125)), 'a'.repeat(125), 'pong');
            connection.close(1000, '');
            await connection.closed;
        }],
        ['answers pings of the server', [], async () => {
            const connection = await open('/ping');
            for (const payload of ['psalm', 'é', 'a'.repeat(125)]) {
                connection.send(`ping ${payload}`);
                if (adapter.can.has('heard')) {
                    equal(await connection.heard.take(), payload, 'ping');
                }
                equal(await connection.receive(), `pong ${payload}`, "the server's report");
            }
            connection.close(1000, '');
            await connection.closed;
        }],
        ['is pinged between two fragments', ['fragments', 'ping'], async () => {
            const connection = await open('/echo');
            connection.fragments(['a', 'b'], 'text', 'open');
            equal(await connection.ping('now'), 'now', 'pong');
            connection.fragments(['c'], 'text', 'continue');
            equal(await connection.receive(), 'abc', 'echo');
            connection.close(1000, '');
            await connection.closed;
        }],

        ['is given the one subprotocol in common', [], async () => {
            const connection = await open('/subprotocol', {protocols: ['chat', 'superchat']});
            equal(connection.protocol, 'superchat', 'protocol');
            equal(await connection.receive(), 'superchat', "the server's view");
            connection.close(1000, '');
            await connection.closed;
        }],
        ['is given no subprotocol when it offers none', [], async () => {
            const connection = await open('/subprotocol');
            equal(connection.protocol, '', 'protocol');
            equal(await connection.receive(), '', "the server's view");
            connection.close(1000, '');
            await connection.closed;
        }],
        ['is given no subprotocol that the server does not know', [], async () => {
            // RFC 6455 section 4.1 lets a client go on without one; those in JavaScript give up, as
            // the browser's standard asks.
            const tag = `${tag_prefix}-${++next_tag}`;
            let failed = false;
            await open(`/subprotocol?tag=${tag}`, {protocols: ['plainchant', 'Superchat']})
                .catch(() => { failed = true; });
            equal(failed, true, 'the client gives up');
            const log = await open(`/log?tag=${tag}`);
            equal(JSON.parse(await log.receive()), {subprotocol: ''}, "the server's view");
            log.close(1000, '');
        }],

        ['closes with 1000', [], () => client_closes(1000, '')],
        ['closes with 1000 and a reason', [], () => client_closes(1000, 'Amen')],
        ['closes with 3000 and a non-ASCII reason', [], () => client_closes(3000, 'Déo grátias 𝄞')],
        ['closes with 4999 and the longest reason', [], () => client_closes(4999, 'é'.repeat(61) + '.')],
        ['closes without a code', ['no code'], () =>
            client_closes(undefined, undefined, {code: 1005, reason: ''})],
        ['is closed with 1000', [], () => server_closes(1000, '')],
        ['is closed with 1000 and a reason', [], () => server_closes(1000, 'Ite, missa est')],
        ['is closed with 1001', [], () => server_closes(1001, 'going away')],
        ['is closed with 4000 and a non-ASCII reason', [], () => server_closes(4000, 'finís 𝄞')],
        ['is closed with 1009 for a message over the limit', [], () =>
            server_refuses((connection) => connection.send(bytes_of(1025)), 1009, '/small')],
        ['may send a message of exactly the limit', [], async () => {
            const connection = await open('/small');
            connection.send(bytes_of(1024));
            equal(await connection.receive(), bytes_of(1024), 'echo');
            connection.close(1000, '');
            await connection.closed;
        }],
        ['is closed with 1009 for fragments over the limit', ['fragments'], () =>
            server_refuses((connection) => connection.fragments([bytes_of(1000), bytes_of(25)]), 1009, '/small')],
        ['is closed with 1007 for bad UTF-8', ['bad_text'], () =>
            server_refuses((connection) => connection.bad_text(), 1007)],
        ['is closed with 1002 for a frame without a mask', ['unmasked'], () =>
            server_refuses((connection) => connection.unmasked(), 1002)],

        ['may vanish', ['terminate'], async () => {
            const connection = await open_logged('/echo');
            connection.terminate();
            equal(await connection.record(), {code: 1006, reason: '', clean: false}, "the server's view");
            await echoes('still here');
        }],
        ['may vanish in the middle of a message', ['terminate', 'fragments'], async () => {
            const connection = await open_logged('/echo');
            connection.fragments(['a', 'b'], 'text', 'open');
            equal(await connection.ping('flushed'), 'flushed', 'pong');
            connection.terminate();
            equal(await connection.record(), {code: 1006, clean: false}, "the server's view");
            await echoes('still here');
        }],
        ['may vanish while the server sends', ['terminate'], async () => {
            const connection = await open_logged('/count');
            connection.send('100000');
            equal(await connection.receive(), '0', 'first message');
            connection.terminate();
            equal(await connection.record(), {code: 1006, clean: false}, "the server's view");
            await echoes('still here');
        }],

        ['is refused on a path that is not there', [], () => refused(base + '/nowhere', {}, 404)],
        ['is refused by the program', [], () => refused(base + '/refuse', {}, 401)],
        ['is refused for a foreign origin', ['origin'], async () => {
            await refused(guarded + '/echo', {origin: 'http://elsewhere.example'}, 403);
            await refused(guarded + '/echo', {origin: base.replace('ws', 'http')}, 403);
        }],
        ['is let in from its own origin', ['origin'], async () => {
            const origin = guarded.replace('ws', 'http');
            const connection = await adapter.connect(guarded + '/echo', {origin});
            connection.send('welcome');
            equal(await connection.receive(), 'welcome', 'echo');
            connection.close(1000, '');
            await connection.closed;
        }],
        ...compression_scenarios(adapter, base, equal),
    ];
}

/** Runs each [name, function] whose name contains `only`; `say` gets a line for each. */
export async function run_checks(checks, say, only = '') {
    const tally = {passed: 0, failed: 0};
    for (const [name, check] of checks.filter(([name]) => name.includes(only))) {
        try {
            await within(check(), check_deadline_ms);
            tally.passed += 1;
            say(`ok ${name}`);
        } catch (error) {
            tally.failed += 1;
            say(`not ok ${name}: ${error.message}`);
        }
    }
    return tally;
}

/**
 * Runs all that `adapter` can do against the server at `base`, and `guarded`, which lets in its own
 * origin alone.  The last line says how many passed and failed: without it, a run was cut short.
 */
export async function run(adapter, base, guarded, say, only) {
    const checks = scenarios(adapter, base, guarded)
        .filter(([, needs]) => needs.every((need) => adapter.can.has(need)))
        .map(([name, , scenario]) => [name, scenario]);
    const tally = await run_checks(checks, say, only);
    say(`end ${tally.passed} ${tally.failed}`);
    return tally;
}
