"""The stylesheet of `charts`: colours that all kinds of colour vision tell apart, on light and on dark paper.

The colours are Okabe and Ito's, darkened for white paper and lightened for black: https://jfly.uni-koeln.de/color/
"""

from markupsafe import Markup

COLOURS = 8
"""How many colours there are; a ninth series has the first one's, with dashes."""

CHART_STYLE = Markup("""
:root {
  --chart-1: #0072b2; --chart-2: #d55e00; --chart-3: #009e73; --chart-4: #b65a92;
  --chart-5: #b87d00; --chart-6: #3b9bd1; --chart-7: #5d616b; --chart-8: #7a4f00;
  --chart-grid: #e2e2dc; --chart-text: #5d616b; --chart-alarm: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --chart-1: #56b4e9; --chart-2: #f0854a; --chart-3: #3fc49b; --chart-4: #e39bc4;
    --chart-5: #e9b44c; --chart-6: #8fd0f5; --chart-7: #9ba0ab; --chart-8: #f0e442;
    --chart-grid: #2c3038; --chart-text: #9ba0ab; --chart-alarm: #ff8a7f;
  }
}
.chart { margin: 0; }
.chart > svg { display: block; overflow: visible; margin: .7rem .6rem 1.5rem 3.1rem; width: calc(100% - 3.7rem); }
.chart svg text { fill: var(--chart-text); font-size: 11px; font-variant-numeric: tabular-nums; }
.chart .grid { stroke: var(--chart-grid); stroke-width: 1; }
.chart .zero { stroke: var(--chart-text); stroke-width: 1; opacity: .55; }
.chart .line {
  fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke;
}
.chart .area { opacity: .8; }
.chart .band { fill: var(--chart-7); opacity: .2; }
.chart .threshold { stroke: var(--chart-alarm); stroke-width: 1.5; stroke-dasharray: 5 4; }
.chart svg .threshold-label { fill: var(--chart-alarm); }
.chart .x, .chart .none { text-anchor: middle; }
.chart .y { text-anchor: end; }
.chart-legend {
  display: flex; flex-wrap: wrap; gap: .2rem .9rem; margin: .2rem 0 0; padding: 0; list-style: none;
  font-size: .78rem; line-height: 1.35; color: var(--chart-text);
}
.chart-legend li { display: flex; align-items: baseline; gap: .4rem; overflow-wrap: anywhere; }
.chart-legend i { flex: none; width: .6rem; height: .6rem; border-radius: .15rem; }
.chart-legend b { font-weight: 600; font-variant-numeric: tabular-nums; }
@media (max-width: 30rem) { .chart .x:nth-of-type(even) { display: none; } }
""")


def colour_of(number: int, given: str | None = None) -> str:
    """The CSS colour of a series, counted from 0."""
    return given or f"var(--chart-{number % COLOURS + 1})"
