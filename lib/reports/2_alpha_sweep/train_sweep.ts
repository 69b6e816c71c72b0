import type { FigureTextOptions } from "../../charts/figure.ts";
import { formatDuration, formatPercent } from "../../base/format.ts";
import type { Output } from "../../cli/output.ts";
import { mean } from "../../base/statistics.ts";
import { type Checkpoint, saveCheckpoint } from "../../run/checkpoint.ts";
import { writeCsv } from "../../run/csv_log.ts";
import type { RunDirectory } from "../../run/run_directory.ts";
import { createJobTrainer, type Finished } from "../../train/job_trainer.ts";
import {
  ALPHA_LAYERS,
  type AlphaNet,
  alphaNet,
  alphaNetFile,
  alphaNetName,
  type AlphaNetPlan,
  type AlphaNetResult,
  percentAtZero,
  shortestFloat32,
} from "./alpha_net.ts";

/** What {@link trainSweep} needs. */
export interface TrainSweepOptions<Setup> {
  readonly run: RunDirectory;
  /** The nets, in the order in which they are begun. */
  readonly plans: readonly AlphaNetPlan[];
  /** The workers' module: a task is a plan, its progress the steps done. */
  readonly worker: URL;
  /** What each worker starts with. */
  readonly setup: Setup;
  /** Workers at once; results do not depend on it. */
  readonly jobs: number;
  readonly stepsPerNet: number;
  /** Images that a net passes in all its steps. */
  readonly imagesPerNet: number;
  /** Whether the run was begun before, so that a line says how much is done. */
  readonly resume: boolean;
  readonly output: Output;
  readonly quiet: boolean;
  /** Draws the nets so far, again and again in place; by default nothing. */
  live?(nets: readonly AlphaNet[], options: FigureTextOptions): string;
}

/** What became of a sweep's nets. */
export interface SweepOutcome {
  /** In the order of the plans; null for those that failed. */
  readonly nets: readonly (AlphaNet | null)[];
  /** The durations of the nets that were not finished before, s. */
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
  const { plans, stepsPerNet, imagesPerNet, live } = options;
  const seconds: number[] = [];
  const trainer = createJobTrainer<Setup, AlphaNetPlan, AlphaNetResult>({
    ...options,
    nameOf: alphaNetName,
    imagesOf: () => imagesPerNet,
    partOf: (_, step) => step / stepsPerNet,
    countText: (finished) => `${finished} of ${plans.length} nets`,
    capture: sweepCheckpoint,
    restore: finishedNets,
  });
  const netsOf = (plans: readonly AlphaNetPlan[]) =>
    plans.map((plan) => {
      const result = trainer.finished.get(alphaNetName(plan));
      return result ? alphaNet(plan, result) : null;
    });
  const isThere = (net: AlphaNet | null) => net !== null;
  await trainer.train(plans, {
    label: `${plans.length} nets`,
    mayFail: true,
    // One for the runs of a subset and λ, when the last of them is done.
    lineOf({ subset, lambda }, _, at) {
      seconds.push(at.seconds);
      const group = plans.filter((plan) =>
        plan.subset === subset && plan.lambda === lambda
      );
      const nets = netsOf(group).filter(isThere);
      return nets.length < group.length
        ? null
        : groupLine(nets, at.secondsLeft);
    },
    live: live && ((options) => live(netsOf(plans).filter(isThere), options)),
  });
  return { nets: netsOf(plans), seconds };
}

/** The line about all nets of a subset and λ. */
function groupLine(nets: readonly AlphaNet[], secondsLeft: number): string {
  const { subset, lambda } = nets[0]!;
  const accuracy = mean(nets.map(({ testAccuracy }) => testAccuracy));
  return `subset ${subset}  λ ${String(lambda).padEnd(6)}` +
    `${
      formatPercent(percentAtZero(nets) / 100, 0).padStart(6)
    } of α at zero  ` +
    `test accuracy ${formatPercent(accuracy, 1)}` +
    (secondsLeft > 0 ? `  ETA ${formatDuration(secondsLeft)}` : "");
}

/**
 * Finished nets as a checkpoint: the same bytes in whatever order they came.
 *
 * @param nets by their names, any number of them
 * @returns the checkpoint, for a run directory
 */
