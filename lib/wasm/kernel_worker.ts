/**
 * A thread of the pool: takes chunks until it is told to stop. Its event loop
 * does not turn meanwhile; thread_pool.ts alone starts it and speaks with it,
 * through the control block.
 */
import {
  CONTROL,
  controlWords,
  failureWords,
  KERNELS,
  type WorkerStart,
} from "./control_block.ts";
import { instantiateKernels } from "./kernel_module.ts";
import { leaveFailure } from "./control_block.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<WorkerStart>) => void;
  postMessage(message: string): void;
  close(): void;
};

scope.onmessage = ({ data }) => {
  const { control, thread, spins } = data;
  const exports = instantiateKernels(data.module, data.memory);
  const kernels = KERNELS.map((name) => exports[name]);
  const words = controlWords(data.memory, control);
  const failure = failureWords(words);
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
        leaveFailure(failure, { thread, cause: String(error) });
      }
      exports.completeChunk(control);
    }
  }
  scope.postMessage("stopped");
  scope.close();
};
