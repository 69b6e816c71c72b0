import * as tf from "@tensorflow/tfjs";
import { wrapText } from "../base/wrap_text.ts";
import { ReluAlpha } from "../models/relu_alpha.ts";
import { Adadelta } from "../optimizers/adadelta.ts";
import { Adam } from "../optimizers/adam.ts";
import { Sgd } from "../optimizers/sgd.ts";
import { CONTROL } from "../wasm/control_block.ts";
import {
  align,
  createKernelContext,
  setKernelContext,
} from "../wasm/kernel_context.ts";
import { chooseBuild } from "../wasm/choose_build.ts";
import {
  detectSimdLevel,
  instantiateKernels,
  type KernelExports,
  type SimdLevel,
} from "../wasm/kernel_module.ts";
import { startTfjsModule } from "../wasm/start_tfjs_module.ts";
import { startThreadPool } from "../wasm/thread_pool.ts";
import { registerKernels } from "./register_kernels.ts";

/** Pages of 64 KiB: TF.js's own initial size and wasm32's 4 GiB. */
const PAGES = { initial: 256, maximum: 65_536 };

/** TF.js's C++ side takes no more. */
const MAX_THREADS = 8;

/** What `tf.loadLayersModel` must find by its class name: all that has one. */
const SERIALIZABLE = [Adadelta, Adam, ReluAlpha, Sgd] as const;

/** A running backend. */
export interface Backend {
  /** Threads that compute, the main thread included. */
  readonly threads: number;
  /**
   * The kernels' build: with relaxed SIMD, in tiles of 128 or, `wide`, of 256
   * bits, or with fixed SIMD only.
   */
  readonly simd: SimdLevel;
  /** SHA-256 of that build, in hex; of `wide`, that of `relaxed`. */
  readonly kernels: string;
  /** Whether a · b + c rounds once; where it does not, last bits differ. */
  readonly fusedMultiplyAdd: boolean;
  /** The heap that TF.js and the kernels share. */
  readonly memory: WebAssembly.Memory;
  /** Ends all threads and frees the heap; tensors must not be used after. */
  stop(): void;
}

/** What of a backend decides a run's numbers, and its threads. */
export type BackendFacts = Pick<
  Backend,
  "threads" | "simd" | "kernels" | "fusedMultiplyAdd"
>;

/** The kernels' builds in words. */
const SIMD_NAMES = {
  wide: "relaxed SIMD, 256 bits wide",
  relaxed: "relaxed SIMD",
  simd128: "SIMD without relaxed",
} as const;

let running = false;

/**
 * Starts TF.js's WASM backend with SIMD and threads, registers this project's
 * kernels in it and makes it TF.js's current backend.
 *
 * @param options.threads 1 to 8; the machine's cores, at most 8, by default
 * @param options.simd the kernels' build; the best that the host has by default
 * @returns the running backend; `stop()` lets the process end by itself
 * @throws RangeError if `threads` is not an integer from 1 to 8
 * @throws Error if the host has no SIMD, a backend runs already, or the threads
 * cannot be had
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 2 });
 * console.log(tf.getBackend(), backend.threads); // wasm 2
 * backend.stop();
 * ```
 */
export async function startBackend(
  options: { threads?: number; simd?: SimdLevel } = {},
): Promise<Backend> {
  detectSimdLevel(); // before anything else
  const threads = options.threads ??
    Math.min(navigator.hardwareConcurrency, MAX_THREADS);
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new RangeError(
      `Cannot start backend: threads must be an integer from 1 to ${MAX_THREADS}, the most that TF.js runs: got ${threads}`,
    );
  }
  if (running) {
    throw new Error("Cannot start backend: one runs already in this process");
  }
  // Undone from the last to the first, by `stop` or where the start fails.
  using undo = new DisposableStack();
  running = true;
  undo.defer(() => running = false);
  const memory = new WebAssembly.Memory({ ...PAGES, shared: true });
  const { simd, module, digest } = await chooseBuild(options.simd);
  const exports = instantiateKernels(module, memory);
  const { backend, module: tfjs } = await startTfjsModule(memory, threads);
  const dispose = new DisposableStack();
  undo.use(dispose);
  dispose.defer(() => backend.dispose());
  const pool = await startThreadPool({
    module,
    exports,
    memory,
    control: allocateAligned(tfjs, CONTROL.bytes),
    threads,
  });
  undo.defer(() => pool.stop());
  // TF.js's own, which is only there before the first start.
  if (tf.findBackendFactory("wasm")) tf.removeBackend("wasm");
  tf.registerBackend("wasm", () => backend as never, 2);
  await tf.setBackend("wasm");
  // From here on TF.js disposes of the backend when it is removed.
  dispose.move();
  undo.defer(() => tf.removeBackend("wasm"));
  const context = createKernelContext({ backend, tfjs, pool, memory });
  undo.defer(registerKernels(context));
  undo.defer(backend.guardKernels());
  undo.defer(guardGradients());
  setKernelContext(context);
  undo.defer(() => setKernelContext(undefined));
  for (const one of SERIALIZABLE) {
    tf.serialization.registerClass<tf.serialization.Serializable>(one);
  }
  const started = undo.move();
  return {
    threads,
    simd,
    kernels: digest,
    fusedMultiplyAdd: roundsOnce(exports),
    memory,
    stop: () => started.dispose(),
  };
}

