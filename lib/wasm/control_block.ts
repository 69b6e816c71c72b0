import type { KernelName } from "./kernel_module.ts";
import { FAILURE_BYTES } from "./thread_failure.ts";

/** Byte offsets in the control block; the first five are kernels/pool.ts's. */
export const CONTROL = {
  generation: 0,
  kernel: 256,
  stopped: 320,
  failure: 384,
  params: 384 + FAILURE_BYTES,
  bytes: 1024,
} as const;

/** Message that starts a worker. */
export interface WorkerStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  control: number;
  thread: number;
  kernels: readonly KernelName[];
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
