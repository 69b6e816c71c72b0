import type { TopLevelSpec } from "vega-lite";
import { binMeans, valueRange } from "./_chart_data.ts";
import {
  chartSteps,
  type LineChartSpec,
  type LineSeries,
} from "./line_chart.ts";
import { PALETTE, vegaSvg } from "./vega_svg.ts";

/** The size of a chart as SVG. */
export interface LineChartSvgOptions extends LineChartSpec {
  /** Pixels of the whole picture, 640 by default. */
  readonly width?: number;
  /** Pixels of the whole picture, 400 by default. */
  readonly height?: number;
}

/**
 * Points of one line: more than a screen has columns, few enough for a small
 * file.
 */
const MAX_POINTS = 2000;

/** Up to this many steps each one gets a dot. */
const MAX_DOTS = 30;

/** Beyond this many steps lines are thin, because they are often noisy. */
const MAX_THICK = 300;

/**
 * A line chart as SVG, drawn by Vega-Lite.
 *
 * A series of more than 2,000 steps is thinned to the means of 2,000 equal
 * parts. The same spec gives the same bytes.
 *
 * @param options what to show, and how large
 * @returns the SVG document, on white
 * @throws {TypeError} if two series have one name
 * @throws {RangeError} if xRange is not ascending
 *
 * @example
 * ```ts
 * import { lineChartSvg } from "#lib/charts/line_chart_svg.ts";
 * import { match } from "node:assert/strict";
 *
 * const svg = await lineChartSvg({
 *   title: "Training loss",
 *   xLabel: "step",
 *   yLabel: "loss",
 *   series: [{ name: "ReLU", values: [2.3, 1.1, 0.7, 0.6] }],
 * });
 * match(svg, /^<svg /);
 * ```
 */
export async function lineChartSvg(
  options: LineChartSvgOptions,
): Promise<string> {
  const { steps, first, last } = chartSteps(options);
  const bins = Math.min(steps, MAX_POINTS);
  const xPerBin = bins > 1 ? (last - first) / (bins - 1) : 0;
  const points = options.series.flatMap(({ name, values }) =>
    binMeans(values, steps, bins).map((y, bin) => ({
      x: first + bin * xPerBin,
      y: Number.isNaN(y) ? null : y,
      series: name,
    }))
  );
  const room = first === last ? 1 : 0;
  return await vegaSvg(
    vegaLiteSpec(options, points, [first - room, last + room], steps),
  );
}

function vegaLiteSpec(
  options: LineChartSvgOptions,
  points: { x: number; y: number | null; series: string }[],
  xDomain: [number, number],
  steps: number,
): TopLevelSpec {
  const { title, xLabel, yLabel, series, width = 640, height = 400 } = options;
  const domain = series.map(({ name }) => name);
  const legend = { orient: "bottom", columns: 3 } as const;
  const perSeries = <T>(range: (one: LineSeries, index: number) => T) => ({
    field: "series",
    type: "nominal" as const,
    title: null,
    legend,
    scale: { domain, range: series.map(range) },
  });
  return {
    title,
    width,
    height,
    autosize: { type: "fit", contains: "padding" },
    background: "white",
    data: { values: points },
    mark: {
      type: "line",
      point: steps <= MAX_DOTS,
      strokeWidth: steps <= MAX_THICK ? 2 : 1.25,
      invalid: "break-paths-filter-domains",
    },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: xLabel,
        scale: { domain: xDomain, nice: false },
        axis: xDomain.every(Number.isInteger) ? { tickMinStep: 1 } : {},
      },
      y: {
        field: "y",
        type: "quantitative",
        title: yLabel,
        scale: {
          domain: valueRange(series.map(({ values }) => values)),
          zero: false,
          nice: true,
        },
      },
      color: perSeries((_, index) => PALETTE[index % PALETTE.length]),
      strokeDash: perSeries(({ dashed }) => dashed ? [6, 4] : [1, 0]),
    },
    config: {
      legend: { labelLimit: 0, symbolType: "stroke", symbolSize: 500 },
    },
  };
}
