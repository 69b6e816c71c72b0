/**
 * Optimizers by fused kernels, and the base class of your own.
 *
 * @module
 */
export type { ParameterUpdate } from "../ops/parameter_update.ts";
export { Adadelta, type AdadeltaOptions } from "./adadelta.ts";
export { Adam, type AdamOptions } from "./adam.ts";
export { clampVariables } from "./clamp_variables.ts";
export { Sgd, type SgdOptions } from "./sgd.ts";
export {
  type NamedTensor,
  SlotOptimizer,
  type SlotUpdate,
} from "./slot_optimizer.ts";
