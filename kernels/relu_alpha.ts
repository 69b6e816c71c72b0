import { backwardChunk, forwardChunk } from "./slope_chunk";
import { One } from "./static_number";

/**
 * ReLU_α(x) = ReLU(x) − (1 − α) ReLU(−x): x where x > 0, (1 − α) x elsewhere
 * (Curaba and Olivetti 2023; PReLU of He et al. 2015 with slope 1 − α).
 * Parameters, chunks and what may alias: slope_chunk.ts, with α in the slopes'
 * place. NaN passes through; at the kink x = 0 the value is 0, dx is (1 − α) dy
 * and dα takes nothing.
 */
export function reluAlphaForwardF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  forwardChunk<One>(params, chunk);
}

/** dx and the chunk's part of dα, in one pass over x and dy. */
export function reluAlphaBackwardF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  backwardChunk<One>(params, chunk);
}
