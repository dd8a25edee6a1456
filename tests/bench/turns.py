# SPDX-License-Identifier: MIT
# turns.py — lets load generators that all are at work take turns, a slice of time each.
#
# Why: how fast a shared machine is changes by a fifth within seconds.  Of two servers that are measured
# one after the other, half a second each, one has been lucky; of two that take turns each 50 ms neither has.
# Does: stop and continue the generators' processes, so that one at a time is running, and wait in
# between until its server has answered all that it was asked.  Does not: measure.  Generators and servers
# that stand still use no CPU time; but a generator's wall clock goes on, and so does its latency.
# Used by: tests/bench/run.  Depends on: Linux (the number of a process's CPU clock).
import os
import signal
import time

LONGEST_PAUSE = 2  # seconds for a server to answer what it was asked


def cpu_time(pid):
    """Returns the nanoseconds of CPU that all threads of a process have had, up to now."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def hold(generator, server_pid):
    """Stops a generator and waits until its server stands still, too.  Returns: whether it did."""
    os.kill(generator.pid, signal.SIGSTOP)
    before, end = cpu_time(server_pid), time.monotonic() + LONGEST_PAUSE
    while time.monotonic() < end:
        time.sleep(0.002)
        now = cpu_time(server_pid)
        if now == before:
            return True
        before = now
    return False


def take(pairs, length, most):
    """Lets each of `pairs`, (generator on hold, pid of its server), run for `length` seconds, in turn, until
    all of them have ended.  Those that have not after `most` seconds are ended.
    Returns: how many servers worked on in another's turn."""
    end = time.monotonic() + most
    running = list(pairs)
    restless = set()
    while running and time.monotonic() < end:
        for pair in list(running):
            generator, server_pid = pair
            os.kill(generator.pid, signal.SIGCONT)
            time.sleep(length)
            if generator.poll() is not None:
                running.remove(pair)
            elif not hold(generator, server_pid):
                restless.add(server_pid)
    for generator, _ in running:
        generator.kill()
    return len(restless)
