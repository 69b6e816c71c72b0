import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  type DataType,
  type KernelConfig,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import type { ThreadPool } from "./thread_pool.ts";

/** What a kernel's host side works with. */
export interface KernelContext {
  readonly pool: ThreadPool;
  readonly memory: WebAssembly.Memory;
  /** Byte offset of a tensor's first element in the heap. */
  pointer(tensor: TensorInfo): number;
  /** The elements of a float32 tensor; valid until the heap grows. */
  view(tensor: TensorInfo): Float32Array;
  /**
   * A new tensor with undefined contents.
   *
   * @throws RangeError if a size is no integer from 0
   */
  output(shape: readonly number[], dtype?: DataType): TensorInfo;
  /** A new tensor over another's data. */
  share(tensor: TensorInfo): TensorInfo;
  /** Whether another tensor has the same data, as a clone or reshape has. */
  isShared(tensor: TensorInfo): boolean;
  /**
   * To be called for a tensor that was changed in place: XNNPACK, which TF.js
   * calls, keeps packed copies of weights by the tensor's number, so it gets a
   * new number.
   */
  changed(tensor: TensorInfo): void;
  /** Gives up a tensor that `output` made. */
  dispose(tensor: TensorInfo): void;
  /**
   * Byte offset of at least `bytes` bytes, aligned to 64, which are the
   * caller's until the next call of `scratch`.
   *
   * @throws RangeError if `bytes` is no integer from 0
   */
  scratch(bytes: number): number;
}

/** What the context uses of Emscripten's module. */
interface Module {
  /** @throws Error if the heap is full */
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  tfjs: {
    registerTensor(number: number, size: number, pointer: number): void;
    disposeData(number: number): void;
  };
}

/** The largest number of a tensor; TF.js counts up from 1. */
const LAST_NUMBER = 2 ** 31 - 1;

/** Binds kernels to a backend's heap and threads. */
export function createKernelContext(
  options: {
    backend: BackendWasm;
    tfjs: Module;
    pool: ThreadPool;
    memory: WebAssembly.Memory;
  },
): KernelContext {
  const { backend, tfjs, pool, memory } = options;
  let nextNumber = LAST_NUMBER;
  let scratchPointer = 0;
  let scratchBytes = 0;
  const pointer = ({ dataId }: TensorInfo): number =>
    backend.dataIdMap.get(dataId).memoryOffset;
  return {
    pool,
    memory,
    pointer,
    view: (tensor) =>
      new Float32Array(
        memory.buffer,
        pointer(tensor),
        util.sizeFromShape(tensor.shape),
      ),
    output(shape, dtype = "float32") {
      checkSizes("a tensor", shape);
      return backend.makeOutput([...shape], dtype) as TensorInfo;
    },
    share({ dataId, shape, dtype }) {
      backend.incRef(dataId);
      return { dataId, shape, dtype };
    },
    isShared: (tensor) => backend.refCount(tensor.dataId) > 1,
    changed(tensor) {
      const data = backend.dataIdMap.get(tensor.dataId);
      tfjs.tfjs.disposeData(data.id); // C++'s record, not the memory
      data.id = nextNumber--;
      tfjs.tfjs.registerTensor(
        data.id,
        util.sizeFromShape(tensor.shape),
        data.memoryOffset,
      );
    },
    dispose: (tensor) => void backend.disposeData(tensor.dataId),
    scratch(bytes) {
      checkSizes("scratch", [bytes]);
      if (bytes > scratchBytes) {
        if (scratchPointer) tfjs._free(scratchPointer);
        scratchPointer = scratchBytes = 0;
        scratchPointer = tfjs._malloc(bytes + 63);
        scratchBytes = bytes;
      }
      return align(scratchPointer);
    },
  };
}

/** Bytes of a cache line. */
const CACHE_LINE = 64;

/** The next multiple, by default of a cache line's bytes. */
export function align(value: number, multiple = CACHE_LINE): number {
  return Math.ceil(value / multiple) * multiple;
}

/**
 * Cuts rows into chunks of about `chunkSize` elements, whole rows each.
 *
 * @returns rows per chunk, at least 1, and the number of chunks
 */
export function cutRows(rows: number, rowSize: number, chunkSize: number) {
  const chunkRows = Math.max(1, Math.floor(chunkSize / rowSize));
  return { chunkRows, chunks: Math.ceil(rows / chunkRows) };
}

/** NaN bytes would pass for no more than there are, (−1) · (−1) for a size. */
function checkSizes(what: string, sizes: readonly number[]) {
  if (sizes.every((size) => Number.isInteger(size) && size >= 0)) return;
  throw new RangeError(
    `Cannot allocate ${what}: sizes must be integers from 0: got [${sizes}]`,
  );
}

let current: KernelContext | undefined;

/** Kernels under a TF.js kernel's name, or a new one, for one context. */
export type KernelTable = Record<string, KernelConfig["kernelFunc"]>;

/** Makes a context, or none, the one that `kernelContext` returns. */
export function setKernelContext(context: KernelContext | undefined) {
  current = context;
}

/**
 * The running backend's context, for kernels that are no TF.js kernels.
 *
 * @param action what cannot be done without, for the error
 * @throws Error if no backend runs
 */
export function kernelContext(action: string): KernelContext {
  if (!current) {
    throw new Error(`Cannot ${action}: startBackend() must have been called`);
  }
  return current;
}
