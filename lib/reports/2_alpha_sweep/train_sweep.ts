import type { FigureTextOptions } from "../../charts/figure.ts";
import { createLiveChart } from "../../cli/live_chart.ts";
import { formatDuration, formatPercent } from "../../base/format.ts";
import type { Output } from "../../cli/output.ts";
import { createProgress } from "../../cli/progress.ts";
import { mean } from "../../base/statistics.ts";
import { isInteractive } from "../../base/terminal.ts";
import { listenForInterruption } from "../../base/interruption.ts";
import type { Checkpoint } from "../../run/checkpoint.ts";
import type { RunDirectory } from "../../run/run_directory.ts";
import {
  ALPHA_LAYERS,
  type AlphaNet,
  alphaNet,
  alphaNetName,
  type AlphaNetPlan,
  type AlphaNetResult,
  percentAtZero,
} from "./alpha_net.ts";
import { runJobs, workersText } from "../../jobs/run_jobs.ts";

/** What {@link trainSweep} needs. */
export interface TrainSweepOptions<Setup> {
  run: RunDirectory;
  /** The nets, in the order in which they are begun. */
  plans: readonly AlphaNetPlan[];
  /** The workers' module: a task is a plan, its progress the steps done. */
  worker: URL;
  /** What each worker starts with. */
  setup: Setup;
  /** Workers at once; results do not depend on it. */
  jobs: number;
  /** For the progress bar. */
  stepsPerNet: number;
  /** Images per step, for the speed beside the bar. */
  batchSize: number;
  /** Whether the run was begun before, so that a line says how much is done. */
  resume: boolean;
  output: Output;
  quiet: boolean;
  /** Draws the nets so far, again and again in place; by default nothing. */
  live?(nets: readonly AlphaNet[], options: FigureTextOptions): string;
}

/** What a worker answers: a net's results, and how long it took. */
export interface TimedAlphaNetResult extends AlphaNetResult {
  readonly seconds: number;
}

/** What became of a sweep's nets. */
export interface SweepOutcome {
  /** In the order of the plans; null for those that failed. */
  readonly nets: readonly (AlphaNet | null)[];
  /** The durations of the nets that were not finished before. */
  readonly seconds: readonly number[];
}

/**
 * Trains a sweep's nets side by side, those that the run's checkpoint holds
 * excepted, and saves each as soon as it is finished. A net that fails is
 * named on stderr.
 *
 * @param options see {@link TrainSweepOptions}
 * @returns what became of each net
 * @throws {InterruptedError} after Ctrl-C, at once; the finished nets are saved
 * @throws {Error} where no worker starts, or a finished net cannot be saved
 */
export async function trainSweep<Setup>(
  options: TrainSweepOptions<Setup>,
): Promise<SweepOutcome> {
  const { run, plans, stepsPerNet, batchSize, output, live: draw } = options;
  const finished = finishedNets(run.checkpoint);
  const tasks = plans.filter((plan) => !finished.has(alphaNetName(plan)));
  if (options.resume) {
    output.log(`going on after ${finished.size} of ${plans.length} nets`);
  }
  run.begin();
  using interruption = listenForInterruption();
  const doneBefore = finished.size * stepsPerNet;
  using progress = createProgress({
    total: plans.length * stepsPerNet,
    done: doneBefore,
    label: `${plans.length} nets`,
    enabled: !options.quiet,
  });
  using live = createLiveChart({
    enabled: draw !== undefined && !options.quiet,
    progress,
    draw: (options) =>
      draw!(plans.map(netOf).filter((net) => net !== null), options),
  });
  const workers = Math.min(options.jobs, tasks.length);
  if (workers > 0) output.log(`starting ${workersText(workers)}`);
  const started = performance.now();
  const steps = tasks.map(() => 0);
  const seconds: number[] = [];
  const advance = (index: number, to: number) => {
    steps[index] = to;
    const done = steps.reduce((sum, count) => sum + count, 0);
    const elapsed = (performance.now() - started) / 1000;
    live.update();
    progress.update(doneBefore + done, {
      imagesPerSecond: done * batchSize / elapsed,
    });
  };

  try {
    await runJobs<Setup, AlphaNetPlan, TimedAlphaNetResult, number>({
      ...options,
      tasks,
      signal: interruption.signal,
      done(index, { seconds: taken, ...result }) {
        const plan = tasks[index]!;
        finished.set(alphaNetName(plan), result);
        run.saveCheckpoint(sweepCheckpoint(finished));
        seconds.push(taken);
        advance(index, stepsPerNet);
        logGroup(plan);
      },
      failed(index, error) {
        advance(index, stepsPerNet);
        progress.stop();
        live.clear();
        console.error(`${alphaNetName(tasks[index]!)}: ${error.message}`);
      },
      progress: advance,
    });
  } catch (error) {
    progress.stop();
    live.clear();
    if (!interruption.requested) throw error;
    throw interruption.error(
      `Interrupted after ${finished.size} of ${plans.length} nets: ${run.resumeCommand} goes on`,
      { cause: error },
    );
  }
  return { nets: plans.map(netOf), seconds };

  function netOf(plan: AlphaNetPlan): AlphaNet | null {
    const result = finished.get(alphaNetName(plan));
    return result ? alphaNet(plan, result) : null;
  }

  /** One line for the runs of a subset and λ, when the last of them is done. */
  function logGroup({ subset, lambda }: AlphaNetPlan) {
    const nets = plans
      .filter((plan) => plan.subset === subset && plan.lambda === lambda)
      .map(netOf);
    if (nets.includes(null)) return;
    const done = nets as AlphaNet[];
    const accuracy = mean(done.map(({ testAccuracy }) => testAccuracy));
    progress.stop();
    live.clear();
    const left = isInteractive() ? 0 : progress.secondsLeft() ?? 0;
    output.log(
      `subset ${subset}  λ ${String(lambda).padEnd(6)}` +
        `${percentAtZero(done).toFixed(0).padStart(4)} % of α at zero  ` +
        `test accuracy ${formatPercent(accuracy, 1)}` +
        (left > 0 ? `  ETA ${formatDuration(left)}` : ""),
    );
  }
}

/** The nets of a sweep that are finished, by their names. */
export type FinishedNets = ReadonlyMap<string, AlphaNetResult>;

/**
 * Finished nets as a checkpoint: the same bytes in whatever order they came.
 *
 * @param nets any number of them
 * @returns the checkpoint, for a run directory
 */
export function sweepCheckpoint(nets: FinishedNets): Checkpoint {
  const entries = [...nets].sort(([a], [b]) => a < b ? -1 : 1);
  return {
    state: Object.fromEntries(
      entries.map(([name, { testAccuracy }]) => [name, testAccuracy]),
    ),
    tensors: Object.fromEntries(
      entries.map(([name, { trajectory: data }]) => [name, {
        dtype: "float32",
        shape: [data.length / ALPHA_LAYERS, ALPHA_LAYERS],
        data,
      }]),
    ),
  };
}

/**
 * The nets that a run directory's checkpoint holds.
 *
 * @param checkpoint by `sweepCheckpoint`; null where none is yet
 * @returns a copy of what `sweepCheckpoint` was given
 */
export function finishedNets(
  checkpoint: Checkpoint | null,
): Map<string, AlphaNetResult> {
  if (checkpoint === null) return new Map();
  const { state, tensors } = checkpoint;
  return new Map(
    Object.entries(state as Record<string, number>).map((
      [name, testAccuracy],
    ) => [name, {
      testAccuracy,
      trajectory: tensors[name]!.data as Float32Array,
    }]),
  );
}
