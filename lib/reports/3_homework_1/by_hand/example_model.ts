import type { ImageSplit } from "../../../data/image_dataset.ts";
import type { CheckpointTensor } from "../../../run/checkpoint.ts";
import { allocateBlock } from "../../../wasm/heap_block.ts";
import {
  align,
  type KernelContext,
  kernelContext,
} from "../../../wasm/kernel_context.ts";
import type { Examples } from "../../../wasm/kernel_params.ts";

/** A split in the heap, where the kernels read it. */
export interface HeapExamples extends Disposable {
  readonly count: number;
  /** Byte offsets: u8 `[count, pixels]`, i32 and u32 `[count]`. */
  readonly images: number;
  readonly labels: number;
  readonly order: number;
  /** The order in which a model is trained on them: as they lie at first. */
  setOrder(order: Uint32Array): void;
}

/** What a part of an epoch came to. */
export interface ExampleSums {
  /** Sum of the losses, each before its step; 0 where the model has no loss. */
  readonly loss: number;
  /** Predictions that were right, each before its step. */
  readonly correct: number;
}

/**
 * A model whose parameters lie in the heap, where a kernel trains it on one
 * example after the other.
 */
export interface ExampleModel extends Disposable {
  /**
   * Takes a step per example, in the examples' order.
   *
   * @param first index in the order
   * @param count how many from there on
   */
  train(examples: HeapExamples, first: number, count: number): ExampleSums;
  /** Counts right predictions among examples as they lie, on all threads. */
  countCorrect(examples: HeapExamples, first: number, count: number): number;
  /** Copies of the parameters by their names, for a checkpoint. */
  parameters(): Record<string, CheckpointTensor>;
  /** Takes over what `parameters` gave. */
  restore(parameters: Readonly<Record<string, CheckpointTensor>>): void;
}

/**
 * Copies a split's images and labels into the heap.
 *
 * @param split labels are below the number of classes of the models to come
 * @returns the examples
 * @throws Error if no backend runs or the heap is full
 */
export function createHeapExamples(split: ImageSplit): HeapExamples {
  const context = kernelContext("train by hand");
  const { count } = split;
  using taken = new DisposableStack();
  const take = (array: Uint8Array | Int32Array | Uint32Array) => {
    const { pointer } = taken.use(allocateBlock(context, array.byteLength));
    write(context, pointer, array);
    return pointer;
  };
  const order = take(Uint32Array.from({ length: count }, (_, i) => i));
  const examples = {
    count,
    order,
    labels: take(split.labels),
    images: take(split.images),
    setOrder: (indices: Uint32Array) => write(context, order, indices),
  };
  const owned = taken.move();
  return { ...examples, [Symbol.dispose]: () => owned.dispose() };
}

/** Examples per chunk, where they are only counted. */
const CHUNK_SIZE = 250;

/** How a kernel of kernels/examples.ts is called. */
export interface ExampleKernel {
  readonly pixels: number;
  readonly classes: number;
  /** Bytes of its own that a thread needs. */
  readonly scratchBytes: number;
  /** Whether it sums losses. */
  readonly hasLoss: boolean;
  /**
   * Runs it.
   *
   * @param examples the parameters that all of these kernels have
   * @param losses where its sums of losses go
   */
  run(
    chunks: number,
    examples: Examples,
    options: { losses: number; learns: boolean },
  ): void;
}

/**
 * Binds a kernel to memory for its threads and its sums.
 *
 * @returns `train` and `countCorrect` of an {@link ExampleModel}
 */
export function bindExampleKernel(
  context: KernelContext,
  kernel: ExampleKernel,
): Pick<ExampleModel, "train" | "countCorrect"> & Disposable {
  const { pool, memory } = context;
  const { pixels, classes, hasLoss } = kernel;
  const scratchBytes = align(kernel.scratchBytes);
  const owned = new DisposableStack();
  const scratch = owned.use(
    allocateBlock(context, scratchBytes * pool.threads),
  );
  let sums = allocateBlock(context, 16);
  let capacity = 1;
  owned.defer(() => sums[Symbol.dispose]());

  function run(
    { images, labels, order }: HeapExamples,
    first: number,
    count: number,
    learns: boolean,
  ): ExampleSums {
    const chunkSize = learns ? count : CHUNK_SIZE;
    const chunks = Math.ceil(count / chunkSize);
    if (chunks > capacity) {
      sums[Symbol.dispose]();
      sums = allocateBlock(context, 16 * chunks);
      capacity = chunks;
    }
    const losses = sums.pointer, correct = losses + 8 * chunks;
    const [start, indices] = learns ? [0, order + 4 * first] : [first, 0];
    kernel.run(chunks, {
      images: images + start * pixels,
      labels: labels + 4 * start,
      order: indices,
      count,
      chunkSize,
      pixels,
      classes,
      scratch: scratch.pointer,
      scratchBytes,
      correct,
    }, { losses, learns });
    return {
      loss: hasLoss ? new Float64Array(memory.buffer, losses, 1)[0]! : 0,
      correct: new Int32Array(memory.buffer, correct, chunks)
        .reduce((sum, value) => sum + value, 0),
    };
  }

  return {
    train: (examples, first, count) => run(examples, first, count, true),
    countCorrect: (examples, first, count) =>
      run(examples, first, count, false).correct,
    [Symbol.dispose]: () => owned.dispose(),
  };
}

function write(
  { memory }: KernelContext,
  pointer: number,
  { buffer, byteOffset, byteLength }: Uint8Array | Int32Array | Uint32Array,
) {
  new Uint8Array(memory.buffer, pointer, byteLength).set(
    new Uint8Array(buffer, byteOffset, byteLength),
  );
}
