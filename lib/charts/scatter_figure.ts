import type { Figure } from "./figure.ts";
import { scatterChart } from "./scatter_chart.ts";
import type { ScatterSpec } from "./scatter_spec.ts";
import { scatterSvg } from "./scatter_svg.ts";

/** Rows of the plot in the terminal: legible, and two fit one screen. */
const CHART_HEIGHT = 12;

/**
 * A scatter plot as a figure.
 *
 * @param file its SVG file's name
 * @param spec what it shows
 * @returns the figure
 *
 * @example
 * ```ts
 * import { scatterFigure } from "alphalab";
 * import { match } from "node:assert/strict";
 *
 * const figure = scatterFigure("alphas.svg", {
 *   title: "Final α",
 *   xLabel: "λ",
 *   yLabel: "α",
 *   series: [{ name: "α₁", points: [[0, 1], [0, 1], [0.05, 0]] }],
 * });
 * match(figure.text({ width: 40, color: false }), /●2/);
 * ```
 */
export function scatterFigure(file: string, spec: ScatterSpec): Figure {
  return {
    file,
    title: spec.title,
    text: (options) =>
      scatterChart({ ...spec, ...options, height: CHART_HEIGHT }),
    picture: () => scatterSvg(spec),
  };
}
