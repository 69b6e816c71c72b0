import {
  datasetFlag,
  runFlags,
  seedFlag,
  splitSizeFlag,
  threadsFlag,
} from "../../../cli/run_flags.ts";

/**
 * The flags that the scripts of report 3's question 1 have in common.
 *
 * @param task the script's task
 */
export const byHandFlags = (task: string) => ({
  dataset: datasetFlag("octmnist"),
  trainSize: splitSizeFlag(),
  validationSize: splitSizeFlag(),
  testSize: splitSizeFlag(),
  seed: seedFlag("of weights and shuffling"),
  threads: threadsFlag(
    "threads for the accuracies, since training takes one; results do not depend on it",
  ),
  ...runFlags(task),
});
