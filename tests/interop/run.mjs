// SPDX-License-Identifier: MIT
// run.mjs — starts our servers and lets each real client loose on them, then real servers and proxies
// and lets our client loose on those, and counts.
//
// Usage: node run.mjs --server PATH --client PATH --beast PATH --program PATH --out DIRECTORY
//            [--only NAME] [--check PART]
//
// Does: give each program a deadline, pass its lines on, end whatever it started, leave nothing behind.
// Does not: judge, but whether a proxy was used.  A client says `ok` or `not ok` for each check, and `end PASSED FAILED` last; one
// that ends otherwise counts as a failure, so a run that was cut short cannot pass.
import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {connect, createServer} from 'node:net';
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
    client: {type: 'string'},
    beast: {type: 'string'},
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

// What our client is let loose on; each prints its port when it is ready.
const servers = [
    {name: 'to-ws', command: [process.execPath, 'servers/ws.mjs']},
    {name: 'to-websocket', command: [process.execPath, 'servers/websocket.mjs'], lacks: 'codes, deflate'},
    {name: 'to-python-websockets', command: [python, '-B', 'servers/python_websockets.py']},
    {name: 'to-python-wsproto', command: [python, '-B', 'servers/python_wsproto.py'],
        lacks: 'paths, 8 bits, asking'},
    {name: 'to-beast', command: [path.resolve(options.beast)], lacks: '8 bits'},
];

const user = 'cantor';
const password = 'psalm.2';

/** tinyproxy is told all by a file. */
function tinyproxy(port, credentials) {
    const file = path.join(scratch, `tinyproxy-${port}.conf`);
    const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'Allow 127.0.0.1', 'MaxClients 200', 'Timeout 60',
        'LogLevel Connect'];
    writeFileSync(file, [...lines, ...credentials ? [`BasicAuth ${user} ${password}`] : [], ''].join('\n'));
    return ['tinyproxy', '-d', '-c', file];
}

function microsocks(port, credentials) {
    return ['microsocks', '-i', '127.0.0.1', '-p', `${port}`,
        ...credentials ? ['-u', user, '-P', password] : []];
}

// `trace` is what the proxy says for each connection that it makes.
const proxies = [
    {name: 'via-tinyproxy', scheme: 'http', command: tinyproxy, trace: /: CONNECT /},
    {name: 'via-tinyproxy-basic', scheme: 'http', command: tinyproxy, trace: /: CONNECT /, credentials: true},
    {name: 'via-microsocks', scheme: 'socks5', command: microsocks, trace: /connected to /},
    {name: 'via-microsocks-password', scheme: 'socks5', command: microsocks, trace: /connected to /,
        credentials: true},
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

/** Starts a server and reads its lines until `read(line)` gives something. */
async function start_ready(command, read) {
    const child = start(command, 'pipe');
    child.complaints = '';
    child.stderr.on('data', (data) => {
        child.complaints += data;
        process.stderr.write(data);
    });
    const found = await new Promise((resolve, reject) => {
        createInterface({input: child.stdout}).on('line', (line) => {
            const value = read(line);
            if (value) {
                resolve(value);
            }
        });
        child.ended.then((how) => reject(new Error(`${command[0]} ended: ${JSON.stringify(how)}`)));
        setTimeout(() => reject(new Error(`${command[0]} is not ready`)), start_deadline_ms).unref();
    });
    return {child, found};
}

/** Starts a server that prints its port, and gives its URL. */
async function start_listening(command) {
    const {child, found} = await start_ready(command, (line) => /^listening on (\d+)$/.exec(line)?.[1]);
    return {child, url: `ws://127.0.0.1:${found}`};
}

/** Gives a port that nobody listens to at the moment. */
async function free_port() {
    const holder = createServer();
    await new Promise((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const {port} = holder.address();
    await new Promise((resolve) => holder.close(resolve));
    return port;
}

/** Waits until `child` takes connections on `port`. */
async function await_listener(child, port) {
    let failure = null;
    child.ended.then((how) => { failure = new Error(`it ended: ${JSON.stringify(how)}`); });
    const latest = Date.now() + start_deadline_ms;
    const answers = () => new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
        socket.on('connect', () => socket.destroy());
    });
    while (!await answers()) {
        if (failure || Date.now() > latest) {
            throw failure ?? new Error('it is not ready');
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

/** Starts a server and gives the URLs that it prints behind each of `labels`, as ws://HOST:PORT. */
async function start_server(command, labels) {
    const known = new Map();
    const {child} = await start_ready(command, (line) => {
        const [, label, host] = /^(.*) (?:ws|http):\/\/([^/]*)\/$/.exec(line) ?? [];
        known.set(label, `ws://${host}`);
        return labels.every((each) => known.has(each));
    });
    return {child, urls: labels.map((each) => known.get(each))};
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

async function visit_server({name, command, lacks}) {
    const {child, url} = await start_listening(command);
    const args = lacks ? ['--lacks', lacks, url] : [url];
    await run_client({name, command: [path.resolve(options.client), '--only', options.check]}, args);
    await stop_server(name, child);
}

async function visit_through(proxy, url) {
    const port = await free_port();
    const child = start(proxy.command(port, proxy.credentials), 'pipe');
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => { said += data; });
    }
    await await_listener(child, port);
    const at = (credentials) => `${proxy.scheme}://${credentials}127.0.0.1:${port}`;
    const known = `${user}:${password}@`;
    const args = ['--lacks', 'deflate', ...proxy.credentials ?
        ['--proxy', at(known), '--refused', at(`${user}:wrong@`)] : ['--proxy', at('')]];
    await run_client({name: proxy.name, command: [path.resolve(options.client), '--only', options.check]},
        [...args, url]);
    await stop(child);
    const times = said.split('\n').filter((line) => proxy.trace.test(line)).length;
    report(times > 0, `${proxy.name}: was used (${times} times)`);
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
    if (chosen('report')) {
        await run_client({name: 'report', command: [process.execPath, 'report_test.mjs']},
            [path.resolve(options.program), path.resolve(options.out), options.check]);
    }
    for (const server of servers.filter(({name}) => chosen(name))) {
        await visit_server(server);
    }
    const ways = proxies.filter(({name}) => chosen(name));
    if (ways.length > 0) {
        const {child, url} = await start_listening(servers[0].command);
        for (const proxy of ways) {
            await visit_through(proxy, url);
        }
        await stop_server('behind the proxies', child);
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
