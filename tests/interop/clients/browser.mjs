// SPDX-License-Identifier: MIT
// browser.mjs — the browser's own WebSocket as a client of the suite.
//
// Runs in browser.html.  Leaves run_suite(base, guarded, only) and try_open(url) in the window, for chromium.mjs.
import {Inbox, run} from '/suite.mjs';

function connect(url, {protocols = []} = {}) {
    const socket = new WebSocket(url, protocols);
    socket.binaryType = 'arraybuffer';
    const inbox = new Inbox();
    socket.onmessage = ({data}) =>
        inbox.put(typeof data === 'string' ? data : new Uint8Array(data));
    const closed = new Promise((resolve) => {
        socket.onclose = ({code, reason, wasClean}) => {
            inbox.end(new Error(`closed with ${code}`));
            resolve({code, reason, clean: wasClean});
        };
    });
    return new Promise((resolve, reject) => {
        socket.onopen = () => resolve({
            protocol: socket.protocol,
            extensions: socket.extensions,
            closed,
            receive: () => inbox.take(),
            send: (message) => socket.send(message),
            close: (code, reason) => code === undefined ? socket.close() : socket.close(code, reason),
        });
        // An error before it opened is all that a page is told of a refusal.
        socket.onerror = () => reject(new Error('refused'));
    });
}

const can = new Set(['no code', 'echoes codes', 'deflate']);
window.run_suite = (base, guarded, say, only) =>
    run({name: 'chromium', can, connect}, base, guarded, say, only);

/** What a page sees of opening `url`: 'opened', or how it failed. */
window.try_open = async (url) => {
    const socket = new WebSocket(url);
    return new Promise((resolve) => {
        socket.onopen = () => {
            socket.onclose = () => resolve('opened');
            socket.close(1000);
        };
        socket.onclose = ({code, wasClean}) => resolve(`failed ${code} ${wasClean}`);
    });
};

/** Opens `url` and keeps it, so that the test can take the page away under it. */
window.hold = async (url) => {
    window.held = await connect(url);
};
window.is_ready = true;
