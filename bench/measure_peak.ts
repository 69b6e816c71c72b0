import { kernelContext } from "../lib/wasm/kernel_context.ts";

/** Iterations a chunk: some 40 µs, long against its start. */
const ITERATIONS = 20_000;

/** Floating point operations of an iteration: 12 vectors of 4, each · and +. */
const OPERATIONS = 12 * 4 * 2;

/**
 * GFLOP/s that the running backend's threads reach together with nothing but
 * multiply-adds between registers, the best of many runs.
 */
export function measurePeak(): number {
  const { pool, memory, scratch } = kernelContext("measure the peak");
  const chunks = 4 * pool.threads;
  const values = scratch(64 * chunks);
  new Float32Array(memory.buffer, values, 16 * chunks).fill(0.5);
  let best = Infinity;
  for (let run = 0; run < 300; run++) {
    const start = performance.now();
    pool.run("maddPeakF32", chunks, { values, iterations: ITERATIONS });
    best = Math.min(best, performance.now() - start);
  }
  return chunks * ITERATIONS * OPERATIONS / best / 1e6;
}
