import { scatterPoints, type ScatterSpec } from "./scatter_chart.ts";
import { PALETTE, vegaSvg } from "./vega_svg.ts";

/** Pixels of the whole picture. */
const WIDTH = 640;
const HEIGHT = 400;

/** Pixels from a series to the next one at the same x, where there is room. */
const DISTANCE = 11;

/**
 * Tell the series apart where colours do not, in the order of the terminal's
 * markers.
 */
const SHAPES = ["circle", "triangle-up", "square", "diamond"];

/**
 * A scatter plot as SVG, drawn by Vega-Lite: the series side by side where
 * there is room, as in the terminal, and darker where points coincide.
 *
 * @param spec what to show
 * @returns the SVG document, on white; the same spec gives the same bytes
 * @throws {TypeError} if two series have one name
 */
export async function scatterSvg(spec: ScatterSpec): Promise<string> {
  const { title, xLabel, yLabel, series } = spec;
  const { points, xRange: [first, last], yRange } = scatterPoints(spec);
  const xs = [...new Set(points.flat().map(([x]) => x))].sort((a, b) => a - b);
  const nearest = xs.slice(1).reduce(
    (least, x, i) => Math.min(least, (x - xs[i]!) / (last - first)),
    1,
  );
  // half of what lies between two x stays free
  const distance = Math.min(DISTANCE, 0.5 * nearest * WIDTH / series.length);
  const room = first === last ? 1 : 0;
  const perSeries = (range: readonly string[]) => ({
    field: "series",
    type: "nominal" as const,
    title: null,
    legend: { orient: "bottom", columns: 3 } as const,
    scale: {
      domain: series.map(({ name }) => name),
      range: series.map((_, index) => range[index % range.length]!),
    },
  });
  return await vegaSvg({
    title,
    width: WIDTH,
    height: HEIGHT,
    autosize: { type: "fit", contains: "padding" },
    background: "white",
    data: {
      values: points.flatMap((one, index) =>
        one.map(([x, y]) => ({
          x,
          y,
          series: series[index]!.name,
          beside: (index - (series.length - 1) / 2) * distance,
        }))
      ),
    },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: xLabel,
        scale: {
          domain: [first - room, last + room],
          nice: false,
          padding: 30,
        },
      },
      y: {
        field: "y",
        type: "quantitative",
        title: yLabel,
        scale: { domain: [...yRange], zero: false, nice: true },
      },
      color: perSeries(PALETTE),
      shape: perSeries(SHAPES),
    },
    mark: {
      type: "point",
      filled: true,
      size: 45,
      opacity: 0.3,
      xOffset: { expr: "datum.beside" },
    },
    config: { legend: { labelLimit: 0, symbolOpacity: 1 } },
  });
}
