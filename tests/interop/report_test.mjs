// SPDX-License-Identifier: MIT
// report_test.mjs — the page of `plainsong conform --out`, used in Chromium from its file, by keyboard.
//
// Usage: node report_test.mjs PROGRAM DIRECTORY [part of a check's name]
//
// Makes reports of a server that is not there, one of them of an agent whose name is markup, in
// DIRECTORY/report, and leaves report.png and report-dark.png in DIRECTORY.
import {spawnSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {launch, open_page as open_watched} from './chromium.mjs';
import {equal, run_checks} from './suite.mjs';

const [program, out, only] = process.argv.slice(2);
const report = path.resolve(out, 'report');
const markup = '</script><script>document.title="taken"</script><img src=x onerror="document.title=1">';
rmSync(report, {recursive: true, force: true});
for (const agent of ['nobody', markup]) {
    spawnSync(program, ['conform', 'server', 'ws://127.0.0.1:1/', '--agent', agent, '--cases', '1.1.*,2.*',
        '--out', report]);
}

const browser = await launch();
const complaints = [];
const address = pathToFileURL(path.join(report, 'index.html')).href;

const open_page = (options) => open_watched(browser, address, complaints, options);

const page = await open_page();
const title_of_detail = () => page.textContent('#detail-title');
const rows_shown = () => page.locator('#matrix tr[data-id]:visible').count();

const tally = await run_checks([
    ['has a column an agent, and takes no name for markup', async () => {
        equal(await page.locator('#matrix thead th b').allTextContents(), [markup, 'nobody'], 'agents');
        equal(await page.title(), 'Conformance', 'title');
        equal(await rows_shown(), 19, 'rows');
    }],
    ['goes by the arrow keys, opens by Enter, closes by Escape', async () => {
        await page.locator('#matrix td button').first().focus();
        for (const key of ['ArrowDown', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Enter']) {
            await page.keyboard.press(key);
        }
        equal(await title_of_detail(), '1.1.2 a text of 125 octets in one frame · nobody', 'detail');
        await page.keyboard.press('ArrowRight');
        equal((await title_of_detail()).slice(0, 5), '1.1.3', 'next');
        await page.keyboard.press('Escape');
        equal(await page.locator('#detail').isVisible(), false, 'open');
        equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')),
            '1.1.3, nobody: FAILED, closing FAILED', 'focus');
    }],
    ['says what was expected, and links the rules', async () => {
        await page.locator('#matrix td button').first().click();
        const text = await page.textContent('#detail-body');
        equal(text.includes('no connection'), true, 'why');
        equal(await page.locator('#detail-body a').first().getAttribute('href'),
            'https://www.rfc-editor.org/rfc/rfc6455#section-5.2', 'rule');
        await page.keyboard.press('Escape');
    }],
    ['shows what is looked for', async () => {
        await page.fill('#wanted', 'ping');
        equal(await rows_shown(), 11, 'rows');
        await page.selectOption('#shown', 'different');
        equal(await page.locator('#none').isVisible(), true, 'none');
        await page.fill('#wanted', '');
        await page.selectOption('#shown', 'odd');
        equal(await rows_shown(), 19, 'rows');
    }],
    ['is shown by night too', async () => {
        await page.screenshot({path: path.join(out, 'report.png')});
        const night = await open_page({colorScheme: 'dark'});
        await night.screenshot({path: path.join(out, 'report-dark.png')});
        equal(await night.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), 'rgb(22, 20, 17)',
            'paper');
    }],
    ['asks for nothing, and complains of nothing', async () => equal(complaints, [], 'complaints')],
], console.log, only);

await browser.close();
console.log(`end ${tally.passed} ${tally.failed}`);
process.exitCode = tally.failed ? 1 : 0;
