/**
 * The training loop, evaluation and prediction.
 *
 * @module
 */
export {
  evaluate,
  type Evaluation,
  type ImageShape,
  netLogits,
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
  initialFitState,
  type StepRecord,
} from "./fit.ts";
export {
  type Logged,
  type NetPlan,
  trainNets,
  type TrainNetsOptions,
} from "./train_nets.ts";
