import type { CheckpointTensor } from "../../../run/checkpoint.ts";
import { allocateBlock } from "../../../wasm/heap_block.ts";
import { align, kernelContext } from "../../../wasm/kernel_context.ts";
import { bindExampleKernel, type ExampleModel } from "./example_model.ts";

/** What the two int16 of a weight hold: 2¹⁵ high + low. */
const WEIGHT_LIMIT = 2 ** 30;

/** The largest input, and so the most that a weight moves in one step. */
const LARGEST_INPUT = 255;

/**
 * The multi-class perceptron of lib/reports/3_homework_1/by_hand/perceptron.ts
 * in a kernel, with weights that start at 0, in integers: the inputs are the
 * pixels, 0 to 255, and 255 for the bias, the learning rate is 1. With inputs
 * pixel / 255 and 1, and any learning rate, the decisions are the same and the
 * weights a multiple.
 *
 * @param options.pixels of an image, at least 1
 * @param options.numClasses at least 1
 * @returns the model; its parameter is `weights`, int32
 * `[numClasses, pixels + 1]`, the bias last
 * @throws Error if no backend runs or the heap is full; from `train`, if a
 * weight might leave the range of 31 bits
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   createHeapExamples,
 * } from "#lib/reports/3_homework_1/by_hand/example_model.ts";
 * import {
 *   createPerceptronModel,
 * } from "#lib/reports/3_homework_1/by_hand/perceptron_epoch.ts";
 * import { startBackend } from "alphalab";
 *
 * const backend = await startBackend({ threads: 1 });
 * const images = new Uint8Array([10, 200]); // 2 of 1 pixel
 * const labels = new Int32Array([0, 1]);
 * const examples = createHeapExamples({ images, labels, count: 2 });
 * const model = createPerceptronModel({ pixels: 1, numClasses: 2 });
 * model.train(examples, 0, 2); // the second one is taken for class 0
 * assert.deepEqual(
 *   [...model.parameters().weights!.data],
 *   [-200, -255, 200, 255],
 * );
 * backend.stop();
 * ```
 */
export function createPerceptronModel(
  { pixels, numClasses }: { pixels: number; numClasses: number },
): ExampleModel {
  const context = kernelContext("train by hand");
  const rows = align(numClasses, 4);
  const inputs = align(pixels + 1, 8);
  using taken = new DisposableStack();
  const weights = taken.use(allocateBlock(context, rows * inputs * 4));
  const kernel = taken.use(bindExampleKernel(context, {
    pixels,
    classes: numClasses,
    scratchBytes: inputs * 2 + rows * 8,
    hasLoss: false,
    run: (chunks, examples, { learns }) =>
      context.pool.run("perceptronEpochF32", chunks, {
        ...examples,
        weights: weights.pointer,
        inputs,
        learn: learns ? 1 : 0,
      }),
  }));
  const owned = taken.move();
  const shape = [numClasses, pixels + 1];
  /** No weight is further from 0. */
  let reach = 0;

  const parts = () =>
    new Int16Array(context.memory.buffer, weights.pointer, rows * inputs * 2);
  /** Where a weight's low part is, in blocks of 4 classes and 8 inputs. */
  const lowAt = (k: number, i: number) =>
    ((k >> 2) * (inputs >> 3) + (i >> 3)) * 64 + (k & 3) * 16 + (i & 7);
  const read = () => {
    const from = parts();
    return Int32Array.from({ length: numClasses * (pixels + 1) }, (_, at) => {
      const low = lowAt(Math.floor(at / (pixels + 1)), at % (pixels + 1));
      return from[low + 8]! * 2 ** 15 + from[low]!;
    });
  };
  const reachOf = (data: Int32Array) =>
    data.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);

  return {
    train(examples, first, count) {
      const most = count * LARGEST_INPUT;
      if (reach + most >= WEIGHT_LIMIT) reach = reachOf(read());
      reach += most;
      if (reach >= WEIGHT_LIMIT) {
        throw new RangeError(
          `Cannot train the perceptron: weights must stay below ${WEIGHT_LIMIT}: got up to ${reach} after ${count} more steps`,
        );
      }
      return kernel.train(examples, first, count);
    },
    countCorrect: kernel.countCorrect,
    parameters: () => ({ weights: { dtype: "int32", shape, data: read() } }),
    restore({ weights }: Readonly<Record<string, CheckpointTensor>>) {
      const data = weights!.data as Int32Array;
      const to = parts();
      data.forEach((weight, at) => {
        const low = lowAt(Math.floor(at / (pixels + 1)), at % (pixels + 1));
        to[low] = weight & 0x7fff;
        to[low + 8] = weight >> 15;
      });
      reach = reachOf(data);
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
}
