import type { FigureTextOptions } from "../charts/figure.ts";
import type { Output } from "../cli/output.ts";
import { countBatches } from "../data/batches.ts";
import type { ImageDataset } from "../data/image_dataset.ts";
import { createRandom, type Random } from "../base/random.ts";
import { saveCheckpoint } from "../run/checkpoint.ts";
import { readCsvLog } from "../run/csv_log.ts";
import { DivergenceError } from "../base/errors.ts";
import { epochLine } from "./epoch_line.ts";
import type { TrainableNet } from "../models/classifier.ts";
import {
  divergedRecord,
  type EpochRecord,
  fit,
  type FitState,
  initialFitState,
  type StepRecord,
} from "./fit.ts";
import { superviseRun } from "./supervise_run.ts";
import {
  captureTensors,
  loadNetEnd,
  netFile,
  placeOf,
  restoreTensors,
  saveNetEnd,
} from "./net_files.ts";
import type { RunDirectory } from "../run/run_directory.ts";
import { endFile } from "../run/run_record.ts";
import {
  type EpochTime,
  type LogName,
  type LogSpec,
  openRunLogs,
  TIMES,
} from "../run/run_logs.ts";

/** What a row of a log is made of. */
export type Logged<P, N, R> = R & { readonly plan: P; readonly net: N };

/** A net of the run, before it is made. */
export interface NetPlan {
  /** Unique in the run; names the net's file. */
  readonly name: string;
  /** Defaults to the run's epochs. */
  readonly epochs?: number;
  /** Defaults to the run's batch size. */
  readonly batchSize?: number;
  /** Defaults to the run's seed. */
  readonly seed?: number;
  /** What the net learns from; defaults to the run's data set. */
  readonly dataset?: ImageDataset;
}

/** What `trainNets` needs. */
export interface TrainNetsOptions<P extends NetPlan, N extends TrainableNet> {
  /** Where checkpoints, logs and nets are kept. */
  run: RunDirectory;
  /** The nets, in their order. */
  plans: readonly P[];
  /** Makes a net; nets of one seed draw from equally seeded generators. */
  createNet(plan: P, random: Random): N;
  /** What the nets train on and are evaluated on. */
  dataset: ImageDataset;
  /** How long each net trains. */
  epochs: number;
  /** Examples per step. */
  batchSize: number;
  /** What each net's generator is made from. */
  seed: number;
  /** Whether the run was begun before, to say where it goes on. */
  resume: boolean;
  /** Where lines are printed. */
  output: Output;
  /** Whether to draw no progress. */
  quiet: boolean;
  /** The columns of `metrics.csv`: one row per net and epoch. */
  metrics: LogSpec<Logged<P, N, EpochRecord>>;
  /** The columns of `steps.csv`: one row per net and step. */
  steps?: LogSpec<Logged<P, N, StepRecord>>;
  /** Whether there is a `times.csv`, one row per net and epoch. */
  times?: boolean;
  /**
   * Whether a net that diverges gets a row of NaN for that epoch and leaves no
   * file, and the next one is trained; by default it is an error.
   */
  mayDiverge?: boolean;
  /**
   * The chart to redraw in place while training, of the present net and the
   * rows of `steps.csv` so far; none by default.
   */
  live?(
    plan: P,
    steps: readonly Readonly<Record<string, string>>[],
    options: FigureTextOptions,
  ): string;
  /** What the line about an epoch says of the net beside loss and accuracy. */
  alsoOf?(net: N): string | undefined;
}

/** All of a run's state that is not a tensor, with the logs' lengths. */
interface RunState extends Partial<Record<LogName, number>> {
  /** Nets that are complete. */
  net: number;
  /** The present net's state; null before its first step. */
  fit: FitState | null;
  /** What the present epoch took so far, where the run has times.csv. */
  seconds?: number;
  /** The logs' lengths before the present net. */
  starts?: Partial<Record<LogName, number>>;
}

/**
 * Trains nets one after the other, from the run's checkpoint if it has one,
 * with logs, checkpoints and a progress bar. Leaves each net's parameters in
 * its `netFile`. A run that is lengthened goes on with each net where it ended.
 * Does nothing for a finished run.
 *
 * @param options the nets, what they train on, and where the run is kept
 * @throws DivergenceError if a loss or a parameter is not finite
 * @throws InterruptedError after Ctrl-C, when a checkpoint is saved
 */
