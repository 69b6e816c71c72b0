import { maxOf, minOf } from "../../base/statistics.ts";
import {
  type Figure,
  histogramFigure,
  lineFigure,
  scatterFigure,
} from "../../charts/figure.ts";
import {
  ALPHA_LAYERS,
  ALPHA_NAMES,
  type AlphaNet,
  netsByLambda,
  percentAtZero,
} from "./alpha_net.ts";
import type { ReportedZeros } from "./alpha_sweep_claims.ts";

/** The λ of figure 2, or the nearest one in the sweep. */
const TRAJECTORY_LAMBDA = 0.02;

const trajectoriesFile = (layer: number) =>
  `trajectories-alpha-${layer + 1}.svg`;

/** The files of {@link alphaSweepFigures}. */
export const ALPHA_SWEEP_FIGURES = [
  "zeros.svg",
  ...ALPHA_NAMES.map((_, layer) => trajectoriesFile(layer)),
  "histograms.svg",
  "scatter.svg",
];

/**
 * Report 2's four figures. The second one, which the report draws in three
 * dimensions, becomes one figure per layer.
 *
 * @param nets those of the sweep that trained
 * @param reported the lines of the report's figure 1
 * @param epochs of each net
 * @returns one figure for each of {@link ALPHA_SWEEP_FIGURES}; none without
 *   nets
 */
export function alphaSweepFigures(
  nets: readonly AlphaNet[],
  reported: ReportedZeros,
  epochs: number,
): Figure[] {
  if (nets.length === 0) return [];
  const groups = netsByLambda(nets);
  return [
    zerosFigure(nets, reported),
    ...trajectoryFigures(groups, epochs),
    histogramFigure("histograms.svg", {
      title: "Final α by λ and layer",
      xLabel: "final α",
      columns: ALPHA_NAMES,
      range: [0, 1],
      bins: 20,
      rows: [...groups].map(([lambda, nets]) => ({
        name: `λ = ${lambda}`,
        cells: ALPHA_NAMES.map((_, i) =>
          nets.map(({ alphaFinal }) => alphaFinal[i]!)
        ),
      })),
    }),
    scatterFigure("scatter.svg", {
      title: "Final α over λ",
      xLabel: "λ",
      yLabel: "final α",
      yRange: [0, 1],
      series: ALPHA_NAMES.map((name, i) => ({
        name,
        points: nets.map(({ lambda, alphaFinal }) =>
          [lambda, alphaFinal[i]!] as const
        ),
      })),
    }),
  ];
}

/** Figure 1: the percentage at zero over λ, the report's lines dashed. */
function zerosFigure(
  nets: readonly AlphaNet[],
  reported: ReportedZeros,
): Figure {
  const grid = evenGrid([...netsByLambda(nets).keys(), ...reported.keys()]);
  const subsets = [...Map.groupBy(nets, ({ subset }) => subset)]
    .sort(([a], [b]) => a - b);
  const datasets = maxOf([...reported.values()].map((p) => p.length));
  return lineFigure("zeros.svg", {
    title: "α that go to zero",
    xLabel: "λ",
    yLabel: "% of final α at most 0.05",
    xRange: [grid[0]!, grid.at(-1)!],
    series: [
      ...subsets.map(([subset, nets]) => ({
        name: `subset ${subset}`,
        values: onLines(
          grid,
          [...netsByLambda(nets)].map(([lambda, nets]) =>
            [lambda, percentAtZero(nets)] as const
          ),
        ),
      })),
      ...Array.from({ length: datasets }, (_, i) => ({
        name: `reported ${i}`,
        dashed: true,
        values: onLines(
          grid,
          [...reported].map(([lambda, percents]) =>
            [lambda, percents[i]!] as const
          ),
        ),
      })),
    ],
  });
}

/** Figure 2: α of each run on the first subset over the epochs. */
function trajectoryFigures(
  groups: ReadonlyMap<number, readonly AlphaNet[]>,
  epochs: number,
): Figure[] {
  const distance = (lambda: number) => Math.abs(lambda - TRAJECTORY_LAMBDA);
  const lambda = [...groups.keys()]
    .reduce((a, b) => distance(b) < distance(a) ? b : a);
  const nets = groups.get(lambda)!;
  const subset = minOf(nets.map(({ subset }) => subset));
  const shown = nets.filter((net) => net.subset === subset)
    .sort((a, b) => a.run - b.run);
  return ALPHA_NAMES.map((name, layer) =>
    lineFigure(trajectoriesFile(layer), {
      title: `${name} of the runs at λ = ${lambda}, subset ${subset}`,
      xLabel: "epoch",
      yLabel: name,
      xRange: [0, epochs],
      series: shown.map(({ run, trajectory }) => ({
        name: `run ${run}`,
        values: trajectory.filter((_, i) => i % ALPHA_LAYERS === layer),
      })),
    })
  );
}

/** Places on the axis of λ at most: more than a chart has columns. */
const MAX_GRID = 400;

/**
 * Evenly spaced values from the smallest to the largest of at least two, as
 * dense as the two that are closest.
 */
function evenGrid(values: readonly number[]): number[] {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const range = sorted.at(-1)! - sorted[0]!;
  const gaps = sorted.slice(1).map((value, i) => value - sorted[i]!);
  const steps = Math.min(MAX_GRID, Math.round(range / minOf(gaps)));
  return Array.from(
    { length: steps + 1 },
    (_, i) => sorted[0]! + i / steps * range,
  );
}

/**
 * y at each x of an even grid on the straight lines between points, each of
 * them moved to the nearest x of the grid; NaN beyond them.
 */
function onLines(
  grid: readonly number[],
  points: readonly (readonly [x: number, y: number])[],
): number[] {
  const step = (grid.at(-1)! - grid[0]!) / (grid.length - 1);
  const moved = points.map(([x, y]) =>
    [Math.round((x - grid[0]!) / step), y] as const
  );
  return grid.map((_, i) => {
    const exact = moved.find(([at]) => at === i);
    if (exact) return exact[1];
    const right = moved.findIndex(([at]) => at > i);
    if (right <= 0) return NaN;
    const [[from, y0], [to, y1]] = [moved[right - 1]!, moved[right]!];
    return y0 + (y1 - y0) * (i - from) / (to - from);
  });
}
