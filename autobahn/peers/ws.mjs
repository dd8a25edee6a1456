// SPDX-License-Identifier: MIT
// ws.mjs — the npm package `ws` as an echo server, with compression, and room for the largest cases.
import {WebSocketServer} from '../../tests/interop/node_modules/ws/wrapper.mjs';

const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: true,
    maxPayload: 64 << 20,
    maxFragments: 131072,
    maxBufferedChunks: 0,
});
server.on('listening', () => console.log(`listening on ${server.address().port}`));
server.on('connection', (peer) => {
    peer.on('error', () => {});  // the close that follows is what the tester sees
    peer.on('message', (data, binary) => peer.send(data, {binary}));
});
process.on('SIGTERM', () => process.exit(0));
