import {
  CONTROL_GENERATION,
  CONTROL_KERNEL,
  type KernelName,
  WRITE_PARAMS,
} from "./kernel_params.ts";

/** Bytes of a place for a failure; a longer text is cut. */
export const FAILURE_BYTES = 384;

/** Byte offsets in the control block, whose first part is kernels/pool.ts's. */
export const CONTROL = {
  generation: CONTROL_GENERATION,
  kernel: CONTROL_KERNEL,
  stopped: 320,
  failure: 384,
  params: 384 + FAILURE_BYTES,
  bytes: 1024,
} as const;

/** All kernels; the control block has the index of the one that runs. */
export const KERNELS = Object.keys(WRITE_PARAMS) as KernelName[];

/** Message that starts a worker. */
export interface WorkerStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  control: number;
  thread: number;
  spins: number;
}

/** The control block at `control`. */
export function controlWords(
  memory: WebAssembly.Memory,
  control: number,
): Int32Array<SharedArrayBuffer> {
  const buffer = memory.buffer as SharedArrayBuffer;
  return new Int32Array(buffer, control, CONTROL.bytes / 4);
}

/** Where a worker leaves the failure of a task. */
export function failureWords(
  control: Int32Array<SharedArrayBuffer>,
): Int32Array<SharedArrayBuffer> {
  return control.subarray(CONTROL.failure / 4, CONTROL.params / 4);
}

/** How a thread failed. */
export interface ThreadFailure {
  readonly thread: number;
  /** The error in words. */
  readonly cause: string;
}

/** Words of a place for a failure: thread, bytes of the text, the text. */
const THREAD = 0, LENGTH = 1, TEXT = 2;

/**
 * Leaves a thread's failure for the main thread, which may be waiting where no
 * message reaches it. Only the first one is kept until it is taken.
 *
 * @param place `FAILURE_BYTES` bytes that both threads share, zero at first
 */
export function leaveFailure(
  place: Int32Array<SharedArrayBuffer>,
  { thread, cause }: ThreadFailure,
) {
  if (Atomics.compareExchange(place, THREAD, 0, -1) !== 0) return;
  const text = textOf(place);
  const bytes = new TextEncoder().encode(cause).subarray(0, text.length);
  text.set(bytes);
  place[LENGTH] = bytes.length;
  Atomics.store(place, THREAD, thread);
}

/** The failure that lies there, if any, and clears the place. */
export function takeFailure(
  place: Int32Array<SharedArrayBuffer>,
): ThreadFailure | undefined {
  const thread = Atomics.exchange(place, THREAD, 0);
  if (thread === 0) return undefined;
  const bytes = textOf(place).slice(0, place[LENGTH]!);
  return { thread, cause: new TextDecoder().decode(bytes) };
}

function textOf({ buffer, byteOffset }: Int32Array): Uint8Array {
  return new Uint8Array(
    buffer,
    byteOffset + 4 * TEXT,
    FAILURE_BYTES - 4 * TEXT,
  );
}
