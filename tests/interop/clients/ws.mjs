// SPDX-License-Identifier: MIT
// ws.mjs — the npm package `ws` as a client of the suite.
//
// Usage: node ws.mjs ws://HOST:PORT ws://HOST:GUARDED-PORT [part of a check's name]
import WebSocket from 'ws';
import {Inbox, run} from '../suite.mjs';

function bytes(data) {
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

function offer({server_bits, client_bits, server_forgets, client_forgets}) {
    return {
        threshold: 64,
        serverMaxWindowBits: server_bits,
        clientMaxWindowBits: client_bits,
        serverNoContextTakeover: server_forgets,
        clientNoContextTakeover: client_forgets || undefined,
    };
}

function connect(url, {protocols = [], origin, deflate} = {}) {
    const socket = new WebSocket(url, protocols, {origin, maxPayload: 64 << 20,
        perMessageDeflate: deflate ? offer(deflate) : true});
    const inbox = new Inbox();
    const pongs = new Inbox();
    const heard = new Inbox();
    let opened = false;
    socket.on('message', (data, binary) => inbox.put(binary ? bytes(data) : data.toString()));
    socket.on('ping', (data) => heard.put(data.toString()));
    socket.on('pong', (data) => pongs.put(data.toString()));
    const closed = new Promise((resolve) => {
        socket.addEventListener('close', ({code, reason, wasClean}) => {
            for (const box of [inbox, pongs, heard]) {
                box.end(new Error(`closed with ${code}`));
            }
            resolve({code, reason, clean: wasClean});
        });
    });

    const connection = {
        closed,
        heard,
        receive: () => inbox.take(),
        send: (message, {compress = true} = {}) => socket.send(message, {compress}),
        close: (code, reason) => socket.close(code, reason),
        ping(text) {
            socket.ping(text);
            return pongs.take();
        },
        fragments(parts, kind = typeof parts[0] === 'string' ? 'text' : 'binary', mode = 'whole') {
            parts.forEach((part, i) => {
                const fin = mode !== 'open' && i === parts.length - 1;
                socket.send(part, {binary: kind === 'binary', fin});
            });
        },
        terminate: () => socket.terminate(),
        bad_text: () => socket.send(Buffer.from([0x61, 0xff]), {binary: false}),
        unmasked: () => socket.send('bare', {mask: false}),
    };
    return new Promise((resolve, reject) => {
        socket.on('upgrade', ({headers}) => {
            connection.extensions = headers['sec-websocket-extensions'] ?? '';
        });
        socket.on('open', () => {
            opened = true;
            connection.protocol = socket.protocol;
            resolve(connection);
        });
        socket.on('unexpected-response', (request, response) => {
            reject(Object.assign(new Error('refused'), {status: response.statusCode}));
            request.destroy();
        });
        socket.on('error', (error) => {
            if (!opened) {
                reject(error);
            }
        });
    });
}

const can = new Set(['fragments', 'ping', 'heard', 'no code', 'bad_text', 'unmasked', 'terminate',
    'status', 'origin', 'echoes codes', 'deflate', 'offers']);
const tally = await run({name: 'ws', can, connect}, ...process.argv.slice(2, 4), console.log,
    process.argv[4]);
process.exit(tally.failed ? 1 : 0);  // connections of failed checks may still be open
