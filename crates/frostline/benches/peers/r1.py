"""R1 for the peers: the problem, how a run is timed, and what is read off the answer.

One needle of 1.5 mm in a cube of 64 mm, two freezes of 180 s with thaws of 120 s; docs/speed.md says more. The needle is
whichever cells have their centre inside it, as in the plain baseline of the bench.
"""

import argparse
import json
import os
import resource
import time

import numpy as np

# Threads that wait should not spin: beside other programs spinning cost two threads ten times their time, and on a free
# machine waking them costs little. Read by OpenMP when it starts, so before any import of a peer.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

SIDE = 128
CELL_MM = 0.5
DURATION_S = 600.0
STARTS_C, ENDS_C, BLOOD_C = -1.0, -8.0, 37.0
UNFROZEN_K, FROZEN_K = 0.5, 2.0
UNFROZEN_C, FROZEN_C = 3.6e6, 1.8e6
LATENT = 250e6
PERFUSION, METABOLIC = 0.0005 * 3.6e6, 4200.0
RADIUS_MM, ACTIVE_MM = 0.75, 15.0
OFFSET_MM = (0.1, 0.2, 0.0)

RANGE_K = STARTS_C - ENDS_C
MUSHY = 0.5 * (UNFROZEN_C + FROZEN_C) * RANGE_K + LATENT
# theta = UNFROZEN above + FROZEN below + between (LINEAR + SQUARE between), without a branch.
UNFROZEN = UNFROZEN_K / UNFROZEN_C
FROZEN = FROZEN_K / FROZEN_C
LINEAR = RANGE_K / MUSHY * UNFROZEN_K
SQUARE = -0.5 * RANGE_K / MUSHY * (FROZEN_K - UNFROZEN_K) / MUSHY

LONGEST_STEP_S = 0.99 * (1e-3 * CELL_MM) ** 2 / (6.0 * FROZEN_K / FROZEN_C)
STEPS = int(np.ceil(DURATION_S / LONGEST_STEP_S))
STEP_S = DURATION_S / STEPS
SPREAD = STEP_S / (1e-3 * CELL_MM) ** 2
MADE = STEP_S * (PERFUSION * (BLOOD_C - STARTS_C) + METABOLIC)
PER_J = STEP_S * PERFUSION / UNFROZEN_C

# Time (s), surface (C), mean radius (mm), half length (mm) of the converged axisymmetric answer.
ROWS = [
    (180.0, 0.0, 8.839, 13.122),
    (180.0, -20.0, 6.127, 10.690),
    (180.0, -40.0, 4.215, None),
    (300.0, 0.0, 8.287, None),
    (480.0, 0.0, 10.475, 14.151),
    (480.0, -20.0, 6.933, 11.109),
    (480.0, -40.0, 4.627, None),
    (600.0, 0.0, 10.198, None),
]
THAWS_S = (300.0, 600.0)
PART_S = 2.0


def enthalpy(celsius):
    over = celsius - STARTS_C
    mushy = np.clip(over / RANGE_K, -1.0, 0.0) * MUSHY
    return UNFROZEN_C * max(over, 0.0) + mushy + FROZEN_C * min(over + RANGE_K, 0.0)


def celsius(h):
    mushy = np.clip(h, -MUSHY, 0.0) / MUSHY * RANGE_K
    return STARTS_C + np.maximum(h, 0.0) / UNFROZEN_C + mushy + np.minimum(h + MUSHY, 0.0) / FROZEN_C


def needle_cells():
    """True in the cells of the needle, indexed z, y, x."""
    at = (np.arange(SIDE) + 0.5) * CELL_MM - 0.5 * SIDE * CELL_MM
    z, y, x = np.meshgrid(at - OFFSET_MM[2], at - OFFSET_MM[1], at - OFFSET_MM[0], indexing="ij")
    return (x * x + y * y <= RADIUS_MM**2) & (np.abs(z) <= 0.5 * ACTIVE_MM)


def surface_c(now_s):
    """The temperature of the needle, or None while the gas is off. The ramp begins anew with the second freeze."""
    for begins in (0.0, 300.0):
        since = now_s - begins
        if 0.0 <= since < 180.0:
            return BLOOD_C + (-140.0 - BLOOD_C) * min(since / 30.0, 1.0)
    return None


