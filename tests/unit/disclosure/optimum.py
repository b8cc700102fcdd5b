"""The cheapest way to hide enough, proved by one integer program over all counts at once: small tables only.

A count that is hidden must have two sets of counts that fit and put it apart by the threshold, and these change hidden
counts alone. The sets need not be whole numbers here, so that the optimum may be cheaper than what can be had, never
dearer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_array, eye_array, hstack, kron, vstack

from sia.disclosure.attack import K, KnownSum


def cheapest(counts: Mapping[K, int], groups: Collection[KnownSum[K]], prices: Mapping[K, float], width: int) -> float:
    """What the cheapest way costs of hiding counts from 1 up to the width, exclusive, and whatever gives them away.

    Zeros are shown, so that a hidden count is at least 1.
    """
    keys = [key for key, count in counts.items() if count]
    column = {key: number for number, key in enumerate(keys)}
    size = len(keys)
    sums = np.zeros((len(groups), size))
    for row, (total, parts) in enumerate(groups):
        for key, sign in ((total, -1), *((part, 1) for part in parts)):
            if key in column:
                sums[row, column[key]] += sign
    truth = np.array([counts[key] for key in keys], dtype=float)
    far = 4.0 * width
    down = np.minimum(truth - 1, far)
    # For each count two moves of all counts; after them, whether each count is hidden.
    moves = 2 * size * size
    keep = hstack([block_diag([sums] * (2 * size)), csr_array((2 * size * len(groups), size))])
    hidden = kron(np.ones((2 * size, 1)), eye_array(size))
    rise = hstack([eye_array(moves), -far * hidden])
    fall = hstack([eye_array(moves), csr_array(kron(np.ones((2 * size, 1)), np.diag(down)))])
    apart = np.zeros((size, moves + size))
    for number in range(size):
        apart[number, 2 * number * size + number] = 1
        apart[number, (2 * number + 1) * size + number] = -1
        apart[number, moves + number] = -width
    rows = vstack([keep, rise, fall, csr_array(apart)])
    low = np.concatenate([np.zeros(keep.shape[0]), np.full(moves, -np.inf), np.zeros(moves), np.zeros(size)])
    high = np.concatenate([np.zeros(keep.shape[0]), np.zeros(moves), np.full(moves, np.inf), np.full(size, np.inf)])
    must = (truth < width).astype(float)
    price = np.array([prices[key] for key in keys])
    solution = milp(
        np.concatenate([np.zeros(moves), price]),
        constraints=LinearConstraint(rows, low, high),
        bounds=Bounds(
            np.concatenate([np.full(moves, -far), must]), np.concatenate([np.full(moves, far), np.ones(size)])
        ),
        integrality=np.concatenate([np.zeros(moves), np.ones(size)]),
    )
    assert solution.status == 0, solution.message
    return float(solution.fun)
