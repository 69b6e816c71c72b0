import type { AlphaNet } from "./alpha_net.ts";

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
