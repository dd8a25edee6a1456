// SPDX-License-Identifier: MIT
// run.mjs — starts the servers, lets each real client loose on them, and counts.
//
// Usage: node run.mjs --server PATH --program PATH --out DIRECTORY [--only CLIENT] [--check PART]
//
// Does: give each program a deadline, pass its lines on, end whatever it started, leave nothing behind.
// Does not: judge.  A client says `ok` or `not ok` for each check, and `end PASSED FAILED` last; one
// that ends otherwise counts as a failure, so a run that was cut short cannot pass.
import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {parseArgs} from 'node:util';

const here = import.meta.dirname;
const python = process.env.INTEROP_PYTHON ?? '/usr/bin/python3';
const client_deadline_ms = 180_000;
const start_deadline_ms = 20_000;
const grace_ms = 10_000;

const {values: options} = parseArgs({options: {
    server: {type: 'string'},
    program: {type: 'string'},
    out: {type: 'string', default: 'build/interop'},
    only: {type: 'string', default: ''},
    check: {type: 'string', default: ''},
}});

const clients = [
    {name: 'ws', command: [process.execPath, 'clients/ws.mjs']},
    {name: 'websocket', command: [process.execPath, 'clients/websocket.mjs']},
    {name: 'python-websockets', command: [python, '-B', 'clients/python_websockets.py']},
    {name: 'python-wsproto', command: [python, '-B', 'clients/python_wsproto.py']},
    {name: 'chromium', command: [process.execPath, 'clients/chromium.mjs']},
];

// Profiles, caches and the like of everything below go here, and with it.
const scratch = mkdtempSync(path.join(tmpdir(), 'plainsong-interop-'));
const environment = {...process.env, HOME: scratch, TMPDIR: scratch,
    XDG_CONFIG_HOME: scratch, XDG_CACHE_HOME: scratch};
const running = new Set();
const tally = {passed: 0, failed: 0};

function report(good, line) {
    tally[good ? 'passed' : 'failed'] += 1;
    console.log(`${good ? 'ok' : 'not ok'} ${line}`);
}

function start(command, stderr = 'inherit') {
    const child = spawn(command[0], command.slice(1),
        {cwd: here, env: environment, stdio: ['ignore', 'pipe', stderr], detached: true});
    running.add(child);
    child.ended = new Promise((resolve) => {
        child.on('error', (error) => resolve({failure: error.message}));
        child.on('close', (code, signal) => resolve({code, signal}));
    }).finally(() => running.delete(child));
    return child;
}

function signal_group(child, signal) {
    try {
        process.kill(-child.pid, signal);
    } catch {
        // It has ended already.
    }
}

/** Asks `child` to end, and makes it end if it does not. */
async function stop(child) {
    signal_group(child, 'SIGTERM');
    const timer = setTimeout(() => signal_group(child, 'SIGKILL'), grace_ms);
    const ended = await child.ended;
    clearTimeout(timer);
    return ended;
}

/** Starts a server and gives the URLs that it prints behind each of `labels`, as ws://HOST:PORT. */
async function start_server(command, labels) {
    const child = start(command, 'pipe');
    child.complaints = '';
    child.stderr.on('data', (data) => {
        child.complaints += data;
        process.stderr.write(data);
    });
    const lines = createInterface({input: child.stdout});
    const found = new Map();
    const ready = new Promise((resolve, reject) => {
        lines.on('line', (line) => {
            const [, label, host] = /^(.*) (?:ws|http):\/\/([^/]*)\/$/.exec(line) ?? [];
            found.set(label, `ws://${host}`);
            if (labels.every((each) => found.has(each))) {
                resolve(labels.map((each) => found.get(each)));
            }
        });
        child.ended.then((how) => reject(new Error(`${command[0]} ended: ${JSON.stringify(how)}`)));
        setTimeout(() => reject(new Error(`${command[0]} is not ready`)), start_deadline_ms).unref();
    });
    return {child, urls: await ready};
}

async function stop_server(name, child) {
    const ended = await stop(child);
    report(ended.code === 0, `${name}: ends on SIGTERM with status 0` +
        (ended.code === 0 ? '' : `: ${JSON.stringify(ended)}`));
    report(child.complaints === '', `${name}: has nothing to complain about`);
}

async function run_client({name, command}, args) {
    const child = start([...command, ...args]);
    const timer = setTimeout(() => stop(child), client_deadline_ms);
    const counted = {passed: 0, failed: 0};
    let end = null;
    for await (const line of createInterface({input: child.stdout})) {
        const [, verdict, check] = /^(ok|not ok) (.*)$/.exec(line) ?? [];
        if (verdict) {
            counted[verdict === 'ok' ? 'passed' : 'failed'] += 1;
            report(verdict === 'ok', `${name}: ${check}`);
        } else {
            end = line;
        }
    }
    const how = await child.ended;
    clearTimeout(timer);
    const expected = `end ${counted.passed} ${counted.failed}`;
    const complete = end === expected && how.code === (counted.failed ? 1 : 0) &&
        (counted.passed + counted.failed > 0 || options.check !== '');
    report(complete, `${name}: ran to its end` +
        (complete ? '' : `: ${JSON.stringify(how)}, "${end}", expected "${expected}"`));
}

async function main() {
    const chosen = (name) => options.only === '' || options.only === name;
    mkdirSync(options.out, {recursive: true});
    const peers = clients.filter(({name}) => chosen(name));
    if (peers.length > 0) {
        const {child, urls} = await start_server(
            [path.resolve(options.server), here], ['listening on', 'guarded on']);
        for (const client of peers) {
            await run_client(client, [...urls, options.check]);
        }
        await stop_server('server', child);
    }
    if (chosen('page')) {
        const {child, urls} = await start_server(
            [path.resolve(options.program), 'serve', '--port', '0'], ['open']);
        await run_client({name: 'page', command: [process.execPath, 'page_test.mjs']},
            [...urls, path.resolve(options.out), options.check]);
        await stop_server('serve', child);
    }
}

/** Ends whatever still runs and removes what it wrote. */
async function clean_up() {
    await Promise.all([...running].map(stop));
    // A browser whose owner has ended may take a moment to be gone itself.
    rmSync(scratch, {recursive: true, force: true, maxRetries: 20, retryDelay: 100});
}

async function give_up(reason) {
    process.exitCode = 130;
    console.error(`interop: ${reason}`);
    await clean_up();
    process.exit();
}

process.on('SIGINT', give_up);
process.on('SIGTERM', give_up);
process.stdout.on('error', () => give_up('nobody reads the results'));

try {
    await main();
} catch (error) {
    report(false, `driver: ${error.message}`);
}
await clean_up();
console.log(`interop: ${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed || !tally.passed ? 1 : 0;
