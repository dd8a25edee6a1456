// SPDX-License-Identifier: MIT
// ws.mjs — the npm package `ws` as a server for our client.  See README.md beside it.
import {createServer} from 'node:http';
import {WebSocketServer} from 'ws';
import {largest_message, listen, refusal, serve, subprotocol} from './contract.mjs';

const acceptor = new WebSocketServer({
    noServer: true,
    maxPayload: largest_message,
    handleProtocols: (offered, request) => subprotocol(request, [...offered]) ?? false,
});

function attend(socket, request) {
    const calls = serve(request, {
        protocol: socket.protocol,
        headers: request.headers,
        send: (message) => socket.send(message),
        fragments(parts, binary) {
            parts.forEach((part, i) => {
                socket.send(part, {binary, fin: i === parts.length - 1, compress: false});
            });
        },
        ping: (text) => socket.ping(text),
        close: (code, reason) => socket.close(code, reason),
        terminate: () => socket.terminate(),
    });
    socket.on('error', () => {});  // the close that follows tells enough
    socket.on('message', (data, binary) => calls.message(binary ? data : data.toString()));
    socket.on('pong', (data) => calls.pong(data.toString()));
    socket.addEventListener('close', ({code, reason, wasClean}) =>
        calls.end({code, reason, clean: wasClean}));
}

const server = createServer();
server.on('upgrade', (request, socket, head) => {
    const refused = refusal(request);
    if (refused) {
        const fields = Object.entries({...refused.fields, 'Content-Length': refused.body.length})
            .map(([name, value]) => `${name}: ${value}\r\n`).join('');
        socket.end(`HTTP/1.1 ${refused.status} ${refused.reason}\r\n${fields}\r\n${refused.body}`);
        return;
    }
    acceptor.handleUpgrade(request, socket, head, (peer) => attend(peer, request));
});
listen(server);
