import * as tf from "@tensorflow/tfjs";
import { wrapText } from "../base/wrap_text.ts";
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

/**
 * The same in two lines for the reader, or more where the terminal is narrow.
 *
 * @param width columns to stay within; the terminal's where left out
 */
export function backendLines(
  backend: Pick<Backend, "simd" | "fusedMultiplyAdd" | "threads">,
  width?: number,
): string {
  const { simd, fusedMultiplyAdd, threads } = backend;
  return [
    `TensorFlow.js ${tf.version_core} WASM, Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `${threads} ${threads === 1 ? "thread" : "threads"}, ` +
    `${simd === "relaxed" ? "relaxed SIMD" : "SIMD without relaxed"}, ` +
    `multiply-add rounds ${fusedMultiplyAdd ? "once" : "twice"}`,
  ].map((line) => wrapText(line, width)).join("\n");
}
