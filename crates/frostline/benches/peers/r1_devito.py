"""R1 by explicit Euler with Devito: single precision, two sweeps per step, OpenMP, autotuned."""

import os
import time

import r1

options = r1.arguments()
os.environ["OMP_NUM_THREADS"] = str(options.threads)
os.environ.setdefault("DEVITO_LOGGING", "ERROR")
os.environ.setdefault("DEVITO_LANGUAGE", "openmp")

import devito  # noqa: E402  (what it reads from the environment is read when it is imported)
import numpy as np  # noqa: E402
from devito import Eq, Function, Grid, Max, Min, Operator, SubDomain, TimeFunction  # noqa: E402


needle = r1.needle_cells()
BOX = [(int(n.min()), int(n.max())) for n in np.nonzero(needle)]


class Inner(SubDomain):
    """All but the outermost cells, which keep their temperature."""

    name = "inner"

    def define(self, dimensions):
        return {dimension: ("middle", 1, 1) for dimension in dimensions}


class AroundNeedle(SubDomain):
    """The smallest box around the needle."""

    name = "around_needle"

    def define(self, dimensions):
        return {d: ("middle", low, r1.SIDE - 1 - high) for d, (low, high) in zip(dimensions, BOX)}


inner, around_needle = Inner(), AroundNeedle()
grid = Grid(shape=(r1.SIDE,) * 3, subdomains=(inner, around_needle), dtype=np.float32)
h = TimeFunction(name="h", grid=grid, space_order=2, time_order=1)
theta = Function(name="theta", grid=grid, space_order=2)
z, y, x = grid.dimensions
step_number = grid.time_dim

# The enthalpy of the needle by step, and 1 while the gas is on. Both are read in the needle only.
inside = Function(name="inside", grid=grid, space_order=0)
inside.data[:] = needle
held = Function(name="held", dimensions=(step_number,), shape=(r1.STEPS + 1,), space_order=0, dtype=np.float32)
is_on = Function(name="is_on", dimensions=(step_number,), shape=(r1.STEPS + 1,), space_order=0, dtype=np.float32)
for step in range(r1.STEPS):
    celsius = r1.surface_c(step * r1.STEP_S)
    is_on.data[step] = celsius is not None
    held.data[step] = 0.0 if celsius is None else r1.enthalpy(celsius)

above = Max(h, 0.0)
below = Min(h + r1.MUSHY, 0.0)
between = h - above - below
potential = r1.UNFROZEN * above + r1.FROZEN * below + between * (r1.LINEAR + r1.SQUARE * between)
around = sum(theta.subs(d, d + s) for d in (z, y, x) for s in (-1, 1))
# Above freezing `min(1, max(h, 0))` is 1, frozen it is 0: enthalpies are in J/m3, so nothing lies between.
flows = Min(Max(h, 0.0), 1.0)
following = h + r1.SPREAD * (around - 6.0 * theta) + flows * (r1.MADE - r1.PER_J * h)
operator = Operator(
    [
        Eq(h, h + inside * is_on * (held - h), subdomain=around_needle),
        Eq(theta, potential),
        Eq(h.forward, following, subdomain=inner),
    ],
    opt=("advanced", {"openmp": True}),
)


def advance(first, last):
    operator.apply(time_m=first, time_M=last - 1)


def warm():
    # Both time levels, because the outermost cells are never written.
    h.data[:] = r1.enthalpy(r1.BLOOD_C)


begun = time.perf_counter()
warm()
operator.apply(time_m=0, time_M=40, autotune=("aggressive", "runtime"))
compile_s = time.perf_counter() - begun
warm()
r1.run(devito.__version__, options.threads, options.cap_s, compile_s, advance, lambda last: h.data[last % 2])
