"""A worker that lives, and takes its end, as it is told: worker.py FACTS LIFE, LIFE as JSON (fate.ts says what is in it).

Every SIGTERM is taken by hand (sigtimedwait), with its sender: none interrupts what is being written down of another.
But the kernel keeps one at a time, and two that are sent at once arrive as one: where they are sent they are counted.
"""
import json
import os
import signal
import sys
import time

MAIN = os.getpid()
FACTS = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)


def now():
    return time.monotonic() * 1000


def tell(what, **more):
    os.write(FACTS, (json.dumps({"what": what, "pid": os.getpid(), "at": now(), **more}) + "\n").encode())


def end(how):
    if isinstance(how, str):
        os.kill(os.getpid(), getattr(signal, how))
    os._exit(how)


def start(job, forked=False):
    """Starts a process of a call, which takes its end in its own way."""
    if os.fork() != 0:
        return
    if job["where"] == "group":
        os.setpgid(0, 0)
    if job["where"] == "session":
        os.setsid()
    # Left to whoever reaps here: its parent does not wait for it.
    if job["orphan"] and os.fork() != 0:
        os._exit(0)
    hops = 0
    for _ in range(job["hops"]):
        # It is never the same process for long.
        if os.fork() != 0:
            os._exit(0)
        hops += 1
        time.sleep(job["every"] / 1000)
    live("job", job, orphan=job["orphan"], hops=hops, forked=forked)


def live(role, life, **how):
    """Never returns."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    tell("started", role=role, parent=os.getppid(), group=os.getpgrp(), session=os.getsid(0), **how)
    if role == "worker":
        os.write(1, b"ready\n")
    begun = now()
    ends, how = (None, 0) if life["ends"] is None else (begun + life["ends"]["at"], life["ends"]["how"])
    forks = life.get("forks")
    next_fork = None if forks is None or forks["after"] != "start" else begun + forks["at"]
    left = 0 if forks is None else forks["count"]
    while True:
        due = [at for at in (ends, next_fork) if at is not None]
        wait = max(0, min(due) - now()) / 1000 if due else 3600
        told = signal.sigtimedwait({signal.SIGTERM}, wait)
        if told is not None:
            tell("term", role=role, sender=told.si_pid, below=os.getppid() == MAIN, ignored=life["onTerm"] is None)
            if life["onTerm"] is not None and (ends is None or now() + life["onTerm"] < ends):
                ends, how = now() + life["onTerm"], life["code"]
            if forks is not None and forks["after"] == "term" and next_fork is None:
                next_fork = now() + forks["at"]
        if ends is not None and now() >= ends:
            tell("ends", role=role, told=told is not None)
            end(how)
        if next_fork is not None and now() >= next_fork:
            left -= 1
            next_fork = now() + forks["every"] if left > 0 else None
            start(forks["job"], forked=True)


own = json.loads(sys.argv[2])
for each in own["jobs"]:
    start(each)
live("worker", own)
