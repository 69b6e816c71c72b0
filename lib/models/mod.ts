/**
 * Layers and nets made of them.
 *
 * @module
 */
export { batchNorm } from "./batch_norm.ts";
export {
  type Classifier,
  classifier,
  type ClassifierOptions,
  type Net,
  type TrainableNet,
} from "./classifier.ts";
export {
  type BorderedConv2d,
  type BorderPiece,
  type Layer,
  type LayerDescription,
  sequential,
} from "./layer.ts";
export {
  activation,
  conv2d,
  dense,
  dropoutLayer,
  flatten,
  maxPool,
} from "./layers.ts";
export { ReluAlpha, type ReluAlphaArgs } from "./relu_alpha.ts";
