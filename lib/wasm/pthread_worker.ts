/**
 * A thread of TF.js's own WASM module: what Emscripten's worker file does, as
 * a module worker, which is the only kind that Deno has. Started by
 * start_tfjs_module.ts alone.
 */
import { createRequire } from "node:module";
import { threadNumber, wakeMainThread } from "./_pthread_pool.ts";
import { leaveFailure } from "./control_block.ts";

// deno-lint-ignore no-explicit-any -- Emscripten's module has no types
const scope = globalThis as any;
// deno-lint-ignore no-explicit-any
let module: any = {};
let initialized = false;
let failure: Int32Array<SharedArrayBuffer>;
const pendingQueues: number[] = [];

scope.startWorker = (instance: unknown) => {
  module = instance;
  scope.postMessage({ cmd: "loaded" });
};

function load(
  data: {
    wasmModule: WebAssembly.Module;
    wasmMemory: unknown;
    path: string;
    failure: Int32Array<SharedArrayBuffer>;
  },
) {
  failure = data.failure;
  Object.assign(module, {
    ENVIRONMENT_IS_PTHREAD: true,
    wasmMemory: data.wasmMemory,
    buffer: (data.wasmMemory as WebAssembly.Memory).buffer,
    instantiateWasm: (
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance) => void,
    ) => {
      const instance = new WebAssembly.Instance(data.wasmModule, imports);
      receive(instance);
      return instance.exports;
    },
  });
  createRequire(data.path)(data.path)(module);
}

function run(
  data: { pthread_ptr: number; start_routine: number; arg: number },
) {
  module.__emscripten_thread_init(data.pthread_ptr, 0, 0, 1);
  module.establishStackSpace();
  module.PThread.receiveObjectTransfer(data);
  module.PThread.threadInitTLS();
  if (!initialized) {
    for (const queue of pendingQueues) {
      module.executeNotifiedProxyingQueue(queue);
    }
    pendingQueues.length = 0;
    initialized = true;
  }
  try {
    module.invokeEntryPoint(data.start_routine, data.arg);
  } catch (error) {
    if (error !== "unwind") throw error; // how Emscripten leaves a live thread
  }
}

/** The main thread waits in WASM for this one, where no message reaches it. */
function fail(thread: number, error: unknown) {
  const heap = new Int32Array(module.wasmMemory.buffer as SharedArrayBuffer);
  const number = threadNumber(heap, thread);
  leaveFailure(failure, { thread: number, cause: String(error) });
  module.__emscripten_thread_crashed();
  wakeMainThread(heap, thread);
}

scope.onmessage = ({ data }: MessageEvent) => {
  if (data.cmd === "load") load(data);
  else if (data.cmd === "run") {
    try {
      run(data);
    } catch (error) {
      fail(data.arg, error);
    }
  } else if (data.cmd === "processProxyingQueue") {
    if (initialized) module.executeNotifiedProxyingQueue(data.queue);
    else pendingQueues.push(data.queue);
  } else if (data.cmd === "cancel") {
    if (module._pthread_self()) module.__emscripten_thread_exit(-1);
  } else if (data.target !== "setimmediate") {
    throw new Error(`Cannot run pthread: unknown command: got ${data.cmd}`);
  }
};
