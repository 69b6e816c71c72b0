import type { Output } from "../../../cli/output.ts";
import { createRandom, type Random } from "../../../base/random.ts";
import type { ValidatedDataset } from "../../../data/splits.ts";
import {
  createHeapExamples,
  type ExampleModel,
  type HeapExamples,
} from "./example_model.ts";
import { DivergenceError } from "../../../base/errors.ts";
import { epochLine } from "../../../train/epoch_line.ts";
import { superviseRun } from "../../../train/supervise_run.ts";
import type { RunDirectory } from "../../../run/run_directory.ts";
import { type LogSpec, openRunLogs } from "../../../run/run_logs.ts";

/** A model of the run, before it is made. */
export interface ByHandPlan {
  /** As in metrics.csv. */
  readonly model: string;
  readonly learningRate: number;
}

/** What metrics.csv has of the losses of an epoch, each before its step. */
export type LossColumn = "none" | "mean" | "sum";

/** What {@link trainByHand} needs. */
export interface TrainByHandOptions<P extends ByHandPlan> {
  run: RunDirectory;
  /** The models, in their order. */
  plans: readonly P[];
  /** Makes a model; all draw from equally seeded generators. */
  createModel(plan: P, random: Random): ExampleModel;
  dataset: ValidatedDataset;
  epochs: number;
  seed: number;
  loss: LossColumn;
  /** Whether the run was begun before, to say where it goes on. */
  resume: boolean;
  output: Output;
  quiet: boolean;
}

/** The columns of metrics.csv. */
const METRICS: LogSpec<{
  readonly plan: ByHandPlan;
  readonly seed: number;
  readonly epoch: number;
  readonly loss: number | null;
  readonly accuracies: Readonly<Record<typeof SPLITS[number], number>>;
}> = {
  model: ({ plan }) => plan.model,
  learning_rate: ({ plan }) => plan.learningRate,
  seed: ({ seed }) => seed,
  epoch: ({ epoch }) => epoch,
  train_loss: ({ loss }) => loss,
  train_accuracy: ({ accuracies }) => accuracies.train,
  validation_accuracy: ({ accuracies }) => accuracies.validation,
  test_accuracy: ({ accuracies }) => accuracies.test,
};

const SPLITS = ["train", "validation", "test"] as const;

/** Examples per call of a kernel, some 30 ms; after it signals are heard. */
const SLICE = 1_000;

/** Where a model's training is; the parameters are the checkpoint's tensors. */
interface ModelState {
  /** Epochs that are complete. */
  epoch: number;
  /** Examples of the present epoch that are done. */
  example: number;
  /** Sum of their losses. */
  loss: number;
  /** The generator before the present epoch's shuffling. */
  random: number[];
}

/** All of a run's state that is not a tensor. */
interface RunState {
  /** Models that are complete. */
  plan: number;
  /** The present one's state; null before its first step. */
  model: ModelState | null;
  /** Bytes of metrics.csv that this state covers. */
  metrics: number;
}

/**
 * Trains models one after the other, each on one example after the other in an
 * order that is shuffled each epoch, from the run's checkpoint if it has one.
 * After an epoch come the accuracies on all splits. Logs, checkpoints and a
 * progress bar; the same bytes wherever it was interrupted. Does nothing for a
 * finished run.
 *
 * @throws {DivergenceError} if a loss or a parameter is not finite
 * @throws {InterruptedError} after Ctrl-C, when a checkpoint is saved
 */
