import { isDrawable } from "./_chart_data.ts";
import { lineChart, type LineChartSpec } from "./line_chart.ts";
import { lineChartSvg } from "./line_chart_svg.ts";
import {
  histogramChart,
  type HistogramSpec,
  histogramSvg,
} from "./histogram_chart.ts";
import { scatterChart, type ScatterSpec, scatterSvg } from "./scatter_chart.ts";

/** A figure of a run: a picture in a file, and the same in characters. */
export interface Figure {
  /** The picture's file, `….svg` or `….png`. */
  readonly file: string;
  /** What the figure shows. */
  readonly title: string;
  /** Whether there is nothing to see in it; false by default. */
  readonly isEmpty?: boolean;
  /** The figure for a terminal, no line wider than `width`. */
  text(options: FigureTextOptions): string;
  /** The file's content: an SVG document, or a PNG's bytes. */
  picture(): Promise<string | Uint8Array>;
}

/** How a figure is drawn in characters. */
export interface FigureTextOptions {
  /** Columns, at least 40. */
  readonly width: number;
  /** Whether escape codes for colours may be used. */
  readonly color: boolean;
}

/** Rows of a chart in the terminal: legible, and two fit one screen. */
const CHART_HEIGHT = 12;

/**
 * A line chart as a figure.
 *
 * @param file its SVG file's name
 * @param spec what it shows
 * @returns the figure
 *
 * @example
 * ```ts
 * import { lineFigure } from "alphalab/charts";
 * import { match } from "node:assert/strict";
 *
 * const figure = lineFigure("loss.svg", {
 *   title: "Training loss",
 *   xLabel: "step",
 *   yLabel: "loss",
 *   series: [{ name: "ReLU", values: [2.3, 1.1, 0.7, 0.6] }],
 * });
 * match(figure.text({ width: 40, color: false }), /Training loss/);
 * ```
 */
export function lineFigure(file: string, spec: LineChartSpec): Figure {
  return {
    file,
    title: spec.title,
    // After one epoch a line of epochs is a single point.
    isEmpty: spec.series.every(({ values }) =>
      Array.from(values).filter(isDrawable).length < 2
    ),
    text: (options) => lineChart({ ...spec, ...options, height: CHART_HEIGHT }),
    picture: () => lineChartSvg(spec),
  };
}

/**
 * A grid of histograms as a figure.
 *
 * @param file its SVG file's name
 * @param spec what it shows
 * @returns the figure
 *
 * @example
 * ```ts
 * import { histogramFigure } from "alphalab/charts";
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

/**
 * A scatter plot as a figure.
 *
 * @param file its SVG file's name
 * @param spec what it shows
 * @returns the figure
 *
 * @example
 * ```ts
 * import { scatterFigure } from "alphalab/charts";
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
