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
export * from "./lib/boolean/check_function.ts";
export * from "./lib/boolean/check_net.ts";
export * from "./lib/boolean/dot_table.ts";
export * from "./lib/boolean/interval_function.ts";
export {
  type IntervalNet,
  netOutput,
  plainSignNet,
  reluNet,
  sameHiddenReluNet,
  signNet,
  type Unit,
} from "./lib/boolean/interval_net.ts";
export * from "./lib/boolean/perceptron.ts";
export * from "./lib/by_hand/hinge_loss.ts";
export * from "./lib/by_hand/linear_scores.ts";
export * from "./lib/by_hand/linear_svm.ts";
export * from "./lib/by_hand/logistic_regression.ts";
export * from "./lib/by_hand/mlp.ts";
export * from "./lib/by_hand/perceptron.ts";
export * from "./lib/by_hand/softmax_loss.ts";
export * from "./lib/charts/bar_lines.ts";
export * from "./lib/charts/figure.ts";
export * from "./lib/charts/line_chart.ts";
export * from "./lib/charts/line_chart_svg.ts";
export type * from "./lib/charts/line_chart_spec.ts";
export * from "./lib/charts/histogram_figure.ts";
export type * from "./lib/charts/histogram_spec.ts";
export * from "./lib/charts/scatter_figure.ts";
export type * from "./lib/charts/scatter_spec.ts";
export * from "./lib/cli/command_line.ts";
export * from "./lib/cli/comparison_table.ts";
export * from "./lib/cli/describe_config.ts";
export * from "./lib/cli/flags.ts";
export { parseFlags } from "./lib/cli/parse_flags.ts";
export * from "./lib/cli/format.ts";
export { runFlags } from "./lib/cli/run_flags.ts";
export * from "./lib/cli/minus_signs.ts";
export * from "./lib/cli/spread.ts";
export * from "./lib/cli/text_table.ts";
export type { Align, TextTable } from "./lib/cli/table_cells.ts";
export * from "./lib/cli/markdown_table.ts";
export * from "./lib/cli/escape_markdown.ts";
export * from "./lib/cli/wrap_text.ts";
export * from "./lib/data/batches.ts";
export * from "./lib/data/fashion_mnist.ts";
export * from "./lib/data/image_dataset.ts";
export * from "./lib/data/random.ts";
export * from "./lib/data/load_dataset.ts";
export * from "./lib/data/mean_image.ts";
export * from "./lib/data/read_idx.ts";
export * from "./lib/data/read_npy.ts";
export * from "./lib/data/read_npz.ts";
export * from "./lib/data/share_dataset.ts";
export * from "./lib/data/split_validation.ts";
export {
  detectorConditions,
  noisyCondition,
  PLAIN_CONDITION,
} from "./lib/diagonals/conditions.ts";
export * from "./lib/diagonals/detector_figure.ts";
export * from "./lib/diagonals/diagonal.ts";
export * from "./lib/diagonals/diagonal_images.ts";
export * from "./lib/diagonals/example_figure.ts";
export * from "./lib/diagonals/expected_peaks.ts";
export * from "./lib/diagonals/filter_figure.ts";
export * from "./lib/diagonals/patterns.ts";
export {
  countPeaks,
  DIAGONAL_KERNEL,
  featureMaps,
  labelOfPeaks,
} from "./lib/diagonals/peak_rule.ts";
export * from "./lib/dual_network/check_gradients.ts";
export * from "./lib/dual_network/difference_gradient.ts";
export * from "./lib/dual_network/dual_network.ts";
export * from "./lib/dual_network/printed_gradients.ts";
export * from "./lib/dual_network/relative_error.ts";
export * from "./lib/images/best_channel.ts";
export * from "./lib/images/convert_channels.ts";
export * from "./lib/images/correlation.ts";
export * from "./lib/images/decode_png.ts";
export * from "./lib/images/encode_png.ts";
export * from "./lib/images/gradient_magnitude.ts";
export * from "./lib/images/image_mode.ts";
export * from "./lib/images/image_text.ts";
export * from "./lib/images/layer_figure.ts";
export * from "./lib/images/layer_planes.ts";
export * from "./lib/images/raster_image.ts";
export * from "./lib/images/resize_image.ts";
export * from "./lib/images/template_figure.ts";
export * from "./lib/images/tile_images.ts";
export { fusedBatchNorm } from "./lib/kernels/batch_norm.ts";
export { dropout } from "./lib/kernels/dropout.ts";
export { fusedConv2d } from "./lib/kernels/fused_conv2d.ts";
export { fusedDense } from "./lib/kernels/fused_dense.ts";
export {
  createHeapExamples,
  type ExampleModel,
  type ExampleSums,
  type HeapExamples,
} from "./lib/kernels/example_model.ts";
export { createLogisticRegressionModel } from "./lib/kernels/logistic_regression_epoch.ts";
export { meanLoss } from "./lib/kernels/mean_loss.ts";
export { createMlpModel } from "./lib/kernels/mlp_epoch.ts";
export { createPerceptronModel } from "./lib/kernels/perceptron_epoch.ts";
export {
  multiclassHinge,
  type MulticlassHingeOptions,
} from "./lib/kernels/multiclass_hinge.ts";
export { pixelTensor } from "./lib/kernels/pixel_tensor.ts";
export { reluAlpha } from "./lib/kernels/relu_alpha.ts";
export { softmaxCrossEntropy } from "./lib/kernels/softmax_cross_entropy.ts";
export * from "./lib/losses/count_correct.ts";
export * from "./lib/losses/l1_penalty.ts";
export * from "./lib/losses/l2_penalty.ts";
export * from "./lib/matrices/matrix.ts";
export * from "./lib/matrices/matrix_rank.ts";
export * from "./lib/model_families/check_families.ts";
export * from "./lib/model_families/cross_entropy.ts";
export * from "./lib/model_families/draw_problem.ts";
export * from "./lib/model_families/factors.ts";
export * from "./lib/model_families/families.ts";
export * from "./lib/model_families/softmax_columns.ts";
export * from "./lib/model_families/train_family.ts";
export * from "./lib/models/fashion_net.ts";
export * from "./lib/models/layers.ts";
export * from "./lib/models/mnist_nets.ts";
export * from "./lib/models/relu_alpha.ts";
export type { Activation } from "./lib/kernels/bias_activation.ts";
export * from "./lib/onnx/compare_logits.ts";
export * from "./lib/onnx/export_onnx.ts";
export * from "./lib/onnx/onnx_classifier.ts";
export * from "./lib/optimizers/adadelta.ts";
export * from "./lib/optimizers/adam.ts";
export * from "./lib/optimizers/clamp_variables.ts";
export * from "./lib/optimizers/sgd.ts";
export * from "./lib/svm/successive_halving.ts";
export * from "./lib/sweep/cluster_alphas.ts";
export * from "./lib/sweep/count_settled.ts";
export * from "./lib/sweep/derive_random.ts";
export * from "./lib/sweep/draw_subset.ts";
export * from "./lib/sweep/silhouette.ts";
export * from "./lib/train/checkpoint.ts";
export * from "./lib/train/confusion_matrix.ts";
export * from "./lib/train/csv_log.ts";
export * from "./lib/train/fit.ts";
export * from "./lib/train/parse_run_flags.ts";
export * from "./lib/train/run_directory.ts";
export * from "./lib/train/write_atomically.ts";
export type { Evaluation, Net } from "./lib/train/evaluate.ts";
export * from "./lib/train/net_logits.ts";
export * from "./lib/train/predict.ts";
export type { JsonValue } from "./lib/train/json_value.ts";
export type { Facts, RunIdentity } from "./lib/train/run_record.ts";
