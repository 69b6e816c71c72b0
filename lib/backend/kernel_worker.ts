/**
 * A thread of the pool: takes chunks until it is told to stop. Its event loop
 * does not turn meanwhile; thread_pool.ts alone starts it and speaks with it,
 * through the control block.
 */
import { CONTROL, FAILURE_BYTES, type WorkerStart } from "./thread_pool.ts";
import { instantiateKernels } from "./kernel_module.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<WorkerStart>) => void;
  postMessage(message: string): void;
  close(): void;
};

scope.onmessage = ({ data }) => {
  const { control, thread, spins } = data;
  const exports = instantiateKernels(data.module, data.memory);
  const kernels = data.kernels.map((name) => exports[name]);
  const words = new Int32Array(data.memory.buffer, control, CONTROL.bytes / 4);
  const params = control + CONTROL.params;
  // Read before the main thread can publish anything.
  let generation = Atomics.load(words, CONTROL.generation / 4);
  scope.postMessage("ready");
  while (!Atomics.load(words, CONTROL.stopped / 4)) {
    generation = exports.awaitTask(control, generation, spins);
    let chunk: number;
    while ((chunk = exports.claimChunk(control, generation)) >= 0) {
      try {
        kernels[words[CONTROL.kernel / 4]!]!(params, chunk, thread);
      } catch (error) {
        recordFailure(words, thread, String(error));
      }
      exports.completeChunk(control);
    }
  }
  scope.postMessage("stopped");
  scope.close();
};

/** Leaves the first failure of a task for the main thread to throw. */
function recordFailure(words: Int32Array, thread: number, text: string) {
  const at = CONTROL.failed / 4;
  if (Atomics.compareExchange(words, at, 0, -1) !== 0) return;
  const bytes = new TextEncoder().encode(text).subarray(0, FAILURE_BYTES);
  new Uint8Array(words.buffer, words.byteOffset + CONTROL.failureText).set(
    bytes,
  );
  words[CONTROL.failureLength / 4] = bytes.length;
  Atomics.store(words, at, thread);
}
