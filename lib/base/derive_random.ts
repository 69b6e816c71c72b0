import { createHash } from "node:crypto";
import { createRandom, type Random } from "./random.ts";

/**
 * Makes the generator of one part of a run: its numbers depend on the seed and
 * on the part's name, and not on which other parts there are. The state is the
 * first 128 bits of the SHA-256 of both.
 *
 * @param seed integer, 0 to 2³² − 1
 * @param name what the part is
 * @returns a generator at its start
 * @throws {RangeError} when seed is not such an integer
 *
 * @example
 * ```ts
 * import { deriveRandom } from "alphalab";
 * import { equal, notEqual } from "node:assert/strict";
 *
 * const first = deriveRandom(0, "subset 3").uniform();
 * equal(deriveRandom(0, "subset 3").uniform(), first);
 * notEqual(deriveRandom(0, "subset 4").uniform(), first);
 * ```
 */
export function deriveRandom(seed: number, name: string): Random {
  const random = createRandom(seed);
  const digest = createHash("sha256").update(`${seed} ${name}`).digest();
  random.restore([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  return random;
}
