import { deriveRandom } from "../../base/random.ts";
import type { Checkpoint } from "../../run/checkpoint.ts";
import { netFile } from "../../train/net_files.ts";

/** A net of report 2's sweep, before it is trained. */
export interface AlphaNetPlan {
  /** Which 10,000 images, from 0. */
  readonly subset: number;
  /** Weight of the penalty. */
  readonly lambda: number;
  /** Which of the nets that differ only in their random numbers, from 0. */
  readonly run: number;
  /** `[layers]`: α at the start. */
  readonly alphaInit: readonly number[];
}

/** What the training of a net left. */
export interface AlphaNetResult {
  /**
   * float32 `[points, layers]`: α at the start and then at equal distances, the
   * same number of points in each epoch; the last row is the final α.
   */
  readonly trajectory: Float32Array;
  /** 0 to 1. */
  readonly testAccuracy: number;
  /** All parameters at the end, by their names. */
  readonly parameters: Checkpoint["tensors"];
}

/** A trained net. */
export interface AlphaNet extends AlphaNetPlan, AlphaNetResult {
  /** `[layers]`: the trajectory's last row. */
  readonly alphaFinal: readonly number[];
}

/** Convolutions of a net, each with a ReLU_α and an α of its own. */
export const ALPHA_LAYERS = 3;

/** The names of the layers' α in figures and tables. */
export const ALPHA_NAMES = ["α₁", "α₂", "α₃"] as const;

/**
 * Every net of a sweep; its α start at multiples of 0.05 in [0, 1], section 3.
 *
 * @param options.runs nets of each subset and λ
 * @param options.seed of the α, which do not depend on the other nets
 * @returns the nets by subset, then by λ
 */
export function alphaNetPlans(
  { subsets, lambda, runs, seed }: {
    readonly subsets: number;
    readonly lambda: readonly number[];
    readonly runs: number;
    readonly seed: number;
  },
): AlphaNetPlan[] {
  const indices = (count: number) => Array.from({ length: count }, (_, i) => i);
  return indices(subsets).flatMap((subset) =>
    lambda.flatMap((lambda) =>
      indices(runs).map((run) => {
        const random = deriveRandom(seed, `α ${subset} ${lambda} ${run}`);
        const alphaInit = [1, 2, 3].map(() => random.uniformInt(21) / 20);
        return { subset, lambda, run, alphaInit };
      })
    )
  );
}

/**
 * A net's name, unique in a sweep.
 *
 * @param plan the net
 * @returns a text such as `subset 0, λ 0.02, run 3`
 */
export function alphaNetName({ subset, lambda, run }: AlphaNetPlan): string {
  return `subset ${subset}, λ ${lambda}, run ${run}`;
}

/** The file in which a net's parameters are left. */
export function alphaNetFile({ subset, lambda, run }: AlphaNetPlan): string {
  return netFile({ name: `subset-${subset}-lambda-${lambda}-run-${run}` });
}

/**
 * A net with what its training left.
 *
 * @param plan the net before its training
 * @param result with at least one point in the trajectory
 * @returns both, and the final α by {@link shortestFloat32}
 */
export function alphaNet(plan: AlphaNetPlan, result: AlphaNetResult): AlphaNet {
  const final = result.trajectory.subarray(-ALPHA_LAYERS);
  return { ...plan, ...result, alphaFinal: Array.from(final, shortestFloat32) };
}

/**
 * The number with the fewest digits that rounds to a float32: 0.05 and not
 * 0.05000000074505806, so that a threshold means the same in a file as in code.
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
