/** A parameter vector with its two averages, in float64. */
export interface AdadeltaState {
  value: Float64Array;
  v: Float64Array;
  u: Float64Array;
}

/** One step, line by line as in the documentation of torch.optim.Adadelta. */
export function adadeltaStep(
  { value, v, u }: AdadeltaState,
  gradient: ArrayLike<number>,
  { learningRate, rho, epsilon, weightDecay }: {
    learningRate: number;
    rho: number;
    epsilon: number;
    weightDecay: number;
  },
) {
  for (let i = 0; i < value.length; i++) {
    const g = gradient[i]! + weightDecay * value[i]!;
    v[i] = rho * v[i]! + (1 - rho) * g ** 2;
    const step = Math.sqrt(u[i]! + epsilon) / Math.sqrt(v[i]! + epsilon) * g;
    u[i] = rho * u[i]! + (1 - rho) * step ** 2;
    value[i]! -= learningRate * step;
  }
}
