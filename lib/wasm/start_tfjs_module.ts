/**
 * The one place that knows how TF.js's threaded WASM module starts under Deno,
 * which upstream does not support. Written against
 * `@tensorflow/tfjs-backend-wasm` 4.22.0. Each thing that is put in its place
 * for the time of the start is put back before `startTfjsModule` resolves.
 */
import nodeOs from "node:os";
import nodeWorkerThreads from "node:worker_threads";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { GuardedBackend } from "./_guarded_backend.ts";
import {
  createModuleGuard,
  type ModuleGuard,
  type TfjsModule,
} from "./_module_guard.ts";
import { poolThreads, shutDownPool } from "./_pthread_pool.ts";

/** Its threaded module, under a name that needs no import map. */
const MODULE =
  "npm:@tensorflow/tfjs-backend-wasm@4.22.0/wasm-out/tfjs-backend-wasm-threaded-simd.js";

type ModuleFactory = (options: Record<string, unknown>) => Promise<TfjsModule>;

type Message = { cmd: string; [key: string]: unknown };

/**
 * Stands where Emscripten wants `worker_threads.Worker`. Emscripten makes
 * eight at once; a real worker, which costs milliseconds, is only started for
 * those that are left in the pool when the module is loaded.
 */
class PthreadWorker {
  onmessage?: (event: { data: unknown }) => void;
  loaded = false;
  /** Its thread's record in the heap, once it runs. */
  thread?: number;
  /** The file of the module that its thread runs. */
  path?: string;
  /** Where its thread leaves a failure. */
  failure?: Int32Array<SharedArrayBuffer>;
  onLoadError?: (error: Error) => void;
  #worker?: Worker;
  #onError: (error: Error) => void = () => {};

  /** Says that it is loaded, without a thread behind it. */
  hollow = false;

  on(event: string, listener: (value: never) => void) {
    if (event === "error") this.#onError = listener as (error: Error) => void;
  }

  postMessage(message: Message) {
    if (message.cmd === "load") {
      if (this.hollow) {
        queueMicrotask(() => this.onmessage?.({ data: { cmd: "loaded" } }));
        return;
      }
      this.#worker = new Worker(
        new URL("./pthread_worker.ts", import.meta.url),
        {
          type: "module",
          name: "tfjs-pthread",
        },
      );
      this.#worker.onmessage = (event) => this.onmessage?.(event);
      this.#worker.onerror = (event) => {
        event.preventDefault();
        if (this.loaded) this.#onError(new Error(event.message));
        else {
          this.onLoadError?.(
            new Error(`Cannot start thread of TF.js: ${event.message}`),
          );
        }
      };
    } else if (message.cmd === "run") this.thread = message.arg as number;
    // The module's source comes as a Blob, which Deno cannot clone; the worker
    // requires the file itself.
    const { path, failure } = this;
    this.#worker?.postMessage({ ...message, urlOrBlob: "", path, failure });
  }

  ref() {}
  unref() {}

  terminate() {
    this.#worker?.terminate();
  }
}

/**
 * Starts TF.js's WASM module on `memory` with exactly `threads` threads.
 *
 * @param memory a shared memory of 256 to 65,536 pages
 * @param threads 1 to 8
 * @returns the TF.js backend over the module, and the module
 * @throws Error if the module cannot be started or has another thread count
 */
