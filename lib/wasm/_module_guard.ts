import { FAILURE_BYTES, takeFailure } from "./control_block.ts";

/** A function of the module, or one that calls it. */
// deno-lint-ignore no-explicit-any -- each has its own parameters
type Call = (...args: any[]) => any;

/** Stands between TF.js and its WASM module; see `createModuleGuard`. */
export interface ModuleGuard {
  /** Where a thread of TF.js leaves its failure. */
  readonly failure: Int32Array<SharedArrayBuffer>;
  /** What Emscripten calls of the options of a start. */
  readonly handlers: {
    printErr(text: string): void;
    onAbort(reason: unknown): never;
  };
  /** Guards `_malloc` and all that `cwrap` gives from now on. */
  guard(module: TfjsModule): void;
}

/** WASM's C++ code has called `abort`, mostly where it had no memory. */
class Aborted extends Error {}

const GIB = 2 ** 30;

/**
 * Turns what TF.js's WASM module leaves unsaid into errors:
 *
 * - `_malloc` gives 0 where the heap is full and takes a size modulo 2³², and
 *   TF.js writes to whatever it is given;
 * - XNNPACK warns on stderr and computes nothing where it has no memory;
 * - C++ aborts where it has no memory;
 * - after a trap the module's locks stay as they were, so that the next call
 *   could wait for ever: from then on nothing runs until a new start.
 *
 * What C++ takes by `malloc` itself and uses unasked cannot be guarded from
 * here: of all kernels NonMaxSuppression alone does so, for its results.
 *
 * @param memory the module's heap
 */
export function createModuleGuard(memory: WebAssembly.Memory): ModuleGuard {
  const failure = new Int32Array(new SharedArrayBuffer(FAILURE_BYTES));
  const warnings: string[] = [];
  let running = false;
  /** Why nothing may run any more. */
  let failed: string | undefined;

  const heapSize = () =>
    `${(memory.buffer.byteLength / GIB).toFixed(2)} of 4 GiB`;
  const gaveUp = (action: string, got: string) =>
    new Error(
      `Cannot ${action}: TF.js's code gave up, with the heap at ${heapSize()}: got ${got}`,
    );

  function check(action: string) {
    if (failed) {
      throw new Error(
        `Cannot ${action}: the backend must be started anew after a failure: got ${failed}`,
      );
    }
  }

  /** The error of a call that threw. */
  function explain(action: string, error: unknown, module: TfjsModule): Error {
    if (error instanceof Aborted) return gaveUp(action, error.message);
    // Whatever waits on the main thread throws "unwind" from now on.
    module.__emscripten_thread_crashed();
    const { thread, cause } = takeFailure(failure) ??
      { thread: 0, cause: String(error) };
    failed = `thread ${thread} failed: ${cause}`;
    return new Error(`Cannot ${action}: ${failed}`);
  }

  function guardCall(module: TfjsModule, name: string, call: Call): Call {
    const action = `run ${name}`;
    return (...args) => {
      check(action);
      const stack = module.stackSave();
      warnings.length = 0;
      running = true;
      try {
        const result = call(...args);
        if (warnings.length === 0) return result;
      } catch (error) {
        module.stackRestore(stack);
        throw explain(action, error, module);
      } finally {
        running = false;
      }
      throw gaveUp(action, warnings.join(" "));
    };
  }

  return {
    failure,
    handlers: {
      printErr: (text) => {
        if (running) warnings.push(text);
        else console.error(text);
      },
      onAbort: (reason) => {
        throw new Aborted(`abort(${reason})`);
      },
    },
    guard(module) {
      // Not `module._malloc`, which replaces itself when it is called.
      const { malloc } = module.asm;
      module._malloc = (bytes) => {
        check("allocate memory");
        const pointer = bytes >= 0 && bytes < 4 * GIB ? malloc(bytes) >>> 0 : 0;
        if (pointer === 0) {
          throw new Error(
            `Cannot allocate memory: the heap, at ${heapSize()}, must have room for it: got ${bytes} bytes`,
          );
        }
        return pointer;
      };
      const { cwrap } = module;
      module.cwrap = (name, result, args) => {
        const call = guardCall(module, name, cwrap(name, result, args) as Call);
        if (result !== "number") return call;
        // A pointer beyond 2 GiB comes as a negative number.
        const unsigned: Call = (...args) => call(...args) >>> 0;
        return unsigned;
      };
    },
  };
}

/** What this project uses of the Emscripten module. */
export interface TfjsModule {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  /** The module's own exports. */
  asm: { malloc(bytes: number): number };
  stackSave(): number;
  stackRestore(pointer: number): void;
  /** Makes each wait on the main thread throw "unwind". */
  __emscripten_thread_crashed(): void;
  cwrap(name: string, result: string | null, args: string[]): unknown;
  tfjs: {
    getThreadsCount(): number;
    registerTensor(id: number, size: number, pointer: number): void;
    disposeData(id: number): void;
    [name: string]: unknown;
  };
}
