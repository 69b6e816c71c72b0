import { align, type KernelContext } from "./kernel_context.ts";

/** Bytes in the heap that stay where they are until they are given up. */
export interface HeapBlock extends Disposable {
  /** Byte offset in the heap, a multiple of 64. */
  readonly pointer: number;
}

/**
 * Takes bytes from the heap that the kernels share.
 *
 * @param bytes how many, at least 1
 * @returns the block, all zero
 * @throws Error if the heap is full
 */
export function allocateBlock(
  context: KernelContext,
  bytes: number,
): HeapBlock {
  const tensor = context.output([Math.ceil((bytes + 63) / 4)], "int32");
  const pointer = align(context.pointer(tensor));
  new Uint8Array(context.memory.buffer, pointer, bytes).fill(0);
  return { pointer, [Symbol.dispose]: () => context.dispose(tensor) };
}

/** A float32 matrix in the heap; its rows and columns are padded with zeros. */
export interface PaddedMatrix extends HeapBlock {
  /** What is not padding, row-major `[rows, columns]`; a copy. */
  read(): Float32Array;
  /** Replaces what is not padding. */
  write(values: ArrayLike<number>): void;
}

/**
 * Makes a matrix of zeros.
 *
 * @param shape `[rows, columns]` without the padding
 * @param padded the same with it
 * @throws Error if the heap is full
 */
export function createPaddedMatrix(
  context: KernelContext,
  [rows, columns]: readonly [number, number],
  padded: readonly [number, number],
): PaddedMatrix {
  const block = allocateBlock(context, 4 * padded[0] * padded[1]);
  const rowAt = (row: number) =>
    new Float32Array(
      context.memory.buffer,
      block.pointer + 4 * row * padded[1],
      columns,
    );
  return {
    ...block,
    read() {
      const values = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++) {
        values.set(rowAt(row), row * columns);
      }
      return values;
    },
    write(values) {
      for (let row = 0; row < rows; row++) {
        const target = rowAt(row);
        for (let i = 0; i < columns; i++) {
          target[i] = values[row * columns + i]!;
        }
      }
    },
  };
}
