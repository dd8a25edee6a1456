# SPDX-License-Identifier: MIT
# report.py — turns what tests/bench/run has measured into a page of Markdown tables.
#
# Does: medians and ratios, pair by pair.  Does not: measure.
# Used by: tests/bench/run.  Depends on: nothing.
import platform
import re
import statistics

NOTHING = "–"
WAYS_TO_COMPRESS = ("each", "takeover")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def pairs(these, those):
    """Returns the ratio of each repetition in which both were measured."""
    return [a["rate"] / b["rate"] for a, b in zip(these, those) if a and b]


def spread(ratios, target=None):
    """Returns "median (least to most)", with a mark if the median misses its target."""
    if not ratios:
        return NOTHING
    middle = statistics.median(ratios)
    text = f"{middle:.2f}"
    if len(ratios) > 1:
        text += f" ({min(ratios):.2f} to {max(ratios):.2f})"
    return text + (" **below**" if target and middle < target else "")


def median_of(runs, key):
    values = [key(run) for run in runs if run]
    return statistics.median(values) if values else None


def number(value):
    if value is None:
        return NOTHING
    if value >= 1e6:
        return f"{value / 1e6:.2f} M"
    return f"{value / 1e3:.1f} k" if value >= 1e4 else f"{value:.0f}"


def is_ours(name):
    return name in ("Plainsong", "other")


def ratio_rows(made):
    for case in made.cases:
        results = made.results[case.name]
        for text in (None, *case.texts):
            ceiling = results["ceiling", text]
            row = [case.text + (f", {text} text" if text else ""),
                   number(median_of(ceiling, lambda run: run["rate"]))]
            for name in made.servers[1:]:
                target = case.target if is_ours(name) and not text else None
                row.append(spread(pairs(results[name, text], ceiling), target))
            yield row + [f"≥ {case.target:.2f}" if case.target and not text else ""]


def text_rows(made):
    for case in made.cases:
        for text in case.texts:
            results = made.results[case.name]
            row = [f"{case.text}, {text} text"]
            for name in made.servers[1:]:
                target = made.text_target if is_ours(name) else None
                row.append(spread(pairs(results[name, text], results[name, None]), target))
            yield row + [f"≥ {made.text_target:.2f}"]


def client_rows(made):
    for case in made.client_cases:
        results = made.client_results[case.name]
        yield [case.text, number(median_of(results["ceiling"], lambda run: run["rate"])),
               *(spread(pairs(results[name], results["ceiling"])) for name in made.clients[1:])]


def echo_bytes(runs):
    size = median_of(runs, lambda run: run["echo_bytes"])
    return NOTHING if size is None else f"{size:,.0f}"


def deflate_rows(made):
    for case in made.deflate_cases:
        results = made.deflate_results[case.name]
        for how in WAYS_TO_COMPRESS:
            for name in filter(is_ours, made.deflating):
                ours, theirs = results[name, how], results.get(("ws", how), [])
                yield [case.text, how, name,
                       number(median_of(results[name, None], lambda run: run["rate"])),
                       number(median_of(ours, lambda run: run["rate"])),
                       spread(pairs(ours, results[name, None])),
                       number(median_of(theirs, lambda run: run["rate"])),
                       spread(pairs(ours, theirs)), echo_bytes(ours), echo_bytes(theirs)]


def wall_rows(made):
    for case in made.cases:
        for name, runs in made.alone[case.name].items():
            if not any(runs):
                continue
            limits = [run["limit"] for run in runs if run]
            share = [f"{median_of(runs, lambda run, k=key: run[k] / run['seconds']):.0%}"
                     for key in ("server_cpu", "generator_cpu")]
            trips = [f"{median_of(runs, lambda run, k=key: run['trip_ns'][k]) / 1e3:.0f}"
                     for key in ("p50", "p99")]
            yield [case.text, name,
                   number(median_of(runs, lambda run: run["messages"] / run["seconds"])),
                   *trips, *share, max(set(limits), key=limits.count)]


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as file:
        found = re.search(r"model name\s*:\s*(.*)", file.read())
        model = found[1] if found else model
    return f"{model}, Linux {platform.release()}"


def page(made):
    peers = made.servers[1:]
    parts = [
        "# Benchmarks\n",
        f"{machine()}. Server on CPU 0, generator on CPU 1, loopback; repetitions: {made.repeat}, "
        "servers taking turns; medians, with the least and the most.\n",
    ]
    if made.busy > 0.5:
        parts.append(f"**The machine was busy when this began (load {made.busy:.1f}); "
                     "the figures are worth little.**\n")
    if made.cases:
        parts += [
            "## Ratio to the ceiling\n",
            "Payload · connections · messages under way on each. The ceiling's column is messages "
            "per CPU-second of the server, the others are their share of it, pair by pair.\n",
            table(["case", "ceiling", *peers, "target"], ratio_rows(made)),
        ]
        if any(case.texts for case in made.cases):
            parts += ["## Text, as a share of binary of the same size\n",
                      table(["case", *peers, "target"], text_rows(made))]
        parts += [
            "## Wall clock\n",
            "Each server by itself, medians of three runs. Whoever used its CPU for more than 93% of the time was the limit"
            + (".\n" if made.sleeps else "; if not the server, then the generator, which never sleeps.\n"),
            table(["case", "server", "a second", "p50 µs", "p99 µs", "server CPU",
                   "generator CPU", "limit"], wall_rows(made)),
        ]
    if made.deflate_cases:
        parts += ["## Compression\n",
                  "Echoes of JSON per CPU-second of the server with permessage-deflate, each message "
                  "for itself or with what the server has sent before in view, at default levels; as a "
                  "share of the same server's plain path, and against npm's ws.\n",
                  table(["case", "context", "server", "plain path", "compressed", "share of plain",
                         "ws", "ratio to ws", "bytes of an echo", "bytes of ws's"],
                        deflate_rows(made))]
    if made.client_cases:
        parts += ["## Clients\n",
                  "Echoes per CPU-second of the client, against our own server on the other CPU, as a "
                  "share of what a client reaches that knows nothing of WebSocket.\n",
                  table(["case", "ceiling", *made.clients[1:]], client_rows(made))]
    if made.memory:
        rows = [[name, *(NOTHING if each is None else f"{each:,.0f}" for each in values)]
                for name, values in made.memory.items()]
        parts += ["## Memory of an idle connection\n",
                  f"Bytes of anonymous memory a connection, {made.idle:,} of them; target: at most "
                  f"{made.memory_target} after the handshake.\n",
                  table(["server", "after the handshake", "after a message of 16 KiB each"], rows)]
    if made.built:
        rows = [[name, f"{seconds:.2f}", f"{size / 1000:.0f} kB"]
                for name, (seconds, size) in made.built.items()]
        parts += ["## Building an echo server\n",
                  table(["library", "CPU seconds at -O2", "stripped program"], rows)]
    return "\n".join(parts)
