export { adadeltaF32 } from "./adadelta";
export { adamF32 } from "./adam";
export { avgPoolForwardF32 } from "./avg_pool";
export {
  batchNormApplyF32,
  batchNormGradSumsF32,
  batchNormMomentsF32,
} from "./batch_norm";
export { biasActivationGradF32 } from "./bias_activation_grad";
export { clipByValueF32 } from "./clip_by_value";
export { conv2dF32 } from "./conv2d";
export { conv2dFilterGradF32 } from "./conv2d_filter_grad";
export { conv2dPackBackwardF32, conv2dPackForwardF32 } from "./conv2d_pack";
export { conv2dWinogradF32, conv2dWinogradFilterF32 } from "./conv2d_winograd";
export { conv2dWinogradFilterGradF32 } from "./conv2d_winograd_filter_grad";
export { copyF32 } from "./copy";
export { depthwiseConv2dForwardF32 } from "./depthwise_conv2d";
export {
  depthwiseConv2dFilterGradF32,
  depthwiseConv2dInputGradF32,
} from "./depthwise_conv2d_grad";
export { dropoutF32 } from "./dropout";
export { logisticRegressionEpochF32 } from "./logistic_regression_epoch";
export { matMulDotsF32 } from "./mat_mul_dots";
export { matMulFinishF32 } from "./mat_mul_finish";
export { matMulPackF32, matMulTilesF32 } from "./mat_mul_tiles";
export { maxPoolForwardF32 } from "./max_pool";
export { mlpEpochF32 } from "./mlp_epoch";
export { multiclassHingeF32 } from "./multiclass_hinge";
export { perceptronEpochF32 } from "./perceptron_epoch";
export {
  awaitChunks,
  awaitTask,
  claimChunk,
  completeChunk,
  publishTask,
} from "./pool";
export { avgPoolBackwardF32, maxPoolBackwardF32 } from "./pool_grad";
export { preluBackwardF32, preluForwardF32 } from "./prelu";
export { reluAlphaBackwardF32, reluAlphaForwardF32 } from "./relu_alpha";
export { scalePixelsF32 } from "./scale_pixels";
export { sgdF32 } from "./sgd";
export { maddRoundsOnce } from "./simd";
export { softmaxCrossEntropyF32 } from "./softmax_cross_entropy";
export { sumPartialsF32 } from "./sum_partials";
export { maddPeakF32 } from "./madd_peak";
export { unsortedSegmentSumF32 } from "./unsorted_segment_sum";
