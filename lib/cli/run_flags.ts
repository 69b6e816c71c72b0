import { UsageError } from "../base/errors.ts";
import type { JsonValue } from "../base/json_value.ts";
import { DATASET_NAMES, type DatasetName } from "../data/load_dataset.ts";
import {
  booleanFlag,
  choice,
  flag,
  type FlagSpec,
  integer,
  text,
} from "./flags.ts";

/** The largest seed that the generator takes. */
export const MAX_SEED = 2 ** 32 - 1;

/**
 * The flag `--seed`.
 *
 * @param describe what draws from the generator
 */
export const seedFlag = (describe: string) =>
  flag(integer({ min: 0, max: MAX_SEED }), {
    default: 0,
    describe: `seed ${describe}`,
  });

/** The flag `--seeds`, the number of seeds from `--seed` on. */
export const seedsFlag = () =>
  flag(integer({ min: 1, max: 100 }), {
    default: 1,
    describe: "number of seeds to train with, from --seed on, for mean ± s.d.",
  });

/**
 * The seeds that `--seed` and `--seeds` ask for.
 *
 * @returns `seeds` of them, from `seed` on
 * @throws {UsageError} where the generator does not take the last one
 */
export function seedsOf(
  { seed, seeds }: { readonly seed: number; readonly seeds: number },
): number[] {
  const last = seed + seeds - 1;
  if (last > MAX_SEED) {
    throw new UsageError(
      `Cannot parse --seeds: expected a last seed of at most ${MAX_SEED}: got ${last}`,
    );
  }
  return Array.from({ length: seeds }, (_, index) => seed + index);
}

/**
 * The flag `--threads` of the backend.
 *
 * @param describe what the threads are for
 */
export const threadsFlag = (
  describe = "threads that compute; results do not depend on their number",
) =>
  flag(integer({ min: 1, max: 8 }), {
    default: Math.min(8, navigator.hardwareConcurrency),
    decides: false,
    describe,
  });

/** The flag `--jobs` of tasks that train many nets side by side. */
export const jobsFlag = () =>
  flag(integer({ min: 1 }), {
    default: navigator.hardwareConcurrency,
    decides: false,
    describe:
      "nets trained at once, each on one thread; results do not depend on it",
  });

/**
 * The flag `--dataset`. Its default null stands for the report's data set, or
 * for what `loadDatasetOr` loads instead.
 *
 * @param reported the data set that the report used
 */
export const datasetFlag = (reported: DatasetName) =>
  flag<DatasetName | null>(choice(DATASET_NAMES), {
    default: null,
    describe: reported === "fashion-mnist"
      ? "data set; fashion-mnist by default"
      : `data set; by default ${reported} if it is there, else fashion-mnist`,
  });

/** The flag `--onnx` of tasks that keep nets. */
export const onnxFlag = () =>
  booleanFlag({
    decides: false,
    describe:
      "also write each trained net as net-NAME.onnx, and check that file",
  });

/** A flag with the number of a split's images to take; null: all. */
export const splitSizeFlag = () =>
  flag<number | null>(integer({ min: 1 }), {
    default: null,
    unit: "images",
    describe: "how many images to use, from the first on; all by default",
  });

/**
 * The flags of every task that keeps a run: where it is, whether to replace or
 * resume it, and what to print.
 *
 * @param task the script's task
 */
export const runFlags = (task: string) => ({
  out: flag(text(), {
    default: `runs/${task}`,
    decides: false,
    describe: "directory of the run",
  }),
  force: booleanFlag({
    decides: false,
    describe: "replace the run that is in --out already",
  }),
  resume: booleanFlag({
    decides: false,
    describe: "go on with the run that is in --out",
  }),
  quiet: booleanFlag({ decides: false, describe: "print errors only" }),
  json: booleanFlag({
    decides: false,
    describe: "print the main numbers as JSON in the last line",
  }),
});

/**
 * The flags that decide a run's results.
 *
 * @param spec the task's flags
 * @param config values of flags; those that are not in the spec are dropped
 * @returns the values of all flags but those that say `decides: false`
 */
export function decisiveFlags(
  spec: FlagSpec,
  config: Readonly<Record<string, unknown>>,
): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(config).filter(([field]) =>
      field in spec && spec[field]!.decides !== false
    ),
  ) as Record<string, JsonValue>;
}

/**
 * Refuses a batch that no step would fill.
 *
 * @param train what batches are taken from
 * @throws {UsageError} where there are fewer images than in a batch
 */
export function refuseLargeBatch(
  { batchSize }: { readonly batchSize: number },
  { count }: { readonly count: number },
): void {
  if (batchSize > count) {
    throw new UsageError(
      `Cannot parse --batch-size: expected at most the ${count} training images: got ${batchSize}`,
    );
  }
}

/**
 * Refuses `--force` together with `--resume`.
 *
 * @throws {UsageError} where both are given
 */
export function refuseForceWithResume(
  { force, resume }: { readonly force: boolean; readonly resume: boolean },
): void {
  if (force && resume) {
    throw new UsageError("Cannot parse --force: expected it without --resume");
  }
}

/**
 * The flags of a task that takes seconds and has nothing to resume.
 *
 * @param task the script's task
 */
export const briefRunFlags = (task: string) => {
  const { resume: _, ...flags } = runFlags(task);
  return flags;
};
