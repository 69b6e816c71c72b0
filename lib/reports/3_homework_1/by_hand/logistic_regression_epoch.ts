import { createPaddedMatrix } from "../../../wasm/heap_block.ts";
import { align, kernelContext } from "../../../wasm/kernel_context.ts";
import { bindExampleKernel, type ExampleModel } from "./example_model.ts";

/**
 * The softmax regression of
 * lib/reports/3_homework_1/by_hand/logistic_regression.ts in a kernel, in
 * float32, with weights that start at 0; inputs are pixel / 255, and 1 for the
 * bias.
 *
 * @param options.pixels of an image, at least 1
 * @param options.numClasses at least 1
 * @param options.learningRate above 0, rounded to float32
 * @returns the model; its parameter is `weights`, float32
 * `[numClasses, pixels + 1]`, the bias last
 * @throws Error if no backend runs or the heap is full
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   createHeapExamples,
 * } from "#lib/reports/3_homework_1/by_hand/example_model.ts";
 * import {
 *   createLogisticRegressionModel,
 * } from "#lib/reports/3_homework_1/by_hand/logistic_regression_epoch.ts";
 * import { startBackend } from "alphalab";
 *
 * const backend = await startBackend({ threads: 1 });
 * const images = new Uint8Array([255]); // 1 of 1 pixel
 * const labels = new Int32Array([0]);
 * const examples = createHeapExamples({ images, labels, count: 1 });
 * const model = createLogisticRegressionModel({
 *   pixels: 1,
 *   numClasses: 2,
 *   learningRate: 1,
 * });
 * const { loss } = model.train(examples, 0, 1);
 * assert.ok(Math.abs(loss - Math.log(2)) < 1e-15);
 * const { weights } = model.parameters();
 * assert.deepEqual([...weights!.data], [0.5, 0.5, -0.5, -0.5]);
 * backend.stop();
 * ```
 */
export function createLogisticRegressionModel(
  { pixels, numClasses, learningRate }: {
    pixels: number;
    numClasses: number;
    learningRate: number;
  },
): ExampleModel {
  const context = kernelContext("train by hand");
  const rows = align(numClasses, 4), inputs = align(pixels + 1, 8);
  const shape = [numClasses, pixels + 1] as const;
  using taken = new DisposableStack();
  const weights = taken.use(
    createPaddedMatrix(context, shape, [rows, inputs]),
  );
  const kernel = taken.use(bindExampleKernel(context, {
    pixels,
    classes: numClasses,
    scratchBytes: rows * 16 + inputs * 8,
    hasLoss: true,
    run: (chunks, examples, { losses, learns }) =>
      context.pool.run("logisticRegressionEpochF32", chunks, {
        ...examples,
        losses,
        weights: weights.pointer,
        inputs,
        learningRate: learns ? learningRate : 0,
      }),
  }));
  const owned = taken.move();
  return {
    train: kernel.train,
    countCorrect: kernel.countCorrect,
    parameters: () => ({
      weights: { dtype: "float32", shape, data: weights.read() },
    }),
    restore: (parameters) => weights.write(parameters.weights!.data),
    [Symbol.dispose]: () => owned.dispose(),
  };
}
