// SPDX-License-Identifier: MIT
// websocket.mjs — the npm package `websocket` (WebSocket-Node) as a server for our client.  See
// README.md beside it.
import {createRequire} from 'node:module';
import {createServer} from 'node:http';
import websocket from 'websocket';
import {largest_message, listen, refusal, serve, subprotocol} from './contract.mjs';

const Frame = createRequire(import.meta.url)('websocket/lib/WebSocketFrame');
const opcodes = {continuation: 0, text: 1, binary: 2};

function attend(socket, request) {
    let errors = 0;
    const calls = serve(request, {
        protocol: socket.protocol ?? '',
        headers: request.headers,
        send(message) {
            if (typeof message === 'string') {
                socket.sendUTF(message);
            } else {
                socket.sendBytes(message);
            }
        },
        fragments(parts, binary) {
            parts.forEach((part, i) => {
                const frame = new Frame(socket.maskBytes, socket.frameHeader, socket.config);
                frame.opcode = i > 0 ? opcodes.continuation : opcodes[binary ? 'binary' : 'text'];
                frame.fin = i === parts.length - 1;
                frame.binaryPayload = Buffer.from(part);
                socket.sendFrame(frame);
            });
        },
        ping: (text) => socket.ping(Buffer.from(text)),
        close: (code, reason) => socket.close(code, reason),
        terminate: () => socket.socket.destroy(),
    });
    socket.on('error', () => { errors += 1; });
    socket.on('message', (message) =>
        calls.message(message.type === 'utf8' ? message.utf8Data : message.binaryData));
    socket.on('pong', (data) => calls.pong(data.toString()));
    socket.on('close', (code, reason) => {
        // Without a reason in the frame the package puts its own words for the code.
        const clean = code !== 1006 && errors === 0;
        const words = websocket.connection.CLOSE_DESCRIPTIONS[code];
        calls.end({code, reason: clean && reason !== words ? reason : '', clean});
    });
}

const server = createServer();
const acceptor = new websocket.server({
    httpServer: server,
    maxReceivedFrameSize: largest_message,
    maxReceivedMessageSize: largest_message,
    fragmentOutgoingMessages: false,
    keepalive: false,
});
acceptor.on('request', (request) => {
    const asked = request.httpRequest;
    const refused = refusal(asked);
    if (refused) {
        request.reject(refused.status, refused.reason, refused.fields);
        return;
    }
    // The package knows subprotocols in lower case only, and so do the names here.
    attend(request.accept(subprotocol(asked, request.requestedProtocols), request.origin), asked);
});
listen(server);
