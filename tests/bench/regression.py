"""Fit a logistic regression with a ridge, by Newton's method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The values of the features, whether it is so, and what the case counts for."""

    values: Sequence[float]
    is_true: bool
    weight: float = 1.0


def fit(cases: Sequence[Case], ridge: float, *, rounds: int = 30) -> list[float]:
    """Return the weights of the features, the bias last."""
    rows = np.array([[*case.values, 1.0] for case in cases])
    truths = np.array([float(case.is_true) for case in cases])
    counts = np.array([case.weight for case in cases])
    ridges = np.full(rows.shape[1], ridge)
    ridges[-1] = 0.01
    weights = np.zeros(rows.shape[1])
    for _ in range(rounds):
        chances = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        gradient = rows.T @ (counts * (truths - chances)) - ridges * weights
        curvature = (rows * (counts * chances * (1 - chances))[:, None]).T @ rows + np.diag(ridges)
        step = np.linalg.solve(curvature, gradient)
        weights += step
        if np.abs(step).max() < 1e-5:
            break
    return [float(weight) for weight in weights]
