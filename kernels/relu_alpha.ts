import { F32, select, sumLanes } from "./simd";

/**
 * ReLU_α(x) = ReLU(x) − (1 − α) ReLU(−x): x where x > 0, (1 − α) x elsewhere
 * (report 1, section 1; PReLU of He et al. 2015 with slope 1 − α).
 *
 * A chunk is `chunkSize` consecutive elements, the last one what is left. α is
 * one number (`period` 1) or one a column of the last axis (`period` columns;
 * `chunkSize` is then a multiple of `period`). NaN passes through; at the kink
 * x = 0 the value is 0, dx is (1 − α) dy and dα takes nothing. No alignment is
 * asked for; y may be x, and dx may be x or dy.
 */
@unmanaged
class ReluAlphaParams {
  x: usize; // f32 [size]
  alpha: usize; // f32 [period]
  dy: usize; // f32 [size], backward only
  out: usize; // f32 [size]: y forward, dx backward
  partials: usize; // f32 [chunks, period], backward only
  size: i32;
  period: i32;
  chunkSize: i32;
}

/** y = ReLU_α(x) for one chunk. */
export function reluAlphaForwardF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<ReluAlphaParams>(params);
  const first = chunk * p.chunkSize;
  const count = min(p.chunkSize, p.size - first);
  const x = p.x + <usize> first * F32;
  const y = p.out + <usize> first * F32;
  if (p.period == 1) {
    forwardRow(x, y, count, f32x4.splat(1 - load<f32>(p.alpha)));
  } else {
    for (let at = 0; at < count; at += p.period) {
      const offset = <usize> at * F32;
      forwardColumns(x + offset, y + offset, p.period, p.alpha);
    }
  }
}

/** dx and the chunk's part of dα, in one pass over x and dy. */
export function reluAlphaBackwardF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<ReluAlphaParams>(params);
  const first = chunk * p.chunkSize;
  const count = min(p.chunkSize, p.size - first);
  const x = p.x + <usize> first * F32;
  const dy = p.dy + <usize> first * F32;
  const dx = p.out + <usize> first * F32;
  const partial = p.partials + <usize> (chunk * p.period) * F32;
  if (p.period == 1) {
    const slope = f32x4.splat(1 - load<f32>(p.alpha));
    store<f32>(partial, backwardRow(x, dy, dx, count, slope));
  } else {
    memory.fill(partial, 0, <usize> p.period * F32);
    for (let at = 0; at < count; at += p.period) {
      const offset = <usize> at * F32;
      backwardColumns(
        x + offset,
        dy + offset,
        dx + offset,
        p.period,
        p.alpha,
        partial,
      );
    }
  }
}

function forwardRow(x: usize, y: usize, count: i32, slope: v128): void {
  const zero = f32x4.splat(0);
  const end = x + <usize> count * F32;
  const blockEnd = x + (<usize> (count & ~15)) * F32;
  // Four loads before four stores: y may be x, but not a part of it.
  while (x < blockEnd) {
    const v0 = v128.load(x);
    const v1 = v128.load(x + 16);
    const v2 = v128.load(x + 32);
    const v3 = v128.load(x + 48);
    v128.store(y, select(v0, f32x4.mul(v0, slope), f32x4.gt(v0, zero)));
    v128.store(y + 16, select(v1, f32x4.mul(v1, slope), f32x4.gt(v1, zero)));
    v128.store(y + 32, select(v2, f32x4.mul(v2, slope), f32x4.gt(v2, zero)));
    v128.store(y + 48, select(v3, f32x4.mul(v3, slope), f32x4.gt(v3, zero)));
    x += 64;
    y += 64;
  }
  const scalarSlope = f32x4.extract_lane(slope, 0);
  for (; x < end; x += F32, y += F32) {
    const v = load<f32>(x);
    store<f32>(y, v > 0 ? v : v * scalarSlope);
  }
}

/** Four sums side by side, so that an addition need not wait for the last. */
function backwardRow(
  x: usize,
  dy: usize,
  dx: usize,
  count: i32,
  slope: v128,
): f32 {
  const zero = f32x4.splat(0);
  let sum0 = zero, sum1 = zero, sum2 = zero, sum3 = zero;
  let i: usize = 0;
  const end = <usize> count * F32;
  const blockEnd = end & ~63;
  for (; i < blockEnd; i += 64) {
    sum0 = f32x4.sub(sum0, backwardVector(x + i, dy + i, dx + i, slope, zero));
    sum1 = f32x4.sub(
      sum1,
      backwardVector(x + i + 16, dy + i + 16, dx + i + 16, slope, zero),
    );
    sum2 = f32x4.sub(
      sum2,
      backwardVector(x + i + 32, dy + i + 32, dx + i + 32, slope, zero),
    );
    sum3 = f32x4.sub(
      sum3,
      backwardVector(x + i + 48, dy + i + 48, dx + i + 48, slope, zero),
    );
  }
  let sum = sumLanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
  const scalarSlope = f32x4.extract_lane(slope, 0);
  for (; i < end; i += F32) {
    const v = load<f32>(x + i);
    const d = load<f32>(dy + i);
    store<f32>(dx + i, v > 0 ? d : d * scalarSlope);
    if (!(v > 0)) sum -= v * d;
  }
  return sum;
}

/** Stores dx of four elements and returns x · dy where x is not positive. */
function backwardVector(
  x: usize,
  dy: usize,
  dx: usize,
  slope: v128,
  zero: v128,
): v128 {
  const v = v128.load(x);
  const d = v128.load(dy);
  const positive = f32x4.gt(v, zero);
  v128.store(dx, select(d, f32x4.mul(d, slope), positive));
  return v128.andnot(f32x4.mul(v, d), positive);
}

function forwardColumns(x: usize, y: usize, period: i32, alpha: usize): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  let i: usize = 0;
  const end = <usize> period * F32;
  const vectorEnd = end & ~15;
  for (; i < vectorEnd; i += 16) {
    const v = v128.load(x + i);
    const slope = f32x4.sub(one, v128.load(alpha + i));
    v128.store(
      y + i,
      select(v, f32x4.mul(v, slope), f32x4.gt(v, zero)),
    );
  }
  for (; i < end; i += F32) {
    const v = load<f32>(x + i);
    store<f32>(y + i, v > 0 ? v : v * (1 - load<f32>(alpha + i)));
  }
}

function backwardColumns(
  x: usize,
  dy: usize,
  dx: usize,
  period: i32,
  alpha: usize,
  sums: usize,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  let i: usize = 0;
  const end = <usize> period * F32;
  const vectorEnd = end & ~15;
  for (; i < vectorEnd; i += 16) {
    const slope = f32x4.sub(one, v128.load(alpha + i));
    const term = backwardVector(x + i, dy + i, dx + i, slope, zero);
    v128.store(sums + i, f32x4.sub(v128.load(sums + i), term));
  }
  for (; i < end; i += F32) {
    const v = load<f32>(x + i);
    const d = load<f32>(dy + i);
    store<f32>(dx + i, v > 0 ? d : d * (1 - load<f32>(alpha + i)));
    if (!(v > 0)) store<f32>(sums + i, load<f32>(sums + i) - v * d);
  }
}
