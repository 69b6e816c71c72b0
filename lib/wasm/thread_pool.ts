import {
  CONTROL,
  controlWords,
  failureWords,
  KERNELS,
  type WorkerStart,
} from "./control_block.ts";
import type { KernelExports } from "./kernel_module.ts";
import {
  type KernelName,
  type KernelParams,
  WRITE_PARAMS,
} from "./kernel_params.ts";
import { takeFailure, type ThreadFailure } from "./control_block.ts";

/**
 * Runs kernels on the main thread and `threads − 1` workers over one heap.
 *
 * A task is cut into chunks by the size of its problem, never by the number of
 * threads, so that results are the same bits at any number of threads. The
 * protocol is written down in kernels/pool.ts.
 */
export interface ThreadPool {
  readonly threads: number;
  /**
   * Computes chunks 0 … chunks − 1 of a kernel and returns when all are done.
   *
   * @param kernel an export of kernels/mod.ts
   * @param chunks from 0 on, as many as an int32 counts
   * @param params what the kernel reads, by name
   * @throws RangeError if chunks is no such number
   * @throws Error if the kernel traps, on any thread, or a worker is gone
   */
  run<Name extends KernelName>(
    kernel: Name,
    chunks: number,
    params: KernelParams[Name],
  ): void;
  /** Ends the workers; `run` throws from then on. */
  stop(): void;
}

/** Most chunks that kernels/pool.ts takes at once; more are taken in rounds. */
const ROUND_CHUNKS = 0xffff;

/**
 * Iterations before a thread sleeps, 0.75 ns each: 0.2 ms is longer than the
 * gap between two kernels of a step, so that a small net's kernels find the
 * workers awake (its step: 1.1 ms with 20,000, 0.7 with this). Threads that
 * share a core would only keep each other from working.
 */
function spinsOf(threads: number): number {
  return threads <= navigator.hardwareConcurrency ? 300_000 : 1_000;
}

/** How long the main thread waits for a chunk before it counts to the limit. */
const SLICE_MS = 1_000;

/** Slices without an answer after which a worker counts as gone. Slices and
 * not a date, so that a stopped and continued process does not lose them. */
const MAX_SLICES = 60;

/**
 * Starts the workers.
 *
 * @param control pointer to `CONTROL.bytes` bytes, 64-byte aligned
 */
export async function startThreadPool(
  options: {
    module: WebAssembly.Module;
    exports: KernelExports;
    memory: WebAssembly.Memory;
    control: number;
    threads: number;
  },
): Promise<ThreadPool> {
  const { module, exports, memory, control, threads } = options;
  const spins = spinsOf(threads);
  new Uint8Array(memory.buffer, control, CONTROL.bytes).fill(0);
  const words = controlWords(memory, control);
  const failures = failureWords(words);
  const paramsAt = control + CONTROL.params;
  const paramWords = words.subarray(CONTROL.params / 4);
  const paramFloats = new Float32Array(
    memory.buffer,
    paramsAt,
    paramWords.length,
  );
  const kernelIds = new Map(KERNELS.map((name, id) => [name, id]));
  const workers = Array.from({ length: threads - 1 }, (_, i) => {
    return new Worker(new URL("./kernel_worker.ts", import.meta.url), {
      type: "module",
      name: `kernels-${i + 1}`,
    });
  });
  try {
    await Promise.all(workers.map((worker, i) => {
      const start = { module, memory, control, thread: i + 1, spins };
      return startWorker(worker, start);
    }));
  } catch (error) {
    endWorkers();
    throw error;
  }
  let stopped = false;
  /** A worker that is late would spoil the next task's count of chunks. */
  let lost = false;

  /** `terminate()` alone does not end a worker that sleeps. */
  function endWorkers() {
    Atomics.store(words, CONTROL.stopped / 4, 1);
    exports.publishTask(control, 0, 0, 0);
    for (const worker of workers) worker.onmessage = () => worker.terminate();
  }

  function runShared(kernel: KernelName, first: number, chunks: number) {
    const generation = exports.publishTask(
      control,
      kernelIds.get(kernel)!,
      first,
      chunks,
    );
    let failure: ThreadFailure | undefined;
    let chunk: number;
    while ((chunk = exports.claimChunk(control, generation)) >= 0) {
      try {
        exports[kernel](paramsAt, chunk, 0);
      } catch (error) {
        failure ??= { thread: 0, cause: String(error) };
      }
      exports.completeChunk(control);
    }
    let slices = 0;
    while (!exports.awaitChunks(control, chunks, spins, SLICE_MS)) {
      if (++slices === MAX_SLICES) {
        lost = true;
        throw new Error(
          `Cannot run ${kernel}: a worker has not answered for ${MAX_SLICES} s`,
        );
      }
    }
    const other = takeFailure(failures);
    failure ??= other;
    if (failure) throw kernelError(kernel, failure);
  }

  return {
    threads,
    run(kernel, chunks, params) {
      if (stopped) {
        throw new Error(`Cannot run ${kernel}: the backend is stopped`);
      }
      if (lost) {
        throw new Error(`Cannot run ${kernel}: a worker has not answered`);
      }
      if (!Number.isInteger(chunks) || chunks < 0 || chunks >= 2 ** 31) {
        throw new RangeError(
          `Cannot run ${kernel}: chunks must be an integer from 0 to 2147483647: got ${chunks}`,
        );
      }
      WRITE_PARAMS[kernel](params, paramWords, paramFloats);
      if (threads > 1 && chunks > 1) {
        for (let first = 0; first < chunks; first += ROUND_CHUNKS) {
          const rest = chunks - first;
          runShared(kernel, first, Math.min(ROUND_CHUNKS, rest));
        }
        return;
      }
      try {
        for (let i = 0; i < chunks; i++) exports[kernel](paramsAt, i, 0);
      } catch (error) {
        throw kernelError(kernel, { thread: 0, cause: String(error) });
      }
    },
    stop() {
      if (stopped) return;
      stopped = true;
      endWorkers();
    },
  };
}

function startWorker(worker: Worker, start: WorkerStart): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot start kernel worker: ${event.message}`));
    };
    worker.postMessage(start);
  });
}

function kernelError(
  kernel: string,
  { thread, cause }: ThreadFailure,
): Error {
  return new Error(`Cannot run ${kernel}: thread ${thread} failed: ${cause}`);
}
