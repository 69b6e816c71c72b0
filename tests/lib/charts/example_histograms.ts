import type { HistogramSpec } from "../../../lib/charts/histogram_chart.ts";
import { EXAMPLE_SCATTERS } from "./example_scatters.ts";

const ALPHAS = EXAMPLE_SCATTERS["scatter_alphas"]!.series;
const LAMBDAS = [...new Set(ALPHAS[0]!.points.map(([lambda]) => lambda))];

/**
 * Grids of histograms as the scripts draw them, and the odd ones, by the names
 * of their stored texts.
 */
export const EXAMPLE_HISTOGRAMS: Readonly<Record<string, HistogramSpec>> = {
  histogram_alphas: {
    title: "Final α of the runs at each λ",
    xLabel: "α",
    columns: ALPHAS.map(({ name }) => name),
    rows: LAMBDAS.map((lambda) => ({
      name: lambda.toFixed(3),
      cells: ALPHAS.map(({ points }) =>
        points.filter(([x]) => x === lambda).map(([, y]) => y)
      ),
    })),
    range: [0, 1],
    bins: 20,
  },
  histogram_many: {
    title: "More counts than heights, and what lies beyond or is not finite",
    xLabel: "z",
    columns: ["all", "none"],
    rows: [{
      name: "a name that is too long for the narrowest terminal",
      cells: [
        Array.from({ length: 400 }, (_, i) => Math.tan(i * i) / 2),
        [NaN, Infinity],
      ],
    }],
    range: [-2, 2],
    bins: 10,
  },
  histogram_nothing: {
    title: "Nothing",
    xLabel: "x",
    columns: ["a", "b"],
    rows: [],
    range: [0, 1],
    bins: 20,
  },
};
