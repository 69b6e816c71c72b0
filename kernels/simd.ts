/** Bytes of an f32. */
export const F32: usize = 4;

/**
 * a · b + c. With relaxed SIMD one instruction, which rounds once on hardware
 * with FMA; otherwise a multiplication and an addition, which round twice.
 */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** a in the lanes whose mask is all ones, b where it is 0. */
export function select(a: v128, b: v128, mask: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_laneselect(a, b, mask);
  return v128.bitselect(a, b, mask);
}

/** Sum of the four lanes, in the fixed order (0 + 2) + (1 + 3). */
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/**
 * Whether `madd` rounds once on this host: a² − (1 + 2⁻¹¹) for a = 1 + 2⁻¹² is
 * 2⁻²⁴, which a rounding of the product in between loses.
 */
export function maddRoundsOnce(a: f32, c: f32): i32 {
  const factor = f32x4.splat(a);
  const difference = madd(factor, factor, f32x4.splat(c));
  return i32(f32x4.extract_lane(difference, 0) != 0);
}
