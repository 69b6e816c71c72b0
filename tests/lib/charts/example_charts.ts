import type { LineChartSpec } from "../../../lib/charts/line_chart.ts";

/** A loss curve that falls and jitters, with no randomness in it. */
function loss(end: number, steps: number): number[] {
  return Array.from(
    { length: steps },
    (_, i) => end + 2 * Math.exp(-i / 80) + 0.1 * Math.sin(i * i),
  );
}

/** An α that starts at 0.5 and settles elsewhere. */
function alpha(end: number, steps: number): number[] {
  return Array.from(
    { length: steps },
    (_, i) => end + (0.5 - end) * Math.exp(-i / 400),
  );
}

/**
 * Charts as the scripts draw them, and the odd ones, by the names of their
 * stored texts.
 */
export const EXAMPLE_CHARTS: Readonly<Record<string, LineChartSpec>> = {
  loss: {
    title: "Training loss, mean per column",
    xLabel: "step",
    yLabel: "cross entropy",
    series: [
      { name: "ReLU", values: loss(0.25, 1800) },
      { name: "no activation", values: loss(0.5, 1800) },
      { name: "ReLU_α, λ = 0.5", values: loss(0.4, 1800) },
    ],
  },
  alpha: {
    title: "α over the steps, λ = 0",
    xLabel: "step",
    yLabel: "α",
    series: [
      { name: "α₁", values: alpha(0.55, 1800) },
      { name: "α₂", values: alpha(0.8, 1800) },
      { name: "α₃", values: alpha(0.97, 1800) },
      { name: "α₂, reported", values: Array(1800).fill(1), dashed: true },
    ],
  },
  epochs: {
    title: "Test accuracy",
    xLabel: "epoch",
    yLabel: "accuracy",
    series: [
      { name: "ReLU", values: [0.877, 0.895, 0.901] },
      { name: "no activation", values: [0.831, 0.836, 0.835] },
    ],
  },
  one_step: {
    title: "One step",
    xLabel: "step",
    yLabel: "loss",
    series: [{ name: "ReLU", values: [2.3] }],
  },
  constant: {
    title: "A constant",
    xLabel: "step",
    yLabel: "α",
    series: [{ name: "α₁", values: [0.5, 0.5, 0.5, 0.5] }],
    xRange: [0, 1],
  },
  gaps: {
    title: "Gaps, and a series that ends early",
    xLabel: "step",
    yLabel: "loss",
    series: [
      { name: "loss", values: [1, 2, NaN, 3, NaN, NaN, 5, 4, Infinity, 3, 2] },
      { name: "short", values: [4, 4.5, 5] },
      { name: "empty", values: [] },
    ],
  },
  nothing: { title: "Nothing", xLabel: "step", yLabel: "loss", series: [] },
};
