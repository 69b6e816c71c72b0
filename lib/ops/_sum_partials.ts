import type { KernelContext } from "../wasm/kernel_context.ts";

/** Columns per chunk. */
const CHUNK_SIZE = 1_024;

/**
 * Adds the rows that the chunks of a reduction left: float32
 * `[rows, columns]` → `[columns]`, in the order of the rows, in float64.
 */
export function sumPartials(
  context: KernelContext,
  partials: number,
  out: number,
  rows: number,
  columns: number,
) {
  context.pool.run("sumPartialsF32", Math.ceil(columns / CHUNK_SIZE), {
    partials,
    out,
    rows,
    columns,
    chunkSize: CHUNK_SIZE,
  });
}
