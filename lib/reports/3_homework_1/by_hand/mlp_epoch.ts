import type { CheckpointTensor } from "../../../run/checkpoint.ts";
import { createPaddedMatrix } from "../../../wasm/heap_block.ts";
import { align, kernelContext } from "../../../wasm/kernel_context.ts";
import { SCRATCH_HEADER } from "../../../wasm/kernel_params.ts";
import { bindExampleKernel, type ExampleModel } from "./example_model.ts";
import type { MlpParameters } from "./mlp.ts";

/**
 * The perceptron with a hidden layer of lib/reports/3_homework_1/by_hand/mlp.ts
 * in a kernel, in float32; inputs are pixel / 255.
 *
 * @param initial what it starts from, rounded to float32
 * @param learningRate above 0, rounded to float32
 * @returns the model; its parameters are those of {@link MlpParameters},
 *   float32 `weights1 [hidden, pixels]`, `biases1 [hidden]`,
 *   `weights2 [numClasses, hidden]`, `biases2 [numClasses]`
 * @throws Error if no backend runs or the heap is full
 *
 * @example
 * ```ts
 * import {
 *   createHeapExamples,
 * } from "#lib/reports/3_homework_1/by_hand/example_model.ts";
 * import { createMlp } from "#lib/reports/3_homework_1/by_hand/mlp.ts";
 * import {
 *   createMlpModel,
 * } from "#lib/reports/3_homework_1/by_hand/mlp_epoch.ts";
 * import { startBackend } from "alphalab";
 * import { createRandom } from "alphalab/random";
 *
 * const backend = await startBackend({ threads: 1 });
 * const images = new Uint8Array([10, 200]); // 2 of 1 pixel
 * const labels = new Int32Array([0, 1]);
 * const examples = createHeapExamples({ images, labels, count: 2 });
 * const sizes = { inputs: 1, hidden: 20, classes: 2 };
 * const initial = createMlp(sizes, createRandom(1));
 * const model = createMlpModel(initial, 0.1);
 * for (let epoch = 0; epoch < 100; epoch++) model.train(examples, 0, 2);
 * console.log(model.countCorrect(examples, 0, 2)); // 2
 * backend.stop();
 * ```
 */
export function createMlpModel(
  initial: MlpParameters,
  learningRate: number,
): ExampleModel {
  const context = kernelContext("train by hand");
  const hidden = initial.biases1.length, classes = initial.biases2.length;
  const pixels = initial.weights1.length / hidden;
  const inputs = align(pixels + 1, 8);
  const rows = align(hidden, 4), outputs = align(classes, 4);
  using taken = new DisposableStack();
  // The biases are the column after the pixels.
  const layer1 = taken.use(
    createPaddedMatrix(context, [hidden, pixels + 1], [rows, inputs]),
  );
  const weights2 = taken.use(
    createPaddedMatrix(context, [hidden, classes], [rows, outputs]),
  );
  const biases2 = taken.use(
    createPaddedMatrix(context, [1, classes], [1, outputs]),
  );
  const kernel = taken.use(bindExampleKernel(context, {
    pixels,
    classes,
    scratchBytes: SCRATCH_HEADER + 16 + 4 * (4 * outputs + 3 * rows) +
      8 * inputs,
    hasLoss: true,
    run: (chunks, examples, { losses, learns }) =>
      context.pool.run("mlpEpochF32", chunks, {
        ...examples,
        losses,
        weights1: layer1.pointer,
        weights2: weights2.pointer,
        biases2: biases2.pointer,
        inputs,
        hidden: rows,
        outputs,
        learningRate: learns ? learningRate : 0,
      }),
  }));

  const write = ({ weights1, biases1, weights2: w2, biases2: b2 }: Arrays) => {
    layer1.write(appendColumn(weights1, biases1));
    weights2.write(transpose(w2, classes));
    biases2.write(b2);
  };
  write(initial);
  const owned = taken.move();
  return {
    train: kernel.train,
    countCorrect: kernel.countCorrect,
    parameters() {
      const [weights1, biases1] = splitColumn(layer1.read(), hidden);
      return {
        weights1: tensor([hidden, pixels], weights1),
        biases1: tensor([hidden], biases1),
        weights2: tensor([classes, hidden], transpose(weights2.read(), hidden)),
        biases2: tensor([classes], biases2.read()),
      };
    },
    restore: ({ weights1, biases1, weights2, biases2 }) =>
      write({
        weights1: weights1!.data,
        biases1: biases1!.data,
        weights2: weights2!.data,
        biases2: biases2!.data,
      }),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

type Arrays = Record<keyof MlpParameters, ArrayLike<number>>;

function tensor(shape: number[], data: Float32Array): CheckpointTensor {
  return { dtype: "float32", shape, data };
}

/** `[rows, columns]` and `[rows]` as `[rows, columns + 1]`. */
function appendColumn(matrix: ArrayLike<number>, last: ArrayLike<number>) {
  const rows = last.length, columns = matrix.length / rows;
  return Float32Array.from({ length: rows * (columns + 1) }, (_, i) => {
    const row = Math.floor(i / (columns + 1)), column = i % (columns + 1);
    return column < columns ? matrix[row * columns + column]! : last[row]!;
  });
}

function splitColumn(matrix: Float32Array, rows: number) {
  const width = matrix.length / rows;
  return [
    matrix.filter((_, i) => i % width < width - 1),
    matrix.filter((_, i) => i % width === width - 1),
  ] as const;
}

/** `[rows, columns]` as `[columns, rows]`. */
function transpose(matrix: ArrayLike<number>, rows: number): Float32Array {
  const columns = matrix.length / rows;
  return Float32Array.from(
    { length: matrix.length },
    (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!,
  );
}