/**
 * What a backend would be that workers of this process start: the kernels are
 * compiled for it, and nothing is left running.
 *
 * @param threads of each worker
 * @returns what {@linkcode describeBackend} and {@linkcode backendLines} take
 * @throws {Error} if the host has no SIMD
 */
export async function inspectBackend(threads: number): Promise<BackendFacts> {
  const memory = new WebAssembly.Memory({ ...PAGES, shared: true });
  const { simd, module, digest } = await chooseBuild();
  const exports = instantiateKernels(module, memory);
  const fusedMultiplyAdd = roundsOnce(exports);
  return { threads, simd, kernels: digest, fusedMultiplyAdd };
}

/** Whether (1 + 2⁻¹²)² − (1 + 2⁻¹¹) is 2⁻²⁴, and not 0 after two roundings. */
function roundsOnce(exports: KernelExports): boolean {
  return !!exports.maddRoundsOnce(1 + 2 ** -12, -1 - 2 ** -11);
}

/** A pointer to `bytes` bytes on a cache line of their own, never freed. */
function allocateAligned(
  tfjs: { _malloc(bytes: number): number },
  bytes: number,
): number {
  return align(tfjs._malloc(bytes + 63));
}

/**
 * What a run's numbers depend on beside its flags, for the run's record.
 *
 * @returns `pinned`, which decides bits, and `environment`, which should not
 */
export function describeBackend(backend: BackendFacts) {
  return {
    pinned: {
      // Both have the same results, so that either resumes the other's run.
      simd: backend.simd === "wide" ? "relaxed" : backend.simd,
      fusedMultiplyAdd: backend.fusedMultiplyAdd,
      kernels: backend.kernels,
      tfjs: tf.version_core,
    },
    environment: {
      backend: "wasm",
      threads: backend.threads,
      vectorBits: backend.simd === "wide" ? 256 : 128,
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      host: Deno.build.target,
    },
  };
}

/**
 * The same in two lines for the reader, or more where the terminal is narrow.
 *
 * @param width columns to stay within; the terminal's where left out
 */
export function backendLines(
  backend: Omit<BackendFacts, "kernels">,
  width?: number,
): string {
  const { simd, fusedMultiplyAdd, threads } = backend;
  return [
    `TensorFlow.js ${tf.version_core} WASM, Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `${threads} ${threads === 1 ? "thread" : "threads"}, ` +
    `${SIMD_NAMES[simd]}, ` +
    `multiply-add rounds ${fusedMultiplyAdd ? "once" : "twice"}`,
  ].map((line) => wrapText(line, width)).join("\n");
}

/**
 * Makes TF.js give up what it has saved for the gradients of a function where
 * they fail, forward or backward. It would keep that for good, a net's
 * activations among it, and the function's value where no `tidy` is around it.
 *
 * @returns a function that puts TF.js's own way back
 */
function guardGradients(): () => void {
  const guarded = tf.engine();
  const { gradients } = guarded;
  guarded.gradients = ((...args: Parameters<typeof gradients>) => {
    const { state } = guarded;
    try {
      return guarded.tidy(() => gradients.apply(guarded, args));
    } catch (error) {
      // Inside of another function's gradients the tape is the other one's.
      if (state.gradientDepth === 0) {
        for (const { saved } of state.activeTape ?? []) {
          for (const tensor of saved ?? []) tensor.dispose();
        }
        state.activeTape = null!;
      }
      throw error;
    }
  }) as typeof gradients;
  return () => guarded.gradients = gradients;
}
