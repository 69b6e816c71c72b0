import { maxOf, minOf } from "../../lib/base/statistics.ts";
import { markdownTable } from "../../lib/reporting/text_table.ts";
import { median } from "../paired.ts";

/** What one program took on so many threads. */
export interface Timing {
  /** The command that runs PyTorch; none for ours. */
  readonly python?: string;
  /** How the images lie in memory, for nets that convolve. */
  readonly layout?: "channels-first" | "channels-last";
  readonly threads: 1 | 2;
  /** Milliseconds per step, one value per round. */
  readonly ms: readonly number[];
}

/** A workload's timings, and the most that our time may be of PyTorch's. */
export interface WorkloadTimings {
  readonly workload: string;
  readonly bound: number;
  readonly timings: readonly Timing[];
}

/** The median over the rounds of ours by theirs, and the range. */
export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The timing with the smallest median. */
export function fastest(timings: readonly Timing[]): Timing {
  return timings.toSorted((a, b) => median(a.ms) - median(b.ms))[0]!;
}

/**
 * Ours on two threads against PyTorch's fastest form: of all versions, layouts
 * and numbers of threads.
 */
export function compare(
  timings: readonly Timing[],
): { theirs: Timing; ratio: Ratio } {
  const ours = timings.find((one) => !one.python && one.threads === 2)!;
  const theirs = fastest(timings.filter(({ python }) => python));
  const ratios = ours.ms.map((ms, round) => ms / theirs.ms[round]!);
  return {
    theirs,
    ratio: {
      median: median(ratios),
      min: minOf(ratios),
      max: maxOf(ratios),
    },
  };
}

/**
 * The workloads in a table for README.md: each PyTorch in its fastest form with
 * the threads of it, ours on two threads, and the ratio to the fastest PyTorch.
 *
 * @param workloads what was measured
 * @param versions PyTorch's version by the command that runs it
 */
export function stepTable(
  workloads: readonly WorkloadTimings[],
  versions: ReadonlyMap<string, string>,
): string {
  const rows = workloads.map(({ workload, bound, timings }) => {
    const { ratio: { median, min, max } } = compare(timings);
    return [
      workload,
      ...[...versions.keys()].map((python) => {
        const best = fastest(timings.filter((one) => one.python === python));
        return `${milliseconds(best)} (${best.threads})`;
      }),
      milliseconds(timings.find((one) => !one.python && one.threads === 2)!),
      `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`,
      bound.toFixed(2),
    ];
  });
  return markdownTable({
    columns: [
      "workload",
      ...[...versions.values()].map(shortVersion),
      "ours",
      "ratio",
      "bound",
    ],
    rows,
    aligns: ["left", ...[...versions, 1, 2, 3].map(() => "right" as const)],
  });
}

/**
 * All timings of one workload, a line each.
 *
 * @param workloads the workload
 * @param versions PyTorch's version by the command that runs it
 */
export function timingLines(
  { workload, timings }: WorkloadTimings,
  versions: ReadonlyMap<string, string>,
): string {
  const lines = timings.map((timing) => {
    const { python, layout, threads, ms } = timing;
    const program = python ? shortVersion(versions.get(python)!) : "ours";
    const name = layout ? `${program} ${layout}` : program;
    return `  ${name.padEnd(28)} ${threads === 1 ? "1 thread " : "2 threads"} ${
      milliseconds(timing).padStart(6)
    } ms (${toMilliseconds(minOf(ms))}–${toMilliseconds(maxOf(ms))})`;
  });
  return [workload, ...lines].join("\n");
}

function milliseconds({ ms }: Timing): string {
  return toMilliseconds(median(ms));
}

function toMilliseconds(ms: number): string {
  return Number(ms.toPrecision(3)).toString();
}

/** "torch 2.6" for 2.6.0+debian: the table has 80 columns. */
function shortVersion(version: string): string {
  return `torch ${version.split(".").slice(0, 2).join(".")}`;
}
