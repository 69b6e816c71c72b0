import { F32 } from "./simd";
import { Four, One, Three, Two } from "./static_number";

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

/**
 * Activates 8 channels of `pixels` pixels in place, pixels `step` bytes apart.
 *
 * @typeParam B Two where another 8 are `second` bytes behind them, which may
 *   repeat some of the first
 */
export function activatePixels<B>(
  pixels: i32,
  y: usize,
  step: usize,
  second: usize,
  slope: usize,
  activation: i32,
): void {
  // deno-fmt-ignore -- one line per activation
  switch (activation) {
    case RELU: activateBlocks<One, B>(pixels, y, step, second, slope); break;
    case RELU6: activateBlocks<Two, B>(pixels, y, step, second, slope); break;
    case SLOPE: activateBlocks<Three, B>(pixels, y, step, second, slope); break;
    case PRELU: activateBlocks<Four, B>(pixels, y, step, second, slope); break;
  }
}

/** @typeParam A the activation's number */
function activateBlocks<A, B>(
  pixels: i32,
  y: usize,
  step: usize,
  second: usize,
  slope: usize,
): void {
  const sa = v128.load(slope), sb = v128.load(slope, 16);
  let sc = sa, sd = sb;
  if (offsetof<B>() == 2) {
    sc = v128.load(slope + second), sd = v128.load(slope + second, 16);
  }
  for (; pixels > 0; pixels--, y += step) {
    const a = activate(v128.load(y), sa, offsetof<A>());
    const b = activate(v128.load(y, 16), sb, offsetof<A>());
    if (offsetof<B>() == 2) {
      const other = y + second;
      const c = activate(v128.load(other), sc, offsetof<A>());
      const d = activate(v128.load(other, 16), sd, offsetof<A>());
      v128.store(other, d, 16);
      v128.store(other, c);
    }
    v128.store(y, b, 16);
    v128.store(y, a);
  }
}

/** Activates `channels` (1 to 7) values of `pixels` pixels in place. */
export function activateLanes(
  pixels: i32,
  y: usize,
  step: usize,
  channels: i32,
  slope: usize,
  activation: i32,
): void {
  if (activation == LINEAR) return;
  for (; pixels > 0; pixels--, y += step) {
    for (let channel = 0; channel < channels; channel++) {
      const at = <usize> channel * F32;
      const v = v128.load32_splat(y + at);
      const s = v128.load32_splat(slope + at);
      v128.store32_lane(y + at, activate(v, s, activation), 0);
    }
  }
}
