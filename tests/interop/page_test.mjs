// SPDX-License-Identifier: MIT
// page_test.mjs — the page of `plainsong serve`, used in Chromium as a person would use it.
//
// Usage: node page_test.mjs ws://HOST:PORT DIRECTORY [part of a check's name]
//
// Leaves page.png, page-dark.png and page-narrow.png in DIRECTORY.
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {launch, open_page as open_watched} from './chromium.mjs';
import {equal, run_checks} from './suite.mjs';

const [server, out, only] = process.argv.slice(2);
const address = `${server.replace('ws', 'http')}/`;
const browser = await launch();
const complaints = [];

const open_page = (options) => open_watched(browser, address, complaints, options);

const in_state = (page, state) => page.waitForSelector(`body[data-state=${state}]`);

/** Entries of the log as the page shows them, once there are `count` that `way` sent, received or is. */
async function entries(page, way, count) {
    const found = page.locator(`#log > li[data-way=${way}]`);
    await found.nth(count - 1).waitFor();
    equal(await found.count(), count, `entries of ${way}`);
    return found;
}

const text_in = (entry, part) => entry.locator(part).textContent();

async function send(page, kind, content) {
    await page.locator(`input[name=kind][value=${kind}]`).check({force: true});
    if (kind === 'file') {
        await page.setInputFiles('#file', content);
    } else {
        await page.fill('#message', content);
    }
    await page.click('#send');
}

const page = await open_page();
const markup = '<img src=x onerror="document.title=1"> é\u202e𝄞';

