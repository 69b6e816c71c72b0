import { lineChart } from "./line_chart.ts";
import { isDrawable, type LineChartSpec } from "./line_chart_spec.ts";
import { lineChartSvg } from "./line_chart_svg.ts";

/** A figure of a run: a picture in a file, and the same in characters. */
export interface Figure {
  /** The picture's file, `….svg` or `….png`. */
  readonly file: string;
  readonly title: string;
  /** Whether there is nothing to see in it; false where left out. */
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
 * import { lineFigure } from "alphalab";
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
