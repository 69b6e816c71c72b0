/** A net of report 2's sweep, before it is trained. */
export interface AlphaNetPlan {
  /** Which 10,000 images, from 0. */
  readonly subset: number;
  /** Weight of the penalty. */
  readonly lambda: number;
  /** Which of the nets that differ in nothing but their generator, from 0. */
  readonly run: number;
  /** `[layers]`: α at the start. */
  readonly alphaInit: readonly number[];
}

/** What its training left. */
export interface AlphaNetResult {
  /**
   * float32 `[points, layers]`: α at the start and then at equal distances, the
   * same number of points in each epoch; the last row is the final α.
   */
  readonly trajectory: Float32Array;
  /** 0 to 1. */
  readonly testAccuracy: number;
}

/** A trained net. */
export interface AlphaNet extends AlphaNetPlan, AlphaNetResult {
  /** `[layers]`: the trajectory's last row. */
  readonly alphaFinal: readonly number[];
}

/** Convolutions, and so ReLU_α and α, of a net. */
export const ALPHA_LAYERS = 3;

/** α of each layer, as figures and tables name them. */
export const ALPHA_NAMES = ["α₁", "α₂", "α₃"] as const;

/**
 * A net's name, unique in a sweep.
 *
 * @param plan the net
 * @returns as `subset 0, λ 0.02, run 3`
 */
export function alphaNetName({ subset, lambda, run }: AlphaNetPlan): string {
  return `subset ${subset}, λ ${lambda}, run ${run}`;
}

/**
 * A net with what its training left.
 *
 * @param plan the net
 * @param result its training's, one trajectory point at least
 * @returns both, and the final α by {@link shortestFloat32}
 */
export function alphaNet(plan: AlphaNetPlan, result: AlphaNetResult): AlphaNet {
  const final = result.trajectory.subarray(-ALPHA_LAYERS);
  return { ...plan, ...result, alphaFinal: Array.from(final, shortestFloat32) };
}

/**
 * The number with the fewest digits that rounds to a float32: 0.05 and not
 * 0.05000000074505806, so that a threshold means the same in a file as in here.
 *
 * @param value a float32; −0 gives 0
 * @returns a number that `Math.fround` turns into the value
 */
export function shortestFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** The largest final α that counts as gone to zero (report 2, section 4). */
export const ZERO = 0.05;

/**
 * The percentage of final α that are at zero.
 *
 * @param nets any number of them
 * @returns 0 to 100; NaN without nets
 */
export function percentAtZero(nets: readonly AlphaNet[]): number {
  const alphas = nets.flatMap(({ alphaFinal }) => alphaFinal);
  return 100 * alphas.filter((alpha) => alpha <= ZERO).length / alphas.length;
}

/**
 * The nets of each λ.
 *
 * @param nets any number of them
 * @returns nets by λ, in ascending order of λ
 */
export function netsByLambda(
  nets: readonly AlphaNet[],
): Map<number, AlphaNet[]> {
  const groups = [...Map.groupBy(nets, ({ lambda }) => lambda)];
  return new Map(groups.sort(([a], [b]) => a - b));
}
