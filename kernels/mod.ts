export { adamF32 } from "./adam";
export {
  awaitChunks,
  awaitTask,
  claimChunk,
  completeChunk,
  publishTask,
} from "./pool";
export { reluAlphaBackwardF32, reluAlphaForwardF32 } from "./relu_alpha";
export { sumPartialsF32 } from "./sum_partials";
export { softmaxCrossEntropyF32 } from "./softmax_cross_entropy";
export { maddRoundsOnce } from "./simd";
export { copyF32 } from "./copy";
export { conv2dF32 } from "./conv2d";
export { conv2dFilterGradF32 } from "./conv2d_filter_grad";
export { conv2dPackBackwardF32, conv2dPackForwardF32 } from "./conv2d_pack";
export {
  conv2dWinogradF32,
  conv2dWinogradFilterF32,
  conv2dWinogradFilterGradF32,
} from "./conv2d_winograd";
export { matMulDotsF32 } from "./mat_mul_dots";
export { matMulFinishF32 } from "./mat_mul_finish";
export { matMulPackF32, matMulTilesF32 } from "./mat_mul_tiles";
export { maddPeakF32 } from "./madd_peak";