export async function startTfjsModule(
  memory: WebAssembly.Memory,
  threads: number,
): Promise<{ backend: GuardedBackend; module: TfjsModule }> {
  const path = fileURLToPath(import.meta.resolve(MODULE));
  const factory = createRequire(path)(path) as ModuleFactory;
  if (typeof factory !== "function") {
    throw unsupported("its threaded module is not a function");
  }
  // The C++ side takes min(8, asked, cores / 2) threads, and asks for the cores
  // both at its start and when the backend is made.
  const cpus = nodeOs.cpus;
  nodeOs.cpus = () => Array(2 * threads).fill({}) as ReturnType<typeof cpus>;
  const heap = new Int32Array(memory.buffer as SharedArrayBuffer);
  const workers: PthreadWorker[] = [];
  /** `terminate()` alone does not end a worker that sleeps. */
  function endThreads() {
    for (const { thread } of workers) if (thread) shutDownPool(heap, thread);
    for (const worker of workers) worker.terminate();
  }
  try {
    const guard = createModuleGuard(memory);
    const module = await loadModule(factory, {
      path,
      memory,
      threads,
      guard,
      workers,
    });
    // Its own default for the wanted threads, −1, leaves them to the cores.
    const backend = new GuardedBackend(module, endThreads);
    const started = module.tfjs.getThreadsCount();
    if (started !== threads) {
      throw new Error(
        `Cannot start backend: TF.js must run ${threads} threads: got ${started}`,
      );
    }
    const [first] = workers;
    if (first?.thread && poolThreads(heap, first.thread) !== threads) {
      throw unsupported("its pool of threads has another layout");
    }
    return { backend, module };
  } catch (error) {
    endThreads();
    throw error;
  } finally {
    nodeOs.cpus = cpus;
  }
}

/**
 * Loads the module and gives it the functions that `BackendWasm` calls.
 *
 * @param workers takes the module's workers, also where the start fails
 */
async function loadModule(
  factory: ModuleFactory,
  { path, memory, threads, guard, workers }: {
    path: string;
    memory: WebAssembly.Memory;
    threads: number;
    guard: ModuleGuard;
    workers: PthreadWorker[];
  },
): Promise<TfjsModule> {
  const options: Record<string, unknown> & {
    PThread?: { unusedWorkers: PthreadWorker[] };
  } = {
    wasmMemory: memory,
    locateFile: (name: string, prefix: string) => prefix + name,
    ...guard.handlers,
  };
  const ready = withoutSideEffects(() => factory(options));
  const pool = options.PThread?.unusedWorkers;
  if (!Array.isArray(pool) || pool.length === 0) {
    throw unsupported("it has no pool of workers");
  }
  // The main thread is one of the threads, but the module waits for at least
  // one worker to say that it is loaded.
  pool.length = Math.max(1, threads - 1);
  if (threads === 1) pool[0]!.hollow = true;
  for (const worker of pool) workers.push(worker);
  const loading = Promise.withResolvers<never>();
  for (const worker of workers) {
    worker.path = path;
    worker.failure = guard.failure;
    worker.onLoadError = loading.reject;
  }
  const module = await Promise.race([ready, loading.promise]);
  // Works after a failure too: what is disposed of must not hide it.
  const disposeData = module.cwrap("dispose_data", null, ["number"]);
  guard.guard(module);
  const bind = (name: string, result: string | null, parameters: number) =>
    module.cwrap(name, result, Array(parameters).fill("number")) as never;
  module.tfjs = {
    init: bind("init", null, 0),
    initWithThreadsCount: bind("init_with_threads_count", null, 1),
    getThreadsCount: bind("get_threads_count", "number", 0),
    registerTensor: bind("register_tensor", null, 3),
    disposeData: disposeData as never,
    dispose: bind("dispose", null, 0),
  };
  return module;
}

/**
 * Calls the factory with `PthreadWorker` as the worker class, and undoes what
 * it does to the process: Emscripten replaces the global `Worker` and installs
 * handlers that rethrow every uncaught error.
 */
function withoutSideEffects<T>(call: () => T): T {
  const threadsWorker = nodeWorkerThreads.Worker;
  const globalWorker = globalThis.Worker;
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((name) =>
    new Set(process.listeners(name as never))
  );
  nodeWorkerThreads.Worker = PthreadWorker as never;
  try {
    return call();
  } finally {
    nodeWorkerThreads.Worker = threadsWorker;
    globalThis.Worker = globalWorker;
    events.forEach((name, i) => {
      for (const listener of process.listeners(name as never)) {
        if (!before[i]?.has(listener)) process.off(name, listener as never);
      }
    });
  }
}

function unsupported(what: string): Error {
  return new Error(
    `Cannot start backend: tfjs-backend-wasm must be as in 4.22.0: ${what}`,
  );
}
