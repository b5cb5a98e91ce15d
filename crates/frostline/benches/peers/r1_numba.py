"""R1 by explicit Euler with Numba: single precision, two arrays, two parallel sweeps per step."""

import os
import time

import r1

options = r1.arguments()
os.environ["NUMBA_NUM_THREADS"] = str(options.threads)

import numba  # noqa: E402  (the number of threads is read when it is imported)
import numpy as np  # noqa: E402

F = np.float32
MUSHY, UNFROZEN, FROZEN, LINEAR, SQUARE = F(r1.MUSHY), F(r1.UNFROZEN), F(r1.FROZEN), F(r1.LINEAR), F(r1.SQUARE)
SPREAD, MADE, PER_J = F(r1.SPREAD), F(r1.MADE), F(r1.PER_J)
ZERO, SIX = F(0), F(6)


@numba.njit(parallel=True, fastmath=True)
def potentials(h, theta):
    for k in numba.prange(h.shape[0]):
        for j in range(h.shape[1]):
            for i in range(h.shape[2]):
                value = h[k, j, i]
                above = max(value, ZERO)
                below = min(value + MUSHY, ZERO)
                between = value - above - below
                theta[k, j, i] = UNFROZEN * above + FROZEN * below + between * (LINEAR + SQUARE * between)


@numba.njit(parallel=True, fastmath=True)
def advance_all(h, theta):
    for k in numba.prange(1, h.shape[0] - 1):
        for j in range(1, h.shape[1] - 1):
            for i in range(1, h.shape[2] - 1):
                around = theta[k, j, i - 1] + theta[k, j, i + 1] + theta[k, j - 1, i] + theta[k, j + 1, i]
                around += theta[k - 1, j, i] + theta[k + 1, j, i]
                value = h[k, j, i]
                source = MADE - PER_J * value if value > ZERO else ZERO
                h[k, j, i] = value + SPREAD * (around - SIX * theta[k, j, i]) + source


h = np.full((r1.SIDE,) * 3, r1.enthalpy(r1.BLOOD_C), dtype=F)
theta = np.zeros_like(h)
needle = np.nonzero(r1.needle_cells())


def advance(first, last):
    for step in range(first, last):
        celsius = r1.surface_c(step * r1.STEP_S)
        if celsius is not None:
            h[needle] = r1.enthalpy(celsius)
        potentials(h, theta)
        advance_all(h, theta)


begun = time.perf_counter()
small = np.full((4, 4, 4), r1.enthalpy(r1.BLOOD_C), dtype=F)
potentials(small, np.zeros_like(small))
advance_all(small, np.zeros_like(small))
compile_s = time.perf_counter() - begun
r1.run(numba.__version__, options.threads, options.cap_s, compile_s, advance, lambda _: h)
