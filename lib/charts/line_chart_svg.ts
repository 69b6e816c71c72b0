import type { TopLevelSpec } from "vega-lite";
import { binMeans, valueRange } from "./_chart_data.ts";
import {
  chartSteps,
  type LineChartSpec,
  type LineSeries,
  seriesColors,
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

/** How much wider a line is than the one that lies on it, in pixels. */
const RIM = 3;

/** Of the lines on one another, those below are not told apart beyond this. */
const MAX_BELOW = 3;

/** Of the height of the plot: lines nearer than this cover each other. */
const NEAR = 0.01;

/** Of a line, covered: one that shows beside the others stays thin. */
const COVERED = 0.9;

/**
 * A line chart as SVG, drawn by Vega-Lite.
 *
 * A series of more than 2,000 steps is thinned to the means of 2,000 equal
 * parts. A line on which others lie is wider than they are, so that all of them
 * show. A dashed series has rings for dots. The same spec gives the same bytes.
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
  const means = options.series.map(({ values }) =>
    binMeans(values, steps, bins)
  );
  const xPerBin = bins > 1 ? (last - first) / (bins - 1) : 0;
  const points = options.series.flatMap(({ name }, index) =>
    means[index]!.map((y, bin) => ({
      x: first + bin * xPerBin,
      y: Number.isNaN(y) ? null : y,
      series: name,
    }))
  );
  const room = first === last ? 1 : 0;
  return await vegaSvg(
    vegaLiteSpec(
      options,
      points,
      [first - room, last + room],
      steps,
      linesOn(options.series, means),
    ),
  );
}

/** How many lines lie on each line, one on the other. */
function linesOn(
  series: readonly LineSeries[],
  means: readonly (readonly number[])[],
): number[] {
  const [low, high] = valueRange(means);
  const near = NEAR * (high - low);
  const covers = (above: readonly number[], below: readonly number[]) => {
    const drawn = below.flatMap((y, bin) =>
      Number.isNaN(y) ? [] : Math.abs(y - above[bin]!) <= near
    );
    return drawn.filter((isNear) => isNear).length > COVERED * drawn.length;
  };
  const on = series.map(() => 0);
  for (let below = series.length - 1; below >= 0; below--) {
    for (let above = below + 1; above < series.length; above++) {
      // Between dashes the line below shows.
      if (series[above]!.dashed || !covers(means[above]!, means[below]!)) {
        continue;
      }
      on[below] = Math.min(MAX_BELOW, Math.max(on[below]!, on[above]! + 1));
    }
  }
  return on;
}

function vegaLiteSpec(
  options: LineChartSvgOptions,
  points: { x: number; y: number | null; series: string }[],
  xDomain: [number, number],
  steps: number,
  linesOn: readonly number[],
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
  const colors = seriesColors(series);
  return {
    title,
    width,
    height,
    autosize: { type: "fit", contains: "padding" },
    background: "white",
    data: { values: points },
    ...marksOf(series, steps, linesOn),
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
      color: perSeries((_, index) => PALETTE[colors[index]! % PALETTE.length]),
      strokeDash: perSeries(({ dashed }) => dashed ? [6, 4] : [1, 0]),
    },
    config: {
      legend: { labelLimit: 0, symbolType: "stroke", symbolSize: 500 },
    },
  };
}

/** The lines, the widest first, and the dots on them. */
function marksOf(
  series: readonly LineSeries[],
  steps: number,
  linesOn: readonly number[],
) {
  const strokeWidth = steps <= MAX_THICK ? 2 : 1.25;
  const line = { type: "line", invalid: "break-paths-filter-domains" } as const;
  const hasDots = steps <= MAX_DOTS;
  const dashed = series.filter((one) => one.dashed);
  if (
    linesOn.every((lines) => lines === 0) && !(hasDots && dashed.length > 0)
  ) {
    return { mark: { ...line, point: hasDots, strokeWidth } };
  }
  const filter = (some: readonly LineSeries[]) => [
    { filter: { field: "series", oneOf: some.map(({ name }) => name) } },
  ];
  return {
    layer: [
      ...[...new Set(linesOn)].sort((a, b) => b - a).map((lines) => ({
        transform: filter(series.filter((_, i) => linesOn[i] === lines)),
        mark: {
          ...line,
          strokeWidth: strokeWidth + RIM * lines,
          // A wide line must not get spikes, nor show those below it.
          strokeJoin: "round" as const,
          opacity: 1,
        },
      })),
      ...!hasDots ? [] : [{
        transform: filter(series.filter((one) => !one.dashed)),
        mark: { type: "point", filled: true, opacity: 1 } as const,
      }, {
        transform: filter(dashed),
        mark: { type: "point", fill: "white", size: 60, opacity: 1 } as const,
        encoding: { strokeDash: { value: [1, 0] } },
      }],
    ],
  };
}