export async function trainByHand<P extends ByHandPlan>(
  options: TrainByHandOptions<P>,
): Promise<void> {
  const { run, plans, dataset, epochs, seed, output } = options;
  if (run.finished) return;
  const begun = run.checkpoint?.state as unknown as RunState | undefined;
  if (options.resume) output.log(resumeLine(plans, begun));
  run.begin();
  using logs = openRunLogs(run, { metrics: METRICS }, begun);
  using taken = new DisposableStack();
  const take = (split: typeof SPLITS[number]) =>
    taken.use(createHeapExamples(dataset[split]));
  const examples = {
    train: take("train"),
    validation: take("validation"),
    test: take("test"),
  };
  const { count } = examples.train;
  const order = new Uint32Array(count);
  const doneOf = (plan: number, state: ModelState | null) =>
    (plan * epochs + (state?.epoch ?? 0)) * count + (state?.example ?? 0);
  const doneBefore = doneOf(begun?.plan ?? 0, begun?.model ?? null);
  using supervision = superviseRun({
    run,
    output,
    quiet: options.quiet,
    label: "training",
    total: plans.length * epochs * count,
    done: doneBefore,
  });
  const started = performance.now();

  for (let index = begun?.plan ?? 0; index < plans.length; index++) {
    const plan = plans[index]!;
    const random = createRandom(seed);
    using model = options.createModel(plan, random);
    let state: ModelState = {
      epoch: 0,
      example: 0,
      loss: 0,
      random: random.state(),
    };
    if (index === begun?.plan && begun.model) {
      state = begun.model;
      model.restore(run.checkpoint!.tensors);
    }

    const save = (plan: number, model: ModelState | null, tensors = {}) => {
      const state = { plan, model, ...logs.flush() };
      run.saveCheckpoint({ state: state as never, tensors });
    };
    const pause = () =>
      supervision.pause({
        save: () => save(index, state, finiteParameters(model, state)),
        place: () => `in ${describe(plan, state)}`,
      });

    while (state.epoch < epochs) {
      const [epochStart, firstExample] = [performance.now(), state.example];
      random.restore(state.random);
      for (let i = 0; i < count; i++) order[i] = i;
      random.shuffle(order);
      examples.train.setOrder(order);
      while (state.example < count) {
        const size = Math.min(SLICE, count - state.example);
        const { loss } = model.train(examples.train, state.example, size);
        state.example += size;
        state.loss += loss;
        refuseInfinite(state.loss, "loss", state);
        const done = doneOf(index, state);
        const seconds = (performance.now() - started) / 1000;
        supervision.update(done, {
          ...options.loss === "none"
            ? {}
            : { loss: state.loss / state.example },
          imagesPerSecond: (done - doneBefore) / seconds,
        });
        await pause();
      }
      const accuracies = { train: 0, validation: 0, test: 0 };
      for (const split of SPLITS) {
        accuracies[split] = await measureAccuracy(
          model,
          examples[split],
          async (part, imagesPerSecond) => {
            supervision.update(doneOf(index, state), {
              doing: `${split} ${Math.floor(100 * part)} %`,
              imagesPerSecond,
            });
            await pause();
          },
        );
      }
      finiteParameters(model, state);
      const loss = {
        none: null,
        mean: state.loss / count,
        sum: state.loss,
      }[options.loss];
      const epoch = state.epoch + 1;
      logs.append("metrics", { plan, seed, epoch, loss, accuracies });
      state = {
        epoch,
        example: 0,
        loss: 0,
        random: random.state(),
      };
      supervision.log(epochLine({
        name: nameOf(plan),
        epoch: state.epoch,
        epochs,
        train: { loss, accuracy: accuracies.train },
        validation: { accuracy: accuracies.validation },
        test: { accuracy: accuracies.test },
        seconds: (performance.now() - epochStart) / 1000,
        images: count - firstExample,
        secondsLeft: supervision.secondsLeft(),
      }));
      await pause();
    }
    await supervision.save(() => save(index + 1, null));
  }
}

/**
 * The share of right predictions, 0 to 1. After each slice comes `measured`,
 * with the part that is done, 0 to 1, and the speed in images/s.
 */
async function measureAccuracy(
  model: ExampleModel,
  examples: HeapExamples,
  measured: (part: number, imagesPerSecond: number) => Promise<void>,
): Promise<number> {
  const { count } = examples;
  const start = performance.now();
  let correct = 0;
  for (let first = 0; first < count; first += SLICE) {
    const size = Math.min(SLICE, count - first);
    correct += model.countCorrect(examples, first, size);
    const seconds = (performance.now() - start) / 1000;
    await measured((first + size) / count, (first + size) / seconds);
  }
  return correct / count;
}

function finiteParameters(model: ExampleModel, state: ModelState) {
  const parameters = model.parameters();
  for (const [name, { data }] of Object.entries(parameters)) {
    for (const value of data) refuseInfinite(value, name, state);
  }
  return parameters;
}

function refuseInfinite(value: number, what: string, state: ModelState) {
  if (Number.isFinite(value)) return;
  throw new DivergenceError(
    `Cannot go on training: ${what} must be finite: got ${value} in epoch ${
      state.epoch + 1
    }; a smaller --learning-rate may help`,
  );
}

function resumeLine(plans: readonly ByHandPlan[], begun?: RunState): string {
  if (!begun) return "no checkpoint yet: from the beginning";
  const plan = plans[begun.plan];
  if (!plan) return "going on with the report";
  return `going on with ${describe(plan, begun.model)}`;
}

const nameOf = ({ model, learningRate }: ByHandPlan) =>
  `${model} (learning rate ${learningRate})`;

function describe(plan: ByHandPlan, state: ModelState | null): string {
  return `${nameOf(plan)} after epoch ${state?.epoch ?? 0} and ${
    state?.example ?? 0
  } examples`;
}
