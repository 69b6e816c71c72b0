/** What a convolution does with a sum before it stores it. */
export const LINEAR: i32 = 0;
export const RELU: i32 = 1;
export const RELU6: i32 = 2;
/** v where v > 0, slope · v elsewhere: ReLU_α. */
export const SLOPE: i32 = 3;
/** slope · v where v < 0, else v: leaky ReLU and PReLU as TF.js has them. */
export const PRELU: i32 = 4;

/** The activation of four values; NaN passes through. */
export function activate(v: v128, slope: v128, activation: i32): v128 {
  if (activation == LINEAR) return v;
  const zero = f32x4.splat(0);
  if (activation == SLOPE) {
    return v128.bitselect(v, f32x4.mul(v, slope), f32x4.gt(v, zero));
  }
  if (activation == PRELU) {
    return v128.bitselect(f32x4.mul(v, slope), v, f32x4.lt(v, zero));
  }
  const positive = f32x4.pmax(v, zero);
  if (activation == RELU) return positive;
  return f32x4.pmin(positive, f32x4.splat(6));
}

/** Stores the first `lanes` (1 to 7) of eight values. */
export function storeLanes(to: usize, low: v128, high: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(to, low);
    to += 16;
    lanes -= 4;
    low = high;
  }
  if (lanes >= 2) {
    v128.store64_lane(to, low, 0);
    to += 8;
    lanes -= 2;
    low = v128.shuffle<i64>(low, low, 1, 0);
  }
  if (lanes > 0) v128.store32_lane(to, low, 0);
}
