import { backwardChunk, forwardChunk } from "./slope_chunk";
import { Two } from "./static_number";

/**
 * PReLU(x) = slope · x where x < 0, x elsewhere (He et al. 2015, equation 1).
 * Parameters, chunks and what may alias: slope_chunk.ts. NaN and ±0 pass
 * through; at the kink x = 0 dx is slope · dy, as TF.js has it, and dSlope
 * takes nothing.
 */
export function preluForwardF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  forwardChunk<Two>(params, chunk);
}

/** dx and the chunk's part of dSlope, in one pass over x and dy. */
export function preluBackwardF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  backwardChunk<Two>(params, chunk);
}
