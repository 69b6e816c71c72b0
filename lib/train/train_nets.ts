import type * as tf from "@tensorflow/tfjs";
import type { FigureTextOptions } from "../charts/figure.ts";
import { createLiveChart } from "../charts/live_chart.ts";
import { InterruptedError } from "../cli/errors.ts";
import type { Output } from "../cli/output.ts";
import { createProgress } from "../cli/progress.ts";
import { countBatches } from "../data/batches.ts";
import type { ImageDataset } from "../data/image_dataset.ts";
import { createRandom, type Random } from "../data/random.ts";
import { saveCheckpoint } from "./checkpoint.ts";
import { type CsvLog, type CsvValue, openCsvLog } from "./csv_log.ts";
import type { Net } from "./evaluate.ts";
import {
  type EpochRecord,
  fit,
  type FitState,
  initialFitState,
  type StepRecord,
} from "./fit.ts";
import { listenForInterruption } from "./interruption.ts";
import { captureTensors, restoreTensors } from "./net_tensors.ts";
import type { RunDirectory } from "./run_directory.ts";

/** A net that can be trained. */
export interface TrainableNet extends Net {
  readonly optimizer: tf.Optimizer;
  /** Called after each update, to project parameters. */
  afterUpdate?(): void;
}

/** A CSV file of the run with one row an event. */
export interface LogSpec<P, N, R> {
  readonly columns: readonly string[];
  row(plan: P, net: N, record: R): CsvValue[];
}

/** A net of the run, before it is made. */
export interface NetPlan {
  /** Unique in the run; names the net's file. */
  readonly name: string;
  /** The run's where left out. */
  readonly epochs?: number;
  /** The run's where left out. */
  readonly seed?: number;
}

/** What `trainNets` needs. */
export interface TrainNetsOptions<
  P extends NetPlan,
  N extends TrainableNet,
> {
  run: RunDirectory;
  /** The nets, in their order. */
  plans: readonly P[];
  /** Makes a net; nets of one seed draw from equally seeded generators. */
  createNet(plan: P, random: Random): N;
  dataset: ImageDataset;
  epochs: number;
  batchSize: number;
  seed: number;
  /** Whether the run was begun before, to say where it goes on. */
  resumes: boolean;
  output: Output;
  quiet: boolean;
  /** `metrics.csv`: one row a net and epoch. */
  metrics: LogSpec<P, N, EpochRecord>;
  /** `steps.csv`: one row a net and step. */
  steps: LogSpec<P, N, StepRecord>;
  /** The chart to redraw in place while training; none where left out. */
  live?(options: FigureTextOptions): string;
  /** The line that is printed after an epoch. */
  epochLine(plan: P, net: N, record: EpochRecord): string;
}

/** Milliseconds between two checkpoints: what a kill costs at most. */
const SAVE_INTERVAL = 10_000;

/** Milliseconds after which the event loop turns once, to hear signals. */
const TURN_INTERVAL = 50;

/** All of a run's state that is not a tensor. */
interface RunState {
  /** Nets that are complete. */
  net: number;
  /** The present net's state; null before its first step. */
  fit: FitState | null;
  /** Bytes of metrics.csv and steps.csv that this state covers. */
  metrics: number;
  steps: number;
}

/** The file in which a trained net's parameters are left. */
export function netFile(plan: NetPlan): string {
  return `net-${plan.name}.safetensors`;
}

/**
 * Trains nets one after the other, from the run's checkpoint if it has one,
 * with logs, checkpoints and a progress bar. Leaves each net's parameters in
 * its `netFile`.
 *
 * @throws InterruptedError after Ctrl-C, when a checkpoint is saved
 */
export async function trainNets<
  P extends NetPlan,
  N extends TrainableNet,