const tally = await run_checks([
    ['connects by itself to the path /echo', async () => {
        await in_state(page, 'open');
        equal(await page.inputValue('#url'), `${server}/echo`, 'URL');
        equal(await page.textContent('#state'), 'Open', 'state');
        await entries(page, 'event', 1);
    }],
    ['shows a text and its echo, and takes neither for markup', async () => {
        await send(page, 'text', markup);
        const shown = markup.replace('\u202e', '\\u{202e}');
        equal(await text_in((await entries(page, 'sent', 1)).last(), '.preview'), shown, 'sent');
        const echo = (await entries(page, 'received', 1)).last();
        equal(await text_in(echo, '.preview'), shown, 'received');
        equal(await text_in(echo, '.kind'), 'text', 'kind');
        equal(await text_in(echo, '.size'), `${Buffer.byteLength(markup)} B`, 'size');
        equal(/^\d+(\.\d+)? ms$/.test(await text_in(echo, '.took')), true, 'a round trip is shown');
        equal(await page.locator('#log img').count(), 0, 'elements made of data');
    }],
    ['shows bytes given in hexadecimal and their echo', async () => {
        await send(page, 'hex', 'DE ad be\nef 00');
        const echo = (await entries(page, 'received', 2)).last();
        equal(await text_in(echo, '.kind'), 'binary', 'kind');
        equal(await text_in(echo, '.preview'), 'de ad be ef 00', 'preview');
        await echo.locator('summary').click();
        equal(await text_in(echo, 'pre'), '000000  de ad be ef 00  ·····', 'what opens');
    }],
    ['sends nothing that is not hexadecimal', async () => {
        await send(page, 'hex', 'abc');
        equal(await page.textContent('#measure'), 'Not pairs of hex digits', 'what it says');
        await send(page, 'hex', '');
        equal(await text_in((await entries(page, 'sent', 3)).last(), '.size'), '0 B', 'the next sent');
        await entries(page, 'received', 3);
    }],
    ['sends a file', async () => {
        const file = path.join(out, 'page-upload.bin');
        writeFileSync(file, Buffer.alloc(100_000, 0x5a));
        await send(page, 'file', file);
        const echo = (await entries(page, 'received', 4)).last();
        equal(await text_in(echo, '.kind'), 'binary', 'kind');
        equal(await text_in(echo, '.size'), '97.7 KiB', 'size');
        equal((await text_in(echo, '.preview')).startsWith('5a 5a 5a'), true, 'preview');
    }],
    ['draws a note for each echo', async () => {
        await page.locator('#staff rect.note').nth(3).waitFor();
        equal(await page.locator('#staff rect.note').count(), 4, 'notes');
        equal(await page.textContent('#echoes'), '4', 'count');
        for (const id of ['last', 'min', 'median', 'max']) {
            equal(/^\d+(\.\d+)? m?s$/.test(await page.textContent(`#${id}`)), true, `${id} is a time`);
        }
    }],
    ['floods, and counts every echo', async () => {
        await page.fill('#flood-count', '5000');
        await page.fill('#flood-size', '32');
        await page.click('#flood');
        const line = (await entries(page, 'event', 2)).last();
        equal((await text_in(line, '.preview')).startsWith('Flood: 5,000 of 5,000 messages of 32 B echoed in '),
            true, 'what the log says');
        equal(await page.textContent('#flood-echoed'), '5,000', 'echoed');
        equal(/^[1-9][\d,]*\/s$/.test(await page.textContent('#flood-rate')), true, 'a rate is shown');
        await page.screenshot({path: path.join(out, 'page.png')});
    }],
    ['closes with code and reason, and shows them', async () => {
        await page.fill('#code', '4001');
        await page.fill('#reason', 'finís');
        await page.click('#close');
        await in_state(page, 'closed');
        equal(await page.textContent('#detail'), '4001, clean', 'what it says');
        const lines = await entries(page, 'event', 4);
        equal(await text_in(lines.nth(2), '.preview'), 'Close 4001 “finís”', 'what the log says first');
        equal(await text_in(lines.nth(3), '.preview'), 'Closed 4001, clean', 'what the log says then');
        equal(await page.isDisabled('#send'), true, 'sending is off');
    }],
    ['shows that an upgrade was refused', async () => {
        await page.fill('#url', `${server}/nowhere`);
        await page.click('#connect');
        const line = (await entries(page, 'event', 5)).last();
        equal((await text_in(line, '.preview')).startsWith(`Could not open ${server}/nowhere: 1006`), true,
            'what the log says');
        await in_state(page, 'closed');
        // The browser itself writes to the console about it: that one line is expected.
        equal(complaints.splice(0).length, 1, 'lines in the console');
    }],
    ['shows an error for what is no URL', async () => {
        await page.fill('#url', 'gopher://127.0.0.1/');
        await page.click('#connect');
        equal((await page.textContent('#connection-error')).length > 0, true, 'it says something');
        await in_state(page, 'closed');
    }],
    ['connects again', async () => {
        await page.fill('#url', `${server}/echo`);
        await page.click('#connect');
        await in_state(page, 'open');
        await send(page, 'text', 'again');
        equal(await text_in((await entries(page, 'received', 5)).last(), '.preview'), 'again', 'echo');
    }],
    ['works by keyboard alone', async () => {
        await page.locator('input[name=kind][value=text]').check({force: true});
        await page.focus('#message');
        await page.keyboard.press('Control+A');
        await page.keyboard.type('typed');
        await page.keyboard.press('Control+Enter');
        const echo = (await entries(page, 'received', 6)).last();
        equal(await text_in(echo, '.preview'), 'typed', 'echo');
        await echo.locator('summary').focus();
        await page.keyboard.press('Enter');
        equal(await text_in(echo, 'pre'), 'typed', 'what opens');
    }],
    ['names every control', async () => {
        const nameless = await page.evaluate(() =>
            Array.from(document.querySelectorAll('input, textarea, select, button'))
                .filter((control) => !control.textContent.trim() && !control.labels?.length)
                .map((control) => control.outerHTML));
        equal(nameless.join(), '', 'controls without a name');
    }],
    ['fits the dark and the narrow', async () => {
        for (const [name, options] of [
            ['page-dark.png', {colorScheme: 'dark'}],
            ['page-narrow.png', {viewport: {width: 360, height: 800}}],
        ]) {
            const other = await open_page(options);
            await in_state(other, 'open');
            await send(other, 'text', 'Kyrie eleison '.repeat(20));
            await entries(other, 'received', 1);
            const spare = await other.evaluate(() =>
                document.documentElement.scrollWidth - document.documentElement.clientWidth);
            equal(spare, 0, 'pixels beyond the right edge');
            await other.screenshot({path: path.join(out, name)});
            await other.context().close();
        }
    }],
    ['runs under a policy that forbids all but itself', async () => {
        const policy = await page.getAttribute('meta[http-equiv=Content-Security-Policy]', 'content');
        equal(policy.includes("default-src 'none'") && !policy.includes('unsafe'), true, 'policy');
        equal(complaints.join('\n'), '', 'console until now');
        const ran = await page.evaluate(() => {
            const script = document.createElement('script');
            try {
                script.text = 'window.intruder = true';
                document.head.append(script);
            } catch {
                // Trusted types stop it even earlier.
            }
            return window.intruder === true;
        });
        equal(ran, false, 'a script that was slipped in ran');
        complaints.splice(0);  // what the browser says about the intruder
    }],
    ['leaves the console empty and asks nobody else', async () => {
        const fresh = await open_page();
        await in_state(fresh, 'open');
        equal(complaints.join('\n'), '', 'console');
    }],
], console.log, only);

await browser.close();
console.log(`end ${tally.passed} ${tally.failed}`);
process.exitCode = tally.failed ? 1 : 0;
