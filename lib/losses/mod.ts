/**
 * Losses per example, their mean, and penalties on parameters.
 *
 * @module
 */
export { meanLoss } from "./mean_loss.ts";
export {
  multiclassHinge,
  type MulticlassHingeOptions,
} from "./multiclass_hinge.ts";
export { l1Penalty, l2Penalty } from "./penalties.ts";
export { softmaxCrossEntropy } from "./softmax_cross_entropy.ts";
