"""Numbers that R printed for published series, with the script that printed them. The tests need no R.

R 4.2.2, its package surveillance 1.20.3 (``r-cran-surveillance`` of Debian bookworm) and ``options(digits = 10)``. We
use no method of the package: they look for an outbreak in the last week. R computes what our methods are built from.
"""

import pytest

from sia.statistics.change import Comparison, discovery_limit, judge_change
from sia.statistics.comparison import funnel
from sia.statistics.control_chart import control_chart
from sia.statistics.intervals import count_interval, proportion_interval

# ldeaths: deaths from lung diseases in the United Kingdom by month, 1974 to 1979 (Diggle 1990, R's datasets).
LUNG_DEATHS = (
    3035, 2552, 2704, 2554, 2014, 1655, 1721, 1524, 1596, 2074, 2199, 2512,
    2933, 2889, 2938, 2497, 1870, 1726, 1607, 1545, 1396, 1787, 2076, 2837,
    2787, 3891, 3179, 2011, 1636, 1580, 1489, 1300, 1356, 1653, 2013, 2823,
    3102, 2294, 2385, 2444, 1748, 1554, 1498, 1361, 1346, 1564, 1640, 2293,
    2815, 3137, 2679, 1969, 1870, 1633, 1529, 1366, 1357, 1570, 1535, 2491,
    3084, 2605, 2573, 2143, 1693, 1504, 1461, 1354, 1333, 1492, 1781, 1915,
)  # fmt: skip
# observed(rotaBB)[, "10-14"]: cases of rotavirus in Brandenburg by month, 2002 to 2013, aged 10 to 14.
ROTAVIRUS = (
    5, 5, 12, 16, 6, 1, 3, 6, 2, 1, 2, 4, 3, 5, 10, 8, 4, 1, 0, 2, 2, 0, 0, 1,
    3, 4, 10, 4, 1, 1, 1, 4, 2, 3, 1, 0, 4, 6, 8, 11, 3, 0, 0, 1, 0, 1, 1, 1,
    2, 4, 9, 8, 3, 1, 1, 3, 0, 1, 0, 0, 5, 6, 8, 10, 7, 1, 1, 0, 2, 5, 5, 3,
    3, 7, 7, 12, 5, 7, 2, 0, 2, 1, 3, 5, 1, 9, 14, 6, 4, 3, 2, 2, 5, 5, 7, 1,
    4, 4, 5, 10, 8, 3, 3, 2, 1, 1, 5, 2, 3, 4, 4, 11, 12, 4, 1, 2, 0, 3, 2, 2,
    3, 2, 3, 3, 10, 4, 2, 2, 2, 2, 4, 1, 5, 2, 5, 16, 8, 0, 2, 1, 2, 0, 3, 2,
)  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "per_year", "dispersion", "year", "quarter"),
    [
        (
            LUNG_DEATHS,
            12,
            25.26163845,
            (0.91650085, 0.81192667, 1.03188779, 0.14842762),
            (0.83496958, 0.67368570, 1.02626779, 0.08689476),
        ),
        (
            tuple(sum(LUNG_DEATHS[month : month + 3]) for month in range(0, 72, 3)),
            4,
            41.030256669,
            (0.916500851, 0.809198023, 1.035148549, 0.151929680),
            (0.834969582, 0.674575798, 1.024835142, 0.082157859),
        ),
        (
            ROTAVIRUS,
            12,
            1.33989571,
            (1.00998004, 0.63173888, 1.54342501, 1.0),
            (0.75342466, 0.14979269, 2.34800356, 0.88237049),
        ),
    ],
    ids=["months", "quarters", "small counts"],
)
def test_a_change(
    counts: tuple[int, ...],
    per_year: int,
    dispersion: float,
    year: tuple[float, ...],
    quarter: tuple[float, ...],
) -> None:
    """``judge(ldeaths, 12, 0.5)``, ``judge(aggregate(ldeaths, 4), 4, 0.3)``, ``judge(rotavirus, 12, 0.5)``.

    ``algo.farrington.fitGLM`` is surveillance's quasi-Poisson model; its ``phi`` is the dispersion, at least 1::

        judge <- function(y, s, rho) {
          n <- length(y); at <- seq_len(n); y <- as.vector(y)
          X <- model.matrix(~ factor(at %% s) + (at > n - s) + (at > n - s/4))
          seen <- algo.farrington.fitGLM(y, X[, -1], reweight = FALSE)$phi
          A <- (diag(n) - X %*% solve(crossprod(X), t(X))) %*% rho^abs(outer(at, at, "-"))
          phi <- 1 + (seen - 1) * (n - ncol(X)) / sum(diag(A))
          f <- sum(diag(A))^2 / sum(A * t(A))
          for (m in c(s, s/4)) {
            k <- seq_len(m - 1); d <- 1 + (phi - 1) * (1 + 2 * sum((1 - k/m) * rho^k))
            a <- sum(y[at > n - m]); b <- sum(y[(n - at) %% s < m & at <= n - s]); p <- s / n
            tail <- min(pbeta(p, a/d, b/d + 1), pbeta(1 - p, b/d, a/d + 1))
            half <- pnorm(qt(0.025, f)); q <- c(qbeta(half, a/d, b/d + 1), qbeta(1 - half, a/d + 1, b/d))
            print(c(phi, a/b * (1-p)/p, q/(1-q) * (1-p)/p, min(1, 2 * pt(qnorm(tail), f))))
          }
        }
    """
    change = judge_change(counts, [1] * len(counts), per_year)
    assert change.since == 0
    assert change.dispersion == pytest.approx(dispersion, rel=1e-5)
    for comparison, golden in ((change.year, year), (change.quarter, quarter)):
        assert isinstance(comparison, Comparison)
        computed = (comparison.ratio, comparison.lower, comparison.upper, comparison.chance)
        assert computed == pytest.approx(golden, rel=1e-5)


