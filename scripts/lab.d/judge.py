"""Reads the trials of an experiment as `hyperserver trials --json` prints them: where it stands, and what came of it.

judge.py progress                how many trials are done, and a host that runs one ("-" for none)
judge.py verdict HOST KILLED     checks that every trial is done although HOST was killed at KILLED (seconds of the epoch)
"""

import datetime
import json
import sys

EXPECTED = 20


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def progress(trials):
    done = sum(trial["state"] == "done" for trial in trials)
    hosts = [trial["attempts"][-1]["host"] for trial in trials if trial["state"] == "running"]
    # The one with most to lose.
    print(done, max(hosts, key=hosts.count) if hosts else "-")


def verdict(trials, host, killed):
    done = [trial for trial in trials if trial["state"] == "done"]
    hosts = sorted({attempt["host"] for trial in trials for attempt in trial["attempts"]})
    print(f"{len(done)} of {len(trials)} trials are done, run by {len(hosts)} workers ({', '.join(hosts)})")
    returned = 0
    for trial in trials:
        for lost, following in zip(trial["attempts"], trial["attempts"][1:]):
            if lost["host"] == host and lost["cause"] == "lost":
                returned += 1
                wait = seconds(following["claimed_at"]) - killed
                print(f"trial {trial['trial']} died with {host}; {wait:.1f} s later {following['host']} ran it again")
    problems = []
    if len(trials) != EXPECTED or len(done) != EXPECTED:
        problems.append(f"{EXPECTED} trials should be done")
    if returned == 0:
        problems.append("the killed worker should have lost a trial that came back")
    for problem in problems:
        print(f"error: {problem}")
    return 1 if problems else 0


trials = json.load(sys.stdin)["trials"]
if sys.argv[1] == "progress":
    progress(trials)
else:
    sys.exit(verdict(trials, sys.argv[2], float(sys.argv[3])))
