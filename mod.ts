/**
 * Deep-learning homework, reproduced in a terminal: TensorFlow.js's WASM
 * backend with threads under Deno, kernels of its own, and what a training
 * script needs around them.
 *
 * @example
 * ```ts
 * import { reluAlpha, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 2 });
 * const f = (x: tf.Tensor) => reluAlpha(x, tf.scalar(0.5));
 * const dx = tf.grad(f)(tf.tensor1d([-1, 2]));
 * console.log(dx.dataSync()); // Float32Array [ 0.5, 1 ]
 * backend.stop();
 * ```
 * @module
 */
export { type Backend, startBackend } from "./lib/backend/start_backend.ts";
export * from "./lib/reports/3_homework_1/boolean/check_function.ts";
export * from "./lib/reports/3_homework_1/boolean/check_net.ts";
export * from "./lib/reports/3_homework_1/boolean/interval_function.ts";
export {
  type IntervalNet,
  netOutput,
  plainSignNet,
  reluNet,
  sameHiddenReluNet,
  signNet,
  type Unit,
} from "./lib/reports/3_homework_1/boolean/interval_net.ts";
export * from "./lib/reports/3_homework_1/boolean/perceptron.ts";
export * from "./lib/reports/5_cs_587/linear_svm.ts";
export * from "./lib/matrices/linear_scores.ts";
export * from "./lib/reports/3_homework_1/by_hand/logistic_regression.ts";
export * from "./lib/reports/3_homework_1/by_hand/mlp.ts";
export * from "./lib/reports/3_homework_1/by_hand/perceptron.ts";
export * from "./lib/charts/bar_lines.ts";
export * from "./lib/charts/figure.ts";
export {
  lineChart,
  type LineChartOptions,
  type LineChartSpec,
  type LineSeries,
} from "./lib/charts/line_chart.ts";
export * from "./lib/charts/line_chart_svg.ts";
export type {
  HistogramRow,
  HistogramSpec,
} from "./lib/charts/histogram_chart.ts";
export type { ScatterSeries, ScatterSpec } from "./lib/charts/scatter_chart.ts";
export * from "./lib/cli/command_line.ts";
export { comparisonCells, type ComparisonRow } from "./lib/reporting/report.ts";
export * from "./lib/cli/flags.ts";
export {
  escapeMarkdown,
  formatDuration,
  formatFixed,
  formatPercent,
  formatPoints,
  formatSigned,
  minusSigns,
} from "./lib/base/format.ts";
export { runFlags } from "./lib/cli/run_flags.ts";
export {
  correlation,
  formatSpread,
  mean,
  standardDeviation,
} from "./lib/base/statistics.ts";
export * from "./lib/reporting/text_table.ts";
export { wrapText } from "./lib/base/wrap_text.ts";
export * from "./lib/data/batches.ts";
export * from "./lib/data/fashion_mnist.ts";
export * from "./lib/data/image_dataset.ts";
export * from "./lib/base/random.ts";
export * from "./lib/data/load_dataset.ts";
export * from "./lib/data/read_idx.ts";
export * from "./lib/data/read_npy.ts";
export * from "./lib/data/read_npz.ts";
export * from "./lib/data/share_dataset.ts";
export {
  drawSubset,
  splitValidation,
  type ValidatedDataset,
} from "./lib/data/splits.ts";
export * from "./lib/reports/4_csi_5138/diagonals/detector_figure.ts";
export * from "./lib/reports/4_csi_5138/diagonals/diagonal.ts";
export {
  createDiagonalImages,
  detectorConditions,
  type DiagonalCondition,
  type DiagonalImages,
  noisyCondition,
  PLAIN_CONDITION,
} from "./lib/reports/4_csi_5138/diagonals/diagonal_images.ts";
export * from "./lib/reports/4_csi_5138/diagonals/expected_peaks.ts";
export * from "./lib/reports/4_csi_5138/diagonals/filter_figure.ts";
export {
  countPeaks,
  DIAGONAL_KERNEL,
  featureMaps,
  labelOfPeaks,
  type Pattern,
  patternEvidence,
  patternPeaks,
  PATTERNS,
} from "./lib/reports/4_csi_5138/diagonals/peak_rule.ts";
export * from "./lib/reports/4_csi_5138/dual_network/check_gradients.ts";
export * from "./lib/reports/4_csi_5138/dual_network/dual_network.ts";
export * from "./lib/reports/4_csi_5138/dual_network/printed_gradients.ts";
export {
  type BestChannel,
  bestChannel,
  gradientMagnitude,
} from "./lib/reports/1_linearization/feature_row.ts";
export * from "./lib/images/png.ts";
export * from "./lib/images/image_mode.ts";
export * from "./lib/images/image_text.ts";
export * from "./lib/reports/1_linearization/layer_figure.ts";
export * from "./lib/images/raster_image.ts";
export * from "./lib/images/resize_image.ts";
export {
  type ClassTemplate,
  templateFigure,
} from "./lib/reports/5_cs_587/cifar_svm_figures.ts";
export { tileImages } from "./lib/images/tile_images.ts";
export { fusedBatchNorm } from "./lib/ops/batch_norm.ts";
export { dropout } from "./lib/ops/dropout.ts";
export { fusedConv2d } from "./lib/ops/fused_conv2d.ts";
export { fusedDense } from "./lib/ops/fused_dense.ts";
export {
  createHeapExamples,
  type ExampleModel,
  type ExampleSums,
  type HeapExamples,
} from "./lib/reports/3_homework_1/by_hand/example_model.ts";
export { createLogisticRegressionModel } from "./lib/reports/3_homework_1/by_hand/logistic_regression_epoch.ts";
export { meanLoss } from "./lib/losses/mean_loss.ts";
export { createMlpModel } from "./lib/reports/3_homework_1/by_hand/mlp_epoch.ts";
export { createPerceptronModel } from "./lib/reports/3_homework_1/by_hand/perceptron_epoch.ts";
export {
  multiclassHinge,
  type MulticlassHingeOptions,
} from "./lib/losses/multiclass_hinge.ts";
export { pixelTensor } from "./lib/ops/pixel_tensor.ts";
export { reluAlpha } from "./lib/ops/relu_alpha.ts";
export { softmaxCrossEntropy } from "./lib/losses/softmax_cross_entropy.ts";
export * from "./lib/losses/penalties.ts";
export * from "./lib/matrices/matrix.ts";
export * from "./lib/reports/4_csi_5138/families/check_families.ts";
export * from "./lib/reports/4_csi_5138/families/train_family.ts";
export * from "./lib/reports/4_csi_5138/families/draw_problem.ts";
export * from "./lib/reports/4_csi_5138/families/hypotheses.ts";
export * from "./lib/reports/1_linearization/fashion_net.ts";
export * from "./lib/models/layers.ts";
export * from "./lib/reports/4_csi_5138/mnist_nets.ts";
export * from "./lib/models/relu_alpha.ts";
export type { Activation } from "./lib/ops/bias_activation.ts";
export { compareLogits, type LogitAgreement } from "./lib/onnx/export_nets.ts";
export * from "./lib/onnx/export_onnx.ts";
export * from "./lib/onnx/onnx_classifier.ts";
export * from "./lib/optimizers/adadelta.ts";
export * from "./lib/optimizers/adam.ts";
export * from "./lib/optimizers/clamp_variables.ts";
export * from "./lib/optimizers/sgd.ts";
export {
  logUniform,
  type Rung,
  successiveHalving,
} from "./lib/reports/5_cs_587/search_svms.ts";
export * from "./lib/reports/2_alpha_sweep/cluster_alphas.ts";
export {
  countSettled,
  type CountSettledOptions,
} from "./lib/reports/2_alpha_sweep/alpha_sweep_tables.ts";
export * from "./lib/base/derive_random.ts";
export * from "./lib/run/checkpoint.ts";
export * from "./lib/reporting/confusion_matrix.ts";
export * from "./lib/run/csv_log.ts";
export {
  type EpochRecord,
  type EvaluationRecord,
  fit,
  type FitEvents,
  type FitState,
  initialFitState,
  type StepRecord,
} from "./lib/train/fit.ts";
export * from "./lib/run/parse_run_flags.ts";
export {
  openRunDirectory,
  type RunDirectory,
  type RunDirectoryOptions,
} from "./lib/run/run_directory.ts";
export {
  temporaryPathOf,
  writeAtomically,
} from "./lib/base/write_atomically.ts";
export {
  countCorrect,
  type Evaluation,
  type Net,
  netLogits,
  predict,
  type Prediction,
} from "./lib/train/evaluate.ts";
export type { JsonValue } from "./lib/base/json_value.ts";
export type { Facts, RunIdentity } from "./lib/run/run_record.ts";