@pytest.mark.parametrize(
    ("expected", "limits"),
    [
        (0.4, (0, 0, 2, 3)),
        (3.2, (0, 0, 7, 10)),
        (10, (2, 4, 17, 21)),
        (40, (22, 28, 53, 61)),
        (263.7, (215, 232, 296, 315)),
    ],
)
def test_a_funnel(expected: float, limits: tuple[int, ...]) -> None:
    """``qpois(c(0.001, 0.025, 0.975, 0.999), expected)``."""
    assert tuple(funnel(expected, 1000))[1:] == limits


@pytest.mark.parametrize(
    ("count", "interval"),
    [
        (0, (0.0, 3.688879454)),
        (1, (0.02531780798, 5.57164339094)),
        (4, (1.089865374, 10.241588675)),
        (9, (4.115373097, 17.084803451)),
    ],
)
def test_the_interval_of_a_small_count(count: int, interval: tuple[float, float]) -> None:
    """``poisson.test(count)$conf.int``."""
    assert tuple(count_interval(count)) == pytest.approx(interval, rel=1e-9)


@pytest.mark.parametrize(
    ("part", "whole", "interval"),
    [
        (65, 100, (0.5525444330, 0.7363575176)),
        (3, 10, (0.1077912674, 0.6032218525)),
        (0, 20, (0.0, 0.1611251581)),
        (7, 1535, (0.002210729770, 0.009383355325)),
    ],
)
def test_the_interval_of_a_proportion(part: int, whole: int, interval: tuple[float, float]) -> None:
    """``prop.test(part, whole, correct = FALSE)$conf.int``."""
    assert tuple(proportion_interval(part, whole)) == pytest.approx(interval, rel=1e-9)


def test_false_discoveries() -> None:
    """``p.adjust(chances, "BH")``: a chance counts if its adjusted chance is at most the rate."""
    chances = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
        0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    adjusted = [
        0.0015, 0.0030, 0.0095, 0.035625, 0.0603, 0.063857143, 0.063857143, 0.0645, 0.0765,
        0.486, 0.581181818, 0.714875, 0.753230769, 0.813214286, 1.0,
    ]  # fmt: skip
    for rate in (0.001, 0.01, 0.05, 0.062, 0.07, 0.5, 0.9):
        limit = discovery_limit(chances, rate, at_most=1)
        assert [chance <= limit for chance in chances] == [value <= rate for value in adjusted]


def test_control_limits() -> None:
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2; it multiplies by 3 / 1.128, and we by 2.66."""
    limits = control_chart([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]).limits
    assert limits is not None
    assert (f"{limits.mean:.2f}", f"{limits.mean_moving_range:.4f}") == ("50.81", "1.8778")
    assert (limits.lower, limits.upper) == pytest.approx((45.8159, 55.8041), abs=0.001)