export function sweepCheckpoint(nets: Finished<AlphaNetResult>): Checkpoint {
  const entries = [...nets].sort(([a], [b]) => a < b ? -1 : 1);
  return {
    state: Object.fromEntries(
      entries.map(([name, { testAccuracy }]) => [name, testAccuracy]),
    ),
    tensors: Object.fromEntries(
      entries.flatMap(([name, { trajectory: data, parameters }]) => [
        [name, {
          dtype: "float32",
          shape: [data.length / ALPHA_LAYERS, ALPHA_LAYERS],
          data,
        }],
        ...Object.entries(parameters).map(([parameter, tensor]) =>
          [`${name}/${parameter}`, tensor] as const
        ),
      ]),
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
  const ofNets = Map.groupBy(
    Object.entries(tensors),
    ([name]) => name.split("/", 1)[0]!,
  );
  const parametersOf = (net: string) =>
    Object.fromEntries(
      ofNets.get(net)!.filter(([name]) => name !== net)
        .map(([name, tensor]) => [name.slice(net.length + 1), tensor]),
    );
  return new Map(
    // A checkpoint from before nets were kept has paths alone.
    Object.entries(state as Record<string, number>).filter(([name]) =>
      ofNets.get(name)!.length > 1
    ).map(([name, testAccuracy]) => [name, {
      testAccuracy,
      trajectory: tensors[name]!.data as Float32Array,
      parameters: parametersOf(name),
    }]),
  );
}

/** The tables that {@link writeSweep} leaves. */
const TABLES = ["sweep.csv", "trajectories.csv"] as const;

/** The files that {@link writeSweep} leaves: two tables, and each net's. */
export function sweepFiles(plans: readonly AlphaNetPlan[]): string[] {
  return [...TABLES, ...plans.map(alphaNetFile)];
}

/** The final α of a net that failed. */
const NO_ALPHAS = new Array<null>(ALPHA_LAYERS).fill(null);

/**
 * Writes `sweep.csv`, one row per net, and `trajectories.csv`, one row per
 * point of a net's trajectory, and each net's parameters. A net that failed has
 * empty final fields in `sweep.csv` and nothing elsewhere.
 *
 * @param run declares {@linkcode sweepFiles}
 * @param plans the nets, in the files' order
 * @param nets what became of each plan; null for those that failed
 * @param epochs of each net
 */
export function writeSweep(
  run: RunDirectory,
  plans: readonly AlphaNetPlan[],
  nets: readonly (AlphaNet | null)[],
  epochs: number,
): void {
  const [sweepFile, pointFile] = TABLES;
  for (const net of nets) {
    if (net === null) continue;
    const { parameters: tensors } = net;
    saveCheckpoint(run.file(alphaNetFile(net)), { state: {}, tensors });
  }
  writeCsv(
    run.file(sweepFile),
    plans.map(({ subset, lambda, run, alphaInit }, i) => ({
      subset,
      lambda,
      run,
      ...alphaFields("alpha_init", alphaInit),
      ...alphaFields("alpha_final", nets[i]?.alphaFinal ?? NO_ALPHAS),
      test_accuracy: nets[i]?.testAccuracy ?? null,
    })),
  );
  const points = nets.filter((net) => net !== null).flatMap((net) => {
    const { subset, lambda, run, trajectory } = net;
    const count = trajectory.length / ALPHA_LAYERS;
    return Array.from({ length: count }, (_, i) => ({
      subset,
      lambda,
      run,
      epoch: i * epochs / (count - 1),
      ...alphaFields(
        "alpha",
        Array.from(
          trajectory.subarray(i * ALPHA_LAYERS, (i + 1) * ALPHA_LAYERS),
          shortestFloat32,
        ),
      ),
    }));
  });
  writeCsv(run.file(pointFile), points, [
    "subset",
    "lambda",
    "run",
    "epoch",
    ...Object.keys(alphaFields("alpha", NO_ALPHAS)), // also where all failed
  ]);
}

/** A field for each layer's α, as `alpha_init_1`. */
function alphaFields(
  name: string,
  alphas: readonly (number | null)[],
): Record<string, number | null> {
  return Object.fromEntries(
    alphas.map((alpha, i) => [`${name}_${i + 1}`, alpha]),
  );
}