export async function trainNets<P extends NetPlan, N extends TrainableNet>(
  options: TrainNetsOptions<P, N>,
): Promise<void> {
  const { run, plans, output, metrics, steps, times } = options;
  if (run.finished) return;
  // Where an earlier process left the run; undefined where none did.
  const begun = run.checkpoint?.state as unknown as RunState | undefined;
  if (options.resume) output.log(placeOf(options, begun));
  // From here on the run's files are written.
  run.begin();
  using logs = openRunLogs<{
    metrics: Logged<P, N, EpochRecord>;
    steps: Logged<P, N, StepRecord>;
    times: EpochTime;
  }>(run, { metrics, steps, times: times ? TIMES : undefined }, begun);
  const stepsOf = ({ epochs, batchSize, dataset }: P) =>
    (epochs ?? options.epochs) *
    countBatches(
      (dataset ?? options.dataset).train.count,
      batchSize ?? options.batchSize,
    );
  const stepsBefore = (net: number) =>
    plans.slice(0, net).reduce((sum, plan) => sum + stepsOf(plan), 0);
  const { live, quiet } = options;
  let drawn: { plan: P; rows: Record<string, string>[] };
  using supervision = superviseRun({
    run,
    output,
    quiet,
    label: "training",
    total: stepsBefore(plans.length),
    done: stepsBefore(begun?.net ?? 0) + (begun?.fit?.step ?? 0),
    live: live && ((text) => live(drawn.plan, drawn.rows, text)),
  });
  const isLive = live !== undefined && !quiet;
  const rate = createRate();

  for (let index = begun?.net ?? 0; index < plans.length; index++) {
    const plan = plans[index]!;
    const { epochs = options.epochs, seed = options.seed } = plan;
    const { batchSize = options.batchSize, dataset = options.dataset } = plan;
    const random = createRandom(seed);
    const net = options.createNet(plan, random);
    const saved = [...net.variables, ...net.buffers ?? []];
    const doneBefore = stepsBefore(index);
    const resumed = index === begun?.net && begun.fit !== null;
    // Where this net's rows begin in each log: its file keeps them too.
    const starts = resumed ? begun.starts : logs.flush();
    const end = resumed ? null : loadNetEnd(run.file(endFile(plan)));
    const from = resumed
      ? { fit: begun.fit!, tensors: run.checkpoint!.tensors }
      : end;
    if (from) await restoreTensors(from.tensors, saved, net.optimizer);
    if (end) logs.appendLines(end.rows);
    const state = from?.fit ?? initialFitState(random);
    const secondsBefore = resumed ? begun.seconds ?? 0 : 0;
    drawn = { plan, rows: isLive ? readCsvLog(run.file("steps.csv")) : [] };
    let ended = state;
    let savedEpoch = state.epoch;
    let lastEpoch = state.epoch;
    // As if the epoch had neither been interrupted nor saved.
    let epochStart = performance.now() - 1000 * secondsBefore;
    let images = secondsBefore > 0 ? state.batch * batchSize : 0; // since then

    const save = async (done: number, fitState: FitState | null) => {
      const now = performance.now();
      const seconds = (now - epochStart) / 1000;
      const tensors = fitState === null
        ? {}
        : await captureTensors(saved, net.optimizer, fitState.step);
      const lengths = logs.flush();
      const state = { net: done, fit: fitState, starts, ...lengths };
      run.saveCheckpoint({
        state: (times ? { ...state, seconds } : state) as never,
        tensors,
      });
      epochStart += performance.now() - now;
    };

    try {
      await fit(net, dataset, {
        epochs,
        batchSize,
        random,
        state,
        events: {
          step(record) {
            if (steps) {
              const row = logs.append("steps", { ...record, plan, net });
              if (isLive) drawn.rows.push(row);
            }
            images += record.batchSize;
            supervision.update(doneBefore + record.step, {
              loss: record.loss,
              imagesPerSecond: rate(record.batchSize),
            });
          },
          evaluation({ split, step, done, batchSize, count }) {
            supervision.update(doneBefore + step, {
              doing: `${split} ${Math.floor(100 * done / count)} %`,
              imagesPerSecond: rate(batchSize),
            });
          },
          epoch(record) {
            const now = performance.now();
            const seconds = (now - epochStart) / 1000;
            if (times) {
              logs.append("times", { plan, epoch: record.epoch, seconds });
            }
            epochStart = now;
            lastEpoch = record.epoch;
            logs.append("metrics", { ...record, plan, net });
            supervision.log(epochLine({
              ...record,
              name: plan.name,
              epochs,
              seconds,
              images,
              also: options.alsoOf?.(net),
              secondsLeft: supervision.secondsLeft(),
            }));
            images = 0;
          },
          async pause(state) {
            ended = state;
            const due = state.epoch > savedEpoch;
            savedEpoch = state.epoch;
            await supervision.pause({
              due,
              save: () => save(index, state),
              place: () => `in ${plan.name} after step ${state.step}`,
            });
          },
        },
      });
      const tensors = await captureTensors(saved, undefined, stepsOf(plan));
      saveCheckpoint(run.file(netFile(plan)), { state: {}, tensors });
      if (starts) { // not where an earlier version began the net
        saveNetEnd(run.file(endFile(plan)), {
          fit: ended,
          rows: logs.linesFrom(starts),
          tensors: await captureTensors(saved, net.optimizer, ended.step),
        });
      }
    } catch (error) {
      if (!options.mayDiverge || !(error instanceof DivergenceError)) {
        throw error;
      }
      const record = divergedRecord(lastEpoch + 1, dataset);
      logs.append("metrics", { ...record, plan, net });
      supervision.log(`${plan.name}: diverged in epoch ${record.epoch}`);
    }
    await supervision.save(() => save(index + 1, null));
    net.optimizer.dispose();
    for (const variable of saved) variable.dispose();
  }
}

/** Images per second, smoothed over about twenty steps. */
function createRate(): (images: number) => number {
  let last = performance.now();
  let secondsPerImage = 0;
  return (images) => {
    const now = performance.now();
    const present = (now - last) / 1000 / images;
    last = now;
    secondsPerImage = secondsPerImage === 0
      ? present
      : 0.95 * secondsPerImage + 0.05 * present;
    return 1 / secondsPerImage;
  };
}
