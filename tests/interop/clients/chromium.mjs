// SPDX-License-Identifier: MIT
// chromium.mjs — a headless Chromium as a client of the suite, in a page that the server itself serves.
//
// Usage: node chromium.mjs ws://HOST:PORT ws://HOST:GUARDED-PORT [part of a check's name]
import {launch} from '../chromium.mjs';
import {equal, run_checks} from '../suite.mjs';

const [base, guarded, only] = process.argv.slice(2);
const page_of = (server) => `${server.replace('ws', 'http')}/clients/browser.html`;

const browser = await launch();
const context = await browser.newContext();

async function open_page(server) {
    const page = await context.newPage();
    await page.goto(page_of(server));
    await page.waitForFunction(() => window.is_ready);
    return page;
}

/** The server's record of the connection with this tag, as soon as there is one. */
function record_of(page, tag) {
    return page.evaluate((url) => new Promise((resolve, reject) => {
        const socket = new WebSocket(url);
        socket.onmessage = ({data}) => resolve(JSON.parse(data));
        socket.onclose = () => reject(new Error('closed without a record'));
    }), `${base}/log?tag=${tag}`);
}

const page = await open_page(base);
await page.exposeFunction('say', (line) => {
    if (!line.startsWith('end ')) {
        console.log(line);
    }
});
const suite = await page.evaluate(
    ([a, b, part]) => window.run_suite(a, b, window.say, part), [base, guarded, only]);

const tag = `tab-${Date.now()}`;
const own = await run_checks([
    ['is refused for a foreign origin', async () => {
        equal(await page.evaluate((url) => window.try_open(url), `${guarded}/echo`),
            'failed 1006 false', 'what the page sees');
    }],
    ['is let in from its own origin', async () => {
        const inside = await open_page(guarded);
        equal(await inside.evaluate((url) => window.try_open(url), `${guarded}/echo`), 'opened',
            'what the page sees');
        await inside.close();
    }],
    ['says that it goes away when its tab is closed', async () => {
        const tab = await open_page(base);
        await tab.evaluate((url) => window.hold(url), `${base}/echo?tag=${tag}`);
        await tab.close();
        equal(await record_of(page, tag), {code: 1001, clean: true}, "the server's view");
    }],
], console.log, only);

await browser.close();
console.log(`end ${suite.passed + own.passed} ${suite.failed + own.failed}`);
process.exitCode = suite.failed + own.failed ? 1 : 0;
