import { F32 } from "./simd";
import {
  backwardRow,
  backwardRun,
  forwardRow,
  forwardRun,
  slopeOf,
} from "./slope_rows";

/**
 * A chunk of ReLU_α or PReLU (`T` of slope_rows.ts) with slopes that broadcast
 * to x in any way.
 *
 * x's dimensions, of which neighbours that are alike count as one, alternate
 * between such that share slopes and such whose every index has its own. An
 * index of the outermost dimension is a period; `size` need not be a multiple
 * of it, only the last period is cut short. A chunk is `chunkSize` elements, a
 * multiple of the period. The innermost dimension is a row: a run with one
 * slope, or `columns`.
 */
@unmanaged
class SlopeParams {
  x: usize; // f32 [size]
  slopes: usize; // f32: α of ReLU_α, the slopes of PReLU
  dy: usize; // f32 [size], backward only
  out: usize; // f32 [size]: y forward, dx backward
  sums: usize; // f32, backward only: see `sumsOf`
  size: i32;
  chunkSize: i32;
  period: i32;
  periodSlopes: i32; // slopes of one period
  shared: i32; // 1 if all periods have the same ones
  row: i32; // elements of a row
  columns: i32; // 1 if each element of a row has its own slope
  rank: i32;
  // sizes: i32[]; // of the `rank` dimensions in between, outermost first
}

/** y of one chunk. */
export function forwardChunk<T>(params: usize, chunk: i32): void {
  const p = changetype<SlopeParams>(params);
  const first = chunk * p.chunkSize;
  const last = min(first + p.chunkSize, p.size);
  for (let from = first; from < last; from += p.period) {
    const slopes = slopesOf(p, from);
    const to = min(from + p.period, last);
    for (let at = from, row = 0; at < to; at += p.row, row++) {
      const given = slopes + slopeOffset(p, row);
      const x = p.x + <usize> at * F32;
      const y = p.out + <usize> at * F32;
      const count = min(p.row, to - at);
      if (p.columns) forwardRow<T>(x, y, count, given);
      else forwardRun<T>(x, y, count, slopeOf<T>(v128.load32_splat(given)));
    }
  }
}

/** dx of one chunk, and its part of the slopes' gradient, in one pass. */
export function backwardChunk<T>(params: usize, chunk: i32): void {
  const p = changetype<SlopeParams>(params);
  const first = chunk * p.chunkSize;
  const last = min(first + p.chunkSize, p.size);
  const count = p.shared
    ? p.periodSlopes
    : <i32> (<i64> (last - first) * p.periodSlopes / p.period);
  memory.fill(sumsOf(p, chunk, first), 0, <usize> count * F32);
  for (let from = first; from < last; from += p.period) {
    const slopes = slopesOf(p, from);
    const sums = sumsOf(p, chunk, from);
    const to = min(from + p.period, last);
    for (let at = from, row = 0; at < to; at += p.row, row++) {
      const offset = slopeOffset(p, row);
      backwardOne<T>(
        p,
        at,
        min(p.row, to - at),
        slopes + offset,
        sums + offset,
      );
    }
  }
}

function backwardOne<T>(
  p: SlopeParams,
  at: i32,
  count: i32,
  given: usize,
  sums: usize,
): void {
  const offset = <usize> at * F32;
  const x = p.x + offset, dy = p.dy + offset, dx = p.out + offset;
  if (p.columns) {
    backwardRow<T>(x, dy, dx, count, given, sums);
  } else {
    const slope = slopeOf<T>(v128.load32_splat(given));
    const sum = backwardRun<T>(x, dy, dx, count, slope);
    store<f32>(sums, load<f32>(sums) + sum);
  }
}

/** Where the slopes of the period lie that begins at element `from`. */
function slopesOf(p: SlopeParams, from: i32): usize {
  if (p.shared) return p.slopes;
  return p.slopes + <usize> (from / p.period * p.periodSlopes) * F32;
}

/**
 * Where a period's sums lie: periods that share slopes share the sums of their
 * chunk, [chunks, periodSlopes]; others have their own, as the slopes lie.
 */
function sumsOf(p: SlopeParams, chunk: i32, from: i32): usize {
  const index = p.shared ? chunk : from / p.period;
  return p.sums + <usize> (index * p.periodSlopes) * F32;
}

/** Bytes from a period's first slope to those of its row. */
function slopeOffset(p: SlopeParams, row: i32): usize {
  const sizes = changetype<usize>(p) + offsetof<SlopeParams>();
  let own = !p.columns; // of the dimension outside of the row
  let stride = p.columns ? p.row : 1;
  let offset = 0;
  for (let i = p.rank - 1; i >= 0; i--) {
    const size = load<i32>(sizes + (<usize> i << 2));
    const outer = row / size;
    if (own) {
      offset += (row - outer * size) * stride;
      stride *= size;
    }
    own = !own;
    row = outer;
  }
  return <usize> offset * F32;
}
