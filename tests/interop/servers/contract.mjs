// SPDX-License-Identifier: MIT
// contract.mjs — what a server does on each of its paths, for the servers in JavaScript.
//
// The same paths are in python_websockets.py and beast.cpp; README.md beside this says what they do.
// Does not: know any server.  An adapter wraps a connection: { protocol, agreed (terms of
// permessage-deflate as in compression.mjs, or null), headers, send(message),
// fragments(parts, binary), ping(text), close(code, reason), terminate() }, and calls what serve()
// gave it: message(string or Buffer), pong(text), end({code, reason, clean}).
import {STATUS_CODES} from 'node:http';
import {words_of} from '../compression.mjs';

export const largest_message = 32 << 20;

function in_thirds(peer, message) {
    const bytes = Buffer.from(message);
    const third = Math.floor(bytes.length / 3);
    const parts = [bytes.subarray(0, third), bytes.subarray(third, 2 * third), bytes.subarray(2 * third)];
    peer.fragments(parts, typeof message !== 'string');
}

const paths = {
    '/echo': (peer) => ({message: (message) => peer.send(message)}),
    '/count': (peer) => ({message(message) {
        for (let i = 0; i < Number(message); ++i) {
            peer.send(`${i}`);
        }
    }}),
    '/greeting': (peer) => {
        ['Kyrie', 'eleison', ''].forEach((text) => peer.send(text));
        peer.close(1000, '');
        return {};
    },
    '/close': (peer) => ({message(message) {
        const [, code, reason] = /^(\d+) ?(.*)$/s.exec(message);
        peer.close(Number(code), reason);
    }}),
    '/vanish': (peer) => ({message: () => peer.terminate()}),
    '/streamed': (peer) => ({message: (message) => in_thirds(peer, message)}),
    '/deflate': (peer) => {
        peer.send(peer.agreed ? words_of(peer.agreed) : 'nothing');
        return {message: (message) =>
            message.length % 4 === 3 ? in_thirds(peer, message) : peer.send(message)};
    },
    '/ping': (peer) => ({
        message: (message) => peer.ping(message.replace(/^ping /, '')),
        pong: (text) => peer.send(`pong ${text}`),
    }),
    '/subprotocol': (peer) => {
        peer.send(peer.protocol);
        return {};
    },
    '/headers': (peer) => {
        peer.send(Object.entries(peer.headers).map(([name, value]) => `${name}: ${value}\n`).join(''));
        return {};
    },
    '/private': (peer) => ({message: (message) => peer.send(message)}),
};

// How the connections ended that came with ?tag=, and who waits to hear of one that has not.
const ended = new Map();
const waiting = new Map();

/** The terms that a path below /deflate asks for; null for any other. */
export function deflate_terms({url}) {
    const asked = /^\/deflate\/(\d+)-(\d+)-(keep|forget)-(keep|forget)$/.exec(url);
    return asked && {server_bits: Number(asked[1]), client_bits: Number(asked[2]),
        server_forgets: asked[3] === 'forget', client_forgets: asked[4] === 'forget'};
}

function path_of({url}) {
    return deflate_terms({url}) ? '/deflate' : new URL(url, 'http://host').pathname;
}

/** What `request` is answered instead of being let in: { status, reason, fields, body }, or null. */
export function refusal({url, headers}) {
    const refused = (status, fields, body) => ({status, reason: STATUS_CODES[status], fields, body});
    const path = path_of({url});
    const known = `Basic ${Buffer.from('cantor:psalm').toString('base64')}`;
    if (path === '/refuse' || (path === '/private' && headers.authorization !== known)) {
        return refused(401, {'WWW-Authenticate': 'Basic realm="choir"'}, 'Not you.\n');
    }
    if (path === '/busy') {
        return refused(503, {'Retry-After': '7'}, 'Later.\n');
    }
    return path in paths || path === '/log' ? null : refused(404, {}, 'Not here.\n');
}

/** Returns: the subprotocol to answer, or null. */
export function subprotocol({url}, offered) {
    return path_of({url}) === '/subprotocol' && offered.includes('superchat') ? 'superchat' : null;
}

/** Returns: what the adapter of `peer` calls. */
export function serve({url}, peer) {
    const path = path_of({url});
    const tag = new URL(url, 'http://host').searchParams.get('tag');
    if (path === '/log') {
        if (ended.has(tag)) {
            peer.send(ended.get(tag));
        } else {
            waiting.set(tag, peer);
        }
        return {message() {}, pong() {}, end() {}};
    }
    return {
        message() {},
        pong() {},
        end({code, reason, clean}) {
            const line = `${code} ${clean ? 'clean' : 'unclean'} ${reason}`.trimEnd();
            waiting.get(tag)?.send(line);
            waiting.delete(tag);
            ended.set(tag, line);
        },
        ...paths[path](peer),
    };
}

/** Listens on a port of the kernel's choice, says so, and ends on SIGTERM. */
export function listen(server) {
    server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
    process.on('SIGTERM', () => process.exit(0));
}
