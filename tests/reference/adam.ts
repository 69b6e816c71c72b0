/** A parameter vector with its moments, in float64. */
export interface AdamState {
  t: number;
  value: Float64Array;
  m: Float64Array;
  v: Float64Array;
}

/** The state before the first step: t, m and v are 0. */
export function adamStart(value: ArrayLike<number>): AdamState {
  const zeros = () => new Float64Array(value.length);
  return { t: 0, value: Float64Array.from(value), m: zeros(), v: zeros() };
}

/** One step, line by line as in Kingma and Ba 2015, algorithm 1. */
export function adamStep(
  state: AdamState,
  gradient: ArrayLike<number>,
  { learningRate, beta1, beta2, epsilon }: {
    learningRate: number;
    beta1: number;
    beta2: number;
    epsilon: number;
  },
) {
  const { value, m, v } = state;
  state.t++;
  for (let i = 0; i < value.length; i++) {
    const g = gradient[i]!;
    m[i] = beta1 * m[i]! + (1 - beta1) * g;
    v[i] = beta2 * v[i]! + (1 - beta2) * g ** 2;
    const mHat = m[i]! / (1 - beta1 ** state.t);
    const vHat = v[i]! / (1 - beta2 ** state.t);
    value[i]! -= learningRate * mHat / (Math.sqrt(vHat) + epsilon);
  }
}
