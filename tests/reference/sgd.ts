/** A parameter vector with its velocity, in float64. */
export interface SgdState {
  value: Float64Array;
  velocity: Float64Array;
}

/** One step, line by line as in the documentation of torch.optim.SGD. */
export function sgdStep(
  { value, velocity }: SgdState,
  gradient: ArrayLike<number>,
  { learningRate, momentum, weightDecay }: {
    learningRate: number;
    momentum: number;
    weightDecay: number;
  },
) {
  for (let i = 0; i < value.length; i++) {
    const g = gradient[i]! + weightDecay * value[i]!;
    velocity[i] = momentum * velocity[i]! + g;
    value[i]! -= learningRate * velocity[i]!;
  }
}
