/**
 * PReLU in float64 (He et al. 2015, equation 1): slope · x where x < 0, x
 * elsewhere, with slopes that broadcast to x as numpy broadcasts. Its gradient
 * as TF.js has it: dx is dy where x > 0 and slope · dy elsewhere; a slope takes
 * x · dy of all its x that are not positive, NaN among them.
 */

/** For each element of `whole`, the index of its slope. */
function slopeIndices(whole: readonly number[], slopes: readonly number[]) {
  const size = whole.reduce((product, n) => product * n, 1);
  return Int32Array.from({ length: size }, (_, element) => {
    let index = 0, stride = 1, rest = element;
    for (let i = 1; i <= whole.length; i++) {
      const length = whole.at(-i)!;
      const own = slopes.at(-i) ?? 1;
      if (own !== 1) index += rest % length * stride;
      stride *= own;
      rest = Math.floor(rest / length);
    }
    return index;
  });
}

/** A tensor: its shape and its values. */
export interface Shaped {
  shape: readonly number[];
  values: ArrayLike<number>;
}

export function prelu(x: Shaped, slopes: Shaped): Float64Array {
  const indices = slopeIndices(x.shape, slopes.shape);
  return Float64Array.from(
    x.values,
    (v, i) => v < 0 ? slopes.values[indices[i]!]! * v : v,
  );
}

/**
 * dx, dSlopes, and for each slope the number of its terms and the sum of their
 * absolute values.
 */
export function preluGrad(
  x: Shaped,
  slopes: Shaped,
  dy: ArrayLike<number>,
) {
  const indices = slopeIndices(x.shape, slopes.shape);
  const dx = new Float64Array(dy.length);
  const dSlopes = new Float64Array(slopes.values.length);
  const magnitudes = new Float64Array(slopes.values.length);
  for (let i = 0; i < dy.length; i++) {
    const v = x.values[i]!, at = indices[i]!;
    if (v > 0) {
      dx[i] = dy[i]!;
    } else {
      dx[i] = slopes.values[at]! * dy[i]!;
      dSlopes[at]! += v * dy[i]!;
      magnitudes[at]! += Math.abs(v * dy[i]!);
    }
  }
  return { dx, dSlopes, magnitudes };
}
