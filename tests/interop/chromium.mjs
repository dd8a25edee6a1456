// SPDX-License-Identifier: MIT
// chromium.mjs — starts the system's Chromium, quiet and with a profile of its own, stops it, opens pages.
//
// Used by: clients/chromium.mjs, page_test.mjs, report_test.mjs.
import {chromium} from 'playwright-core';

const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';
const switches = [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    // Whatever else it would like to look up stays inside this machine.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** Starts a headless Chromium with a new, empty profile; the caller closes it. */
export function launch() {
    return chromium.launch({executablePath: executable, headless: true, args: switches});
}

/**
 * Opens `address` in a browser of launch(); what the page says in the console, throws or asks the network for
 * is put into `complaints`.
 */
export async function open_page(browser, address, complaints, options = {}) {
    const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
    const page = await context.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
        if (!request.url().startsWith(address) && !request.url().startsWith('data:')) {
            complaints.push(`asked for ${request.url()}`);
        }
    });
    await page.goto(address);
    return page;
}
