"""Each request comes from the next of several people of one role, so that nobody is asked to wait."""

import itertools
import json
import os

import schemathesis

with open(os.environ["FROSTLINE_CROWD"], encoding="utf-8") as crowd:
    PEOPLE = itertools.cycle([json.loads(line) for line in crowd])


@schemathesis.hook
def before_call(context, case, kwargs):
    person = next(PEOPLE)
    name, value = person["cookie"].split("=", 1)
    case.cookies[name] = value
    case.headers["x-csrf-token"] = person["x-csrf-token"]
