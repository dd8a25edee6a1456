# SPDX-License-Identifier: MIT
# turns.py — lets load generators that all are at work take turns, a slice of time each.
#
# Why: how fast a shared machine is changes by a fifth within seconds.  Of two servers that are measured
# one after the other, half a second each, one has been lucky; of two that take turns each 50 ms neither has.
# Does: stop and continue the generators' processes, so that one at a time is running, and wait in
# between until its server has nothing left to do.  Does not: measure; a generator and a server that
# stand still use no CPU time, so what the generator says in the end is of its own slices alone.
# Used by: tests/bench/run.  Depends on: Linux (/proc).
import os
import signal
import time

LONGEST_PAUSE = 0.3  # seconds for a server to finish what its generator has asked for


def cpu_time(pid):
    """Returns the nanoseconds of CPU that the process's first thread has had."""
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0])


def hold(generator, server_pid):
    """Stops a generator and waits until its server stands still, too."""
    os.kill(generator.pid, signal.SIGSTOP)
    before, end = cpu_time(server_pid), time.monotonic() + LONGEST_PAUSE
    while time.monotonic() < end:
        time.sleep(0.002)
        now = cpu_time(server_pid)
        if now == before:
            return
        before = now


def take(pairs, length, most):
    """Lets each of `pairs`, (generator on hold, pid of its server), run for `length` seconds, in turn, until
    all of them have ended.  Those that have not after `most` seconds are ended."""
    end = time.monotonic() + most
    running = list(pairs)
    while running and time.monotonic() < end:
        for pair in list(running):
            generator, server_pid = pair
            os.kill(generator.pid, signal.SIGCONT)
            time.sleep(length)
            if generator.poll() is None:
                hold(generator, server_pid)
            else:
                running.remove(pair)
    for generator, _ in running:
        generator.kill()
