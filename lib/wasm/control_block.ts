import {
  CONTROL_GENERATION,
  CONTROL_KERNEL,
  type KernelName,
  WRITE_PARAMS,
} from "./kernel_params.ts";
import { FAILURE_BYTES } from "./thread_failure.ts";

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
