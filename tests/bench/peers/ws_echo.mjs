// SPDX-License-Identifier: MIT
// ws_echo.mjs — npm's ws as an echo server that compresses, as its users switch it on: zlib's defaults,
// and every message, as ours does in this comparison.
//
// Usage: node ws_echo.mjs; prints `listening on PORT`.
// Used by: tests/bench/run.  Depends on: tests/interop/node_modules (make interop-setup).
import {WebSocketServer} from '../../interop/node_modules/ws/wrapper.mjs';

const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    maxPayload: 64 << 20,
    perMessageDeflate: {threshold: 0},
}, () => console.log(`listening on ${server.address().port}`));

server.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, {binary}));
    socket.on('error', () => {});  // the generator has left
});
