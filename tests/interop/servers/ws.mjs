// SPDX-License-Identifier: MIT
// ws.mjs — the npm package `ws` as a server for our client.  See README.md beside it.
import {createServer} from 'node:http';
import {WebSocketServer} from 'ws';
import {terms_of} from '../compression.mjs';
import {deflate_terms, largest_message, listen, refusal, serve, subprotocol} from './contract.mjs';

function acceptor_with(perMessageDeflate) {
    return new WebSocketServer({
        noServer: true,
        maxPayload: largest_message,
        handleProtocols: (offered, request) => subprotocol(request, [...offered]) ?? false,
        perMessageDeflate,
    });
}

const plain_acceptor = acceptor_with(false);

/** An acceptor for the terms in the path; what is 15 or to be kept is left to the client. */
function deflating_acceptor({server_bits, client_bits, server_forgets, client_forgets}) {
    const asked = (bits) => bits === 15 ? undefined : bits;
    return acceptor_with({
        threshold: 64,
        serverMaxWindowBits: asked(server_bits),
        clientMaxWindowBits: asked(client_bits),
        serverNoContextTakeover: server_forgets || undefined,
        clientNoContextTakeover: client_forgets,
    });
}

function attend(socket, request, agreed) {
    const calls = serve(request, {
        agreed,
        protocol: socket.protocol,
        headers: request.headers,
        send: (message) => socket.send(message),
        fragments(parts, binary) {
            parts.forEach((part, i) => {
                socket.send(part, {binary, fin: i === parts.length - 1});
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
    const asked = deflate_terms(request);
    const acceptor = asked ? deflating_acceptor(asked) : plain_acceptor;
    let agreed = null;
    acceptor.once('headers', (lines) => {
        const said = lines.find((line) => line.startsWith('Sec-WebSocket-Extensions: '));
        agreed = terms_of(said?.replace(/^.*?: /, ''));
    });
    acceptor.handleUpgrade(request, socket, head, (peer) => attend(peer, request, agreed));
});
listen(server);