def crossing(h, towards, level):
    """Distance from the middle of the needle to where it gets warmer than level (mm)."""
    along = np.arange(0.0, 31.0, 0.02)
    places = [(o + t * along + 0.5 * SIDE * CELL_MM) / CELL_MM - 0.5 for o, t in zip(OFFSET_MM, towards)]
    values = np.zeros_like(along)
    low = [np.clip(p.astype(int), 0, SIDE - 2) for p in places]
    part = [p - l for p, l in zip(places, low)]
    for corner in range(8):
        up = [corner >> axis & 1 for axis in range(3)]
        share = np.prod([q if u else 1.0 - q for q, u in zip(part, up)], axis=0)
        x, y, z = (l + u for l, u in zip(low, up))
        values += share * celsius(h[z, y, x].astype(float))
    cold = np.nonzero(values <= level)[0]
    if len(cold) == 0:
        return float("nan")
    n = cold[0]
    while n + 1 < len(along) and values[n + 1] <= level:
        n += 1
    if n + 1 == len(along):
        return float("nan")
    return along[n] + 0.02 * (level - values[n]) / (values[n + 1] - values[n])


def farther(a, b):
    return b if a is None or abs(b) > abs(a) else a


def errors_at(at_s, h, errors):
    for when, level, radius_mm, axial_mm in ROWS:
        if when != at_s:
            continue
        angles = 2.0 * np.pi * np.arange(16) / 16
        radii = np.array([crossing(h, (np.cos(a), np.sin(a), 0.0), level) for a in angles])
        kind = "thaw_mm" if when in THAWS_S else "mean_mm"
        errors[kind] = farther(errors[kind], float(radii.mean() - radius_mm))
        errors["direction_mm"] = farther(errors["direction_mm"], float(max(radii - radius_mm, key=abs)))
        if axial_mm is not None:
            half = 0.5 * (crossing(h, (0.0, 0.0, 1.0), level) + crossing(h, (0.0, 0.0, -1.0), level))
            errors["axial_mm"] = farther(errors["axial_mm"], float(half - axial_mm))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cap-s", type=float, default=20.0, help="run to the end when that takes no longer than this")
    return parser.parse_args()


def steps_between(first, last):
    """The same number of steps as the clock of the needle needs: groups that end where a row is read."""
    ends = sorted({int(round(at_s / STEP_S)) for at_s, *_ in ROWS} | {last})
    return [(max(first, a), b) for a, b in zip([0] + ends, ends) if b > first]


def run(version, threads, cap_s, compile_s, advance, field):
    """Times `advance(first, last)`, which takes the steps first to last - 1, and prints the line for the bench.

    `field(last)` gives the enthalpies after so many steps, indexed z, y, x.
    """
    chunk = 64
    done, begun, begun_cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < PART_S and done < STEPS:
        advance(done, done + chunk)
        done += chunk
    wall_s = (time.perf_counter() - begun) / done * STEPS
    cpu_s = (time.process_time() - begun_cpu) / done * STEPS
    part, errors = f"{done} of {STEPS} steps", None
    if wall_s <= cap_s:
        errors = dict(mean_mm=None, thaw_mm=None, axial_mm=None, direction_mm=None)
        running_s, running_cpu_s = time.perf_counter() - begun, time.process_time() - begun_cpu
        for first, last in steps_between(done, STEPS):
            since, since_cpu = time.perf_counter(), time.process_time()
            advance(first, last)
            running_s += time.perf_counter() - since
            running_cpu_s += time.process_time() - since_cpu
            nearest = min(ROWS, key=lambda row: abs(row[0] - last * STEP_S))
            errors_at(nearest[0], field(last), errors)
        wall_s, cpu_s, part = running_s, running_cpu_s, None
    print(
        json.dumps(
            dict(
                version=version,
                wall_s=wall_s,
                cpu_s=cpu_s,
                part=part,
                cells=SIDE**3,
                grid_mm=CELL_MM,
                step_s=STEP_S,
                steps=STEPS,
                threads=threads,
                # The peak of the whole interpreter, in kB on Linux.
                memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
                compile_s=compile_s,
                errors=errors,
            )
        )
    )
