// SPDX-License-Identifier: MIT
// websocket.mjs — the npm package `websocket` (WebSocket-Node) as a client of the suite.
//
// Usage: node websocket.mjs ws://HOST:PORT ws://HOST:GUARDED-PORT [part of a check's name]
import {createRequire} from 'node:module';
import websocket from 'websocket';
import {Inbox, run} from '../suite.mjs';

const Frame = createRequire(import.meta.url)('websocket/lib/WebSocketFrame');
const opcodes = {continuation: 0, text: 1, binary: 2};

function adapted(peer) {
    const inbox = new Inbox();
    const pongs = new Inbox();
    const heard = new Inbox();
    let open_message = false;
    let errors = 0;
    peer.on('error', () => { errors += 1; });
    peer.on('message', (message) => inbox.put(message.type === 'utf8' ?
        message.utf8Data : new Uint8Array(message.binaryData)));
    peer.on('ping', (_, data) => heard.put(data.toString()));
    peer.on('pong', (data) => pongs.put(data.toString()));
    const closed = new Promise((resolve) => {
        peer.on('close', (code, reason) => {
            for (const box of [inbox, pongs, heard]) {
                box.end(new Error(`closed with ${code}`));
            }
            // Without a reason in the frame the package puts its own words for the code.
            const words = websocket.connection.CLOSE_DESCRIPTIONS[code];
            resolve({code, reason: reason === words ? '' : reason, clean: code !== 1006 && errors === 0});
        });
    });

    function frame(opcode, payload, fin = true) {
        const made = new Frame(peer.maskBytes, peer.frameHeader, peer.config);
        Object.assign(made, {opcode, fin, binaryPayload: Buffer.from(payload)});
        peer.sendFrame(made);
    }

    return {
        protocol: peer.protocol ?? '',
        closed,
        heard,
        receive: () => inbox.take(),
        send(message) {
            if (typeof message === 'string') {
                peer.sendUTF(message);
            } else {
                peer.sendBytes(Buffer.from(message));
            }
        },
        close: (code, reason) => peer.close(code, reason),
        ping(text) {
            peer.ping(Buffer.from(text));
            return pongs.take();
        },
        fragments(parts, kind = typeof parts[0] === 'string' ? 'text' : 'binary', mode = 'whole') {
            parts.forEach((part, i) => {
                const fin = mode !== 'open' && i === parts.length - 1;
                frame(open_message ? opcodes.continuation : opcodes[kind], part, fin);
                open_message = !fin;
            });
        },
        terminate: () => peer.socket.destroy(),
        bad_text: () => frame(opcodes.text, [0x61, 0xff]),
        unmasked() {
            peer.maskOutgoingPackets = false;
            frame(opcodes.text, 'bare');
        },
    };
}

function connect(url, {protocols = [], origin} = {}) {
    const client = new websocket.client({
        maxReceivedMessageSize: 64 << 20,
        maxReceivedFrameSize: 64 << 20,
        fragmentOutgoingMessages: false,
    });
    return new Promise((resolve, reject) => {
        client.on('connect', (peer) => resolve(adapted(peer)));
        client.on('httpResponse', (response) => {
            reject(Object.assign(new Error('refused'), {status: response.statusCode}));
            response.socket.destroy();
        });
        client.on('connectFailed', reject);
        client.connect(url, protocols, origin);
    });
}

// Not among them: it never closes without a code, and always answers a Close with 1000.
const can = new Set(['fragments', 'ping', 'heard', 'bad_text', 'unmasked', 'terminate', 'status',
    'origin']);
const tally = await run({name: 'websocket', can, connect}, ...process.argv.slice(2, 4), console.log,
    process.argv[4]);
process.exit(tally.failed ? 1 : 0);  // connections of failed checks may still be open
