import type { Figure } from "./figure.ts";
import { histogramChart } from "./histogram_chart.ts";
import type { HistogramSpec } from "./histogram_spec.ts";
import { histogramSvg } from "./histogram_svg.ts";

/**
 * A grid of histograms as a figure.
 *
 * @param file its SVG file's name
 * @param spec what it shows
 * @returns the figure
 *
 * @example
 * ```ts
 * import { histogramFigure } from "alphalab";
 * import { match } from "node:assert/strict";
 *
 * const figure = histogramFigure("histograms.svg", {
 *   title: "Final α",
 *   xLabel: "α",
 *   columns: ["α₁"],
 *   rows: [{ name: "0.01", cells: [[0, 0, 0.52]] }],
 *   range: [0, 1],
 *   bins: 4,
 * });
 * match(figure.text({ width: 40, color: false }), /0.01 │▂ ▁ │/);
 * ```
 */
export function histogramFigure(file: string, spec: HistogramSpec): Figure {
  return {
    file,
    title: spec.title,
    text: (options) => histogramChart({ ...spec, ...options }),
    picture: () => histogramSvg(spec),
  };
}
