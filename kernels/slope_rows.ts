import { F32, select, sumLanes } from "./simd";

/**
 * Rows of y = x where x passes, slope · x elsewhere. A row has one slope for
 * all of its elements (a run) or one for each. `T` says which of two functions
 * it is (see kernels/static_number.ts):
 *
 * One: ReLU_α, given α, of which the slope is 1 − α. x passes where x > 0, and
 * the sums are Σ dy · ReLU(−x).
 *
 * Two: PReLU, given the slope. x passes unless x < 0, so that ±0 passes
 * whatever the slope is, as on TF.js's cpu backend; the sums are Σ x · dy where
 * x is not positive.
 *
 * dx is dy where x > 0 and slope · dy elsewhere with both. NaN passes through.
 * No alignment is asked for; y may be x, and dx may be x or dy.
 */

/** The slope of four given numbers. */
export function slopeOf<T>(given: v128): v128 {
  return offsetof<T>() == 1 ? f32x4.sub(f32x4.splat(1), given) : given;
}

function bend<T>(v: v128, slope: v128, zero: v128): v128 {
  const below = f32x4.mul(v, slope);
  if (offsetof<T>() == 1) return select(v, below, f32x4.gt(v, zero));
  return select(below, v, f32x4.lt(v, zero));
}

function bendOne<T>(v: f32, slope: f32): f32 {
  if (offsetof<T>() == 1) return v > 0 ? v : v * slope;
  return v < 0 ? v * slope : v;
}

function plus<T>(sum: v128, term: v128): v128 {
  return offsetof<T>() == 1 ? f32x4.sub(sum, term) : f32x4.add(sum, term);
}

function plusOne<T>(sum: f32, term: f32): f32 {
  return offsetof<T>() == 1 ? sum - term : sum + term;
}

export function forwardRun<T>(
  x: usize,
  y: usize,
  count: i32,
  slope: v128,
): void {
  const zero = f32x4.splat(0);
  const end = x + <usize> count * F32;
  const blockEnd = x + (<usize> (count & ~15)) * F32;
  // Four loads before four stores: y may be x, but not a part of it.
  while (x < blockEnd) {
    const v0 = v128.load(x);
    const v1 = v128.load(x + 16);
    const v2 = v128.load(x + 32);
    const v3 = v128.load(x + 48);
    v128.store(y, bend<T>(v0, slope, zero));
    v128.store(y + 16, bend<T>(v1, slope, zero));
    v128.store(y + 32, bend<T>(v2, slope, zero));
    v128.store(y + 48, bend<T>(v3, slope, zero));
    x += 64;
    y += 64;
  }
  const scalarSlope = f32x4.extract_lane(slope, 0);
  for (; x < end; x += F32, y += F32) {
    store<f32>(y, bendOne<T>(load<f32>(x), scalarSlope));
  }
}

/** Four sums side by side, so that an addition need not wait for the last. */
export function backwardRun<T>(
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
    sum0 = plus<T>(sum0, backwardVector(x + i, dy + i, dx + i, slope, zero));
    sum1 = plus<T>(
      sum1,
      backwardVector(x + i + 16, dy + i + 16, dx + i + 16, slope, zero),
    );
    sum2 = plus<T>(
      sum2,
      backwardVector(x + i + 32, dy + i + 32, dx + i + 32, slope, zero),
    );
    sum3 = plus<T>(
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
    if (!(v > 0)) sum = plusOne<T>(sum, v * d);
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

export function forwardRow<T>(
  x: usize,
  y: usize,
  count: i32,
  given: usize,
): void {
  const zero = f32x4.splat(0);
  let i: usize = 0;
  const end = <usize> count * F32;
  const vectorEnd = end & ~15;
  for (; i < vectorEnd; i += 16) {
    const slope = slopeOf<T>(v128.load(given + i));
    v128.store(y + i, bend<T>(v128.load(x + i), slope, zero));
  }
  for (; i < end; i += F32) {
    const slope = slopeOf<T>(v128.load32_splat(given + i));
    store<f32>(
      y + i,
      bendOne<T>(load<f32>(x + i), f32x4.extract_lane(slope, 0)),
    );
  }
}

/** Adds to `count` sums, one a column. */
export function backwardRow<T>(
  x: usize,
  dy: usize,
  dx: usize,
  count: i32,
  given: usize,
  sums: usize,
): void {
  const zero = f32x4.splat(0);
  let i: usize = 0;
  const end = <usize> count * F32;
  const vectorEnd = end & ~15;
  for (; i < vectorEnd; i += 16) {
    const slope = slopeOf<T>(v128.load(given + i));
    const term = backwardVector(x + i, dy + i, dx + i, slope, zero);
    v128.store(sums + i, plus<T>(v128.load(sums + i), term));
  }
  for (; i < end; i += F32) {
    const v = load<f32>(x + i);
    const d = load<f32>(dy + i);
    const slope = slopeOf<T>(v128.load32_splat(given + i));
    store<f32>(dx + i, v > 0 ? d : d * f32x4.extract_lane(slope, 0));
    if (!(v > 0)) {
      store<f32>(sums + i, plusOne<T>(load<f32>(sums + i), v * d));
    }
  }
}
