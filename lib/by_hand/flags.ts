import { choice, flag } from "../cli/flags.ts";
import {
  runFlags,
  seedFlag,
  splitSizeFlag,
  threadsFlag,
} from "../cli/run_flags.ts";
import { DATASET_NAMES, type DatasetName } from "../data/load_dataset.ts";

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
  trainSize: splitSizeFlag(),
  validationSize: splitSizeFlag(),
  testSize: splitSizeFlag(),
  seed: seedFlag("of weights and shuffling"),
  threads: threadsFlag(
    "for the accuracies; training takes one; same results",
  ),
  ...runFlags(task),
});
