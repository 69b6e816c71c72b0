import type { ScatterSpec } from "../../../lib/charts/scatter_chart.ts";

/**
 * Final α of thirty runs at each of eleven λ, as a sweep leaves them, with no
 * randomness in it.
 */
function finalAlphas(settles: (lambda: number) => number) {
  return Array.from({ length: 11 }, (_, i) => i * 0.005).flatMap((lambda) =>
    Array.from({ length: 30 }, (_, run): [number, number] => {
      const alpha = settles(lambda) + 0.35 * Math.sin(7 * run + 400 * lambda);
      return [lambda, Math.min(Math.max(alpha, 0), 1)];
    })
  );
}

/**
 * Scatter plots as the scripts draw them, and the odd ones, by the names of
 * their stored texts.
 */
export const EXAMPLE_SCATTERS: Readonly<Record<string, ScatterSpec>> = {
  scatter_alphas: {
    title: "Final α of each run",
    xLabel: "λ",
    yLabel: "α",
    series: [
      { name: "α₁", points: finalAlphas((lambda) => 1.2 - 30 * lambda) },
      { name: "α₂", points: finalAlphas((lambda) => 0.9 - 40 * lambda) },
      { name: "α₃", points: finalAlphas((lambda) => 0.4 - 12 * lambda) },
    ],
    yRange: [0, 1],
  },
  scatter_cloud: {
    title: "A cloud: no room for series side by side",
    xLabel: "weight",
    yLabel: "gradient",
    series: ["first", "second"].map((name, series) => ({
      name,
      points: Array.from({ length: 150 }, (_, i): [number, number] => [
        Math.sin(i * i) + series,
        Math.cos(3 * i + series) * Math.sin(i),
      ]),
    })),
  },
  scatter_one_place: {
    title: "Many points in one place, and what is not finite",
    xLabel: "x",
    yLabel: "y",
    series: [
      { name: "twelve", points: Array.from({ length: 12 }, () => [3, 0.5]) },
      { name: "one", points: [[3, 0.5], [NaN, 1], [1, Infinity]] },
      { name: "none", points: [] },
    ],
  },
  scatter_nothing: { title: "Nothing", xLabel: "x", yLabel: "y", series: [] },
};
