import { F32, madd, sumLanes } from "./simd";

/**
 * One pass over four rows of weights that does the step of the last example and
 * the products of the next one: rowᵢ += stepᵢ · previous, then sumᵢ = rowᵢ · x.
 * Weights that do not fit the nearest cache are so read and written once an
 * example and not twice.
 *
 * @param steps f32 [4]
 * @param previous f32, as many as a row has
 * @param x f32, as many as a row has
 * @param bytes of a row, a multiple of 32
 * @param sums f32 [4]
 */
export function stepAndDotRows(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  steps: usize,
  previous: usize,
  x: usize,
  bytes: usize,
  sums: usize,
): void {
  const step0 = v128.load32_splat(steps), step1 = v128.load32_splat(steps, 4);
  const step2 = v128.load32_splat(steps, 8);
  const step3 = v128.load32_splat(steps, 12);
  const zero = f32x4.splat(0);
  let a0 = zero, a1 = zero, a2 = zero, a3 = zero;
  let b0 = zero, b1 = zero, b2 = zero, b3 = zero;
  for (const end = x + bytes; x < end; x += 32) {
    let old = v128.load(previous), values = v128.load(x);
    let w = madd(step0, old, v128.load(row0));
    v128.store(row0, w), a0 = madd(w, values, a0);
    w = madd(step1, old, v128.load(row1));
    v128.store(row1, w), a1 = madd(w, values, a1);
    w = madd(step2, old, v128.load(row2));
    v128.store(row2, w), a2 = madd(w, values, a2);
    w = madd(step3, old, v128.load(row3));
    v128.store(row3, w), a3 = madd(w, values, a3);
    old = v128.load(previous, 16), values = v128.load(x, 16);
    w = madd(step0, old, v128.load(row0, 16));
    v128.store(row0, w, 16), b0 = madd(w, values, b0);
    w = madd(step1, old, v128.load(row1, 16));
    v128.store(row1, w, 16), b1 = madd(w, values, b1);
    w = madd(step2, old, v128.load(row2, 16));
    v128.store(row2, w, 16), b2 = madd(w, values, b2);
    w = madd(step3, old, v128.load(row3, 16));
    v128.store(row3, w, 16), b3 = madd(w, values, b3);
    row0 += 32, row1 += 32, row2 += 32, row3 += 32, previous += 32;
  }
  storeSums(sums, a0, a1, a2, a3, b0, b1, b2, b3);
}

/** The products alone, summed in the same order: sumᵢ = rowᵢ · x. */
export function dotRows(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  x: usize,
  bytes: usize,
  sums: usize,
): void {
  const zero = f32x4.splat(0);
  let a0 = zero, a1 = zero, a2 = zero, a3 = zero;
  let b0 = zero, b1 = zero, b2 = zero, b3 = zero;
  for (const end = x + bytes; x < end; x += 32) {
    let values = v128.load(x);
    a0 = madd(v128.load(row0), values, a0);
    a1 = madd(v128.load(row1), values, a1);
    a2 = madd(v128.load(row2), values, a2);
    a3 = madd(v128.load(row3), values, a3);
    values = v128.load(x, 16);
    b0 = madd(v128.load(row0, 16), values, b0);
    b1 = madd(v128.load(row1, 16), values, b1);
    b2 = madd(v128.load(row2, 16), values, b2);
    b3 = madd(v128.load(row3, 16), values, b3);
    row0 += 32, row1 += 32, row2 += 32, row3 += 32;
  }
  storeSums(sums, a0, a1, a2, a3, b0, b1, b2, b3);
}

function storeSums(
  sums: usize,
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
  b0: v128,
  b1: v128,
  b2: v128,
  b3: v128,
): void {
  store<f32>(sums, sumLanes(f32x4.add(a0, b0)));
  store<f32>(sums + F32, sumLanes(f32x4.add(a1, b1)));
  store<f32>(sums + 2 * F32, sumLanes(f32x4.add(a2, b2)));
  store<f32>(sums + 3 * F32, sumLanes(f32x4.add(a3, b3)));
}
