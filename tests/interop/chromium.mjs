// SPDX-License-Identifier: MIT
// chromium.mjs — starts the system's Chromium, quiet and with a profile of its own, and stops it.
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
