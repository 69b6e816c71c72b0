/**
 * The training loop, evaluation and prediction.
 *
 * @module
 */
export {
  evaluate,
  type Evaluation,
  type ImageShape,
  predict,
  type Prediction,
} from "./evaluate.ts";
export {
  type EpochRecord,
  type EvaluationRecord,
  fit,
  type FitDataset,
  type FitEvents,
  type FitState,
  type StepRecord,
} from "./fit.ts";
export {
  type Logged,
  type NetPlan,
  trainNets,
  type TrainNetsOptions,
} from "./train_nets.ts";
