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