>(options: TrainNetsOptions<P, N>): Promise<void> {
  const { run, plans, dataset, batchSize, output } = options;
  const begun = run.checkpoint?.state as unknown as RunState | undefined;
  if (options.resumes) {
    const at = begun?.fit
      ? `${plans[begun.net]!.name} after step ${begun.fit.step}`
      : plans[begun?.net ?? 0]?.name ?? "the report";
    output.log(
      begun ? `going on with ${at}` : "no checkpoint yet: from the beginning",
    );
  }
  run.begin();
  using interruption = listenForInterruption();
  using logs = openLogs(options, begun);
  const stepsPerEpoch = countBatches(dataset.train.count, batchSize);
  const stepsOf = ({ epochs = options.epochs }: P) => epochs * stepsPerEpoch;
  const stepsBefore = (net: number) =>
    plans.slice(0, net).reduce((sum, plan) => sum + stepsOf(plan), 0);
  using progress = createProgress({
    total: stepsBefore(plans.length),
    done: stepsBefore(begun?.net ?? 0) + (begun?.fit?.step ?? 0),
    label: "training",
    enabled: !options.quiet,
  });
  using live = createLiveChart({
    enabled: options.live !== undefined && !options.quiet,
    progress,
    draw: options.live ?? (() => ""),
  });
  const rate = createRate();

  for (let index = begun?.net ?? 0; index < plans.length; index++) {
    const plan = plans[index]!;
    const { epochs = options.epochs, seed = options.seed } = plan;
    const random = createRandom(seed);
    const net = options.createNet(plan, random);
    const saved = [...net.variables, ...net.buffers ?? []];
    const doneBefore = stepsBefore(index);
    let state = initialFitState(random);
    if (index === begun?.net && begun.fit) {
      state = begun.fit;
      const { tensors } = run.checkpoint!;
      await restoreTensors(tensors, saved, net.optimizer);
    }
    let savedAt = performance.now();
    let turned = savedAt;
    let savedEpoch = state.epoch;

    const save = async (done: number, fitState: FitState | null) => {
      const tensors = fitState === null
        ? {}
        : await captureTensors(saved, net.optimizer, fitState.step);
      const lengths = logs.flush();
      const state = { net: done, fit: fitState, ...lengths };
      run.saveCheckpoint({ state: state as never, tensors });
      savedAt = performance.now();
    };

    await fit(net, net.optimizer, dataset, {
      epochs,
      batchSize,
      random,
      state,
      afterUpdate: net.afterUpdate?.bind(net),
      events: {
        step(record) {
          logs.steps.append(options.steps.row(plan, net, record));
          live.update();
          progress.update(doneBefore + record.step, {
            loss: record.loss,
            imagesPerSecond: rate(record.batchSize),
          });
        },
        epoch(record) {
          logs.metrics.append(options.metrics.row(plan, net, record));
          progress.stop();
          live.clear();
          output.log(options.epochLine(plan, net, record));
        },
        async pause(state) {
          const now = performance.now();
          if (now - turned > TURN_INTERVAL) {
            await new Promise((resolve) => setTimeout(resolve));
            turned = performance.now();
          }
          const due = now - savedAt > SAVE_INTERVAL || state.epoch > savedEpoch;
          if (due || interruption.requested) await save(index, state);
          savedEpoch = state.epoch;
          if (interruption.requested) {
            progress.stop();
            live.clear();
            throw new InterruptedError(
              `Interrupted in ${plan.name} after step ${state.step}: pass --resume to go on`,
            );
          }
        },
      },
    });
    const tensors = await captureTensors(saved, undefined, stepsOf(plan));
    saveCheckpoint(run.file(netFile(plan)), { state: {}, tensors });
    await save(index + 1, null);
    net.optimizer.dispose();
    for (const variable of saved) variable.dispose();
  }
}

function openLogs<P extends NetPlan, N extends TrainableNet>(
  { run, metrics, steps }: TrainNetsOptions<P, N>,
  begun: RunState | undefined,
): { metrics: CsvLog; steps: CsvLog; flush(): LogLengths } & Disposable {
  const open = (name: "metrics" | "steps", columns: readonly string[]) =>
    openCsvLog(run.file(`${name}.csv`), columns, { length: begun?.[name] });
  const logs = {
    metrics: open("metrics", metrics.columns),
    steps: open("steps", steps.columns),
  };
  return {
    ...logs,
    flush() {
      logs.metrics.flush();
      logs.steps.flush();
      return { metrics: logs.metrics.length(), steps: logs.steps.length() };
    },
    [Symbol.dispose]() {
      try {
        logs.metrics.close();
      } finally {
        logs.steps.close();
      }
    },
  };
}

type LogLengths = Pick<RunState, "metrics" | "steps">;

/** Images a second, smoothed over about twenty steps. */
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
