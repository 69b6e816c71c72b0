import * as tf from "@tensorflow/tfjs";
import { kernelDigest } from "../wasm/kernel_module.ts";
import type { Backend } from "./start_backend.ts";

/**
 * What a run's numbers depend on beside its flags, for the run's record.
 *
 * @returns `pinned`, which decides bits, and `environment`, which should not
 */
export function describeBackend(backend: Backend) {
  return {
    pinned: {
      simd: backend.simd,
      fusedMultiplyAdd: backend.fusedMultiplyAdd,
      kernels: kernelDigest(backend.simd),
      tfjs: tf.version_core,
    },
    environment: {
      backend: tf.getBackend(),
      threads: backend.threads,
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      host: Deno.build.target,
    },
  };
}

/** The same in two lines for the reader. */
export function backendLines(backend: Backend): string {
  const { simd, fusedMultiplyAdd, threads } = backend;
  return [
    `  TensorFlow.js ${tf.version_core} WASM, Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `  ${threads} ${threads === 1 ? "thread" : "threads"}, ` +
    `${simd === "relaxed" ? "relaxed SIMD" : "SIMD without relaxed"}, ` +
    `multiply-add rounds ${fusedMultiplyAdd ? "once" : "twice"}`,
  ].join("\n");
}
