/**
 * ReLU_α in float64, from report 1, section 1: ReLU_α(x) = ReLU(x) −
 * (1 − α) ReLU(−x), which is x for x > 0 and (1 − α) x otherwise.
 *
 * It is the second form, in IEEE arithmetic, that says what happens to values
 * that are no finite numbers. "x > 0" is false for NaN, so
 * - x = NaN: y = NaN, dx = (1 − α) dy, dα takes −NaN · dy = NaN;
 * - x = ∞: y = ∞, dx = dy, and dα takes nothing, whatever dy is;
 * - x = −∞: y = (1 − α) · −∞, which is NaN for α = 1; dα takes ∞ · dy;
 * - x = 0 or −0, the kink: y = (1 − α) x, so a zero, whose sign is x's for
 *   α < 1; dx = (1 − α) dy; dα takes −x · dy, a zero for finite dy.
 */

/** @param alpha one number, or one per column of x's last axis */
export function reluAlpha(
  x: ArrayLike<number>,
  alpha: ArrayLike<number>,
): Float64Array {
  return Float64Array.from(
    x,
    (v, i) => v > 0 ? v : (1 - alpha[i % alpha.length]!) * v,
  );
}

/** dx, dα, and for each α the sum of its terms' absolute values. */
export function reluAlphaGrad(
  x: ArrayLike<number>,
  alpha: ArrayLike<number>,
  dy: ArrayLike<number>,
) {
  const dx = new Float64Array(x.length);
  const dAlpha = new Float64Array(alpha.length);
  const magnitudes = new Float64Array(alpha.length);
  for (let i = 0; i < x.length; i++) {
    const column = i % alpha.length;
    if (x[i]! > 0) {
      dx[i] = dy[i]!;
    } else {
      dx[i] = (1 - alpha[column]!) * dy[i]!;
      dAlpha[column]! -= x[i]! * dy[i]!;
      magnitudes[column]! += Math.abs(x[i]! * dy[i]!);
    }
  }
  return { dx, dAlpha, magnitudes };
}
