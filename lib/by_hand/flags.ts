import { booleanFlag, choice, flag, integer, text } from "../cli/flags.ts";
import { DATASET_NAMES, type DatasetName } from "../data/load_dataset.ts";

const partFlag = () =>
  flag<number | null>(integer({ min: 1 }), {
    default: null,
    unit: "images",
    describe: "the first so many; all where left out",
  });

/**
 * The flags that the scripts of report 3's question 1 have in common.
 *
 * @param task the script's task
 */
export const byHandFlags = (task: string) => ({
  dataset: flag<DatasetName | null>(choice(DATASET_NAMES), {
    default: null,
    describe: "octmnist if it is there, else fashion-mnist (§1)",
  }),
  trainSize: partFlag(),
  validationSize: partFlag(),
  testSize: partFlag(),
  seed: flag(integer({ min: 0, max: 2 ** 32 - 1 }), {
    default: 0,
    describe: "of weights and shuffling",
  }),
  threads: flag(integer({ min: 1, max: 8 }), {
    default: Math.min(8, navigator.hardwareConcurrency),
    describe: "for the accuracies; training takes one; same results",
  }),
  out: flag(text(), {
    default: `runs/${task}`,
    describe: "the run's directory",
  }),
  force: booleanFlag({ describe: "replace the run that is there" }),
  resume: booleanFlag({ describe: "go on with the run that is there" }),
  quiet: booleanFlag({ describe: "print errors only" }),
  json: booleanFlag({ describe: "print the main numbers as a last line" }),
});
