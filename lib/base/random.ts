/**
 * Random numbers from a seed, of which all else in a run follows.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/**
 * The one generator of a run: weights, shuffling and dropout all draw from it,
 * so a run's numbers follow from its seed and its place from `state()`.
 */
export interface Random {
  /** A multiple of 2⁻⁵³ in [0, 1), from two steps of the generator. */
  uniform(): number;
  /**
   * An integer in [0, bound), each with the same probability.
   * @param bound integer, 1 to 2³²
   * @throws {RangeError} when bound is not such an integer
   */
  uniformInt(bound: number): number;
  /**
   * A value of the normal distribution with mean 0 and standard deviation 1,
   * by Box and Muller: √(−2 ln(1 − u)) cos(2πv). The sine's value is thrown
   * away, so that nothing but `state()` has to be kept. At most 8.6 from 0.
   */
  normal(): number;
  /**
   * Puts the indices in a random order, in place; every order has the same
   * probability (Fisher and Yates, from the end).
   */
  shuffle(indices: Uint32Array): void;
  /**
   * Fills an array with uniform values from low to high, rounded to float32
   * (which may round up to high itself).
   * @param array float32, any length
   * @param low finite
   * @param high finite, above low
   * @throws {RangeError} when the bounds are not
   */
  fillUniform(array: Float32Array, low: number, high: number): void;
  /** Four int32 for `restore()` and `restoreRandom()`; they survive JSON. */
  state(): number[];
  /**
   * Goes on where a state was taken.
   * @throws {RangeError} when state is not four int32, not all of them 0
   */
  restore(state: readonly number[]): void;
}

/**
 * Makes a generator from a seed: xoroshiro128+ (Blackman and Vigna, "Scrambled
 * Linear Pseudorandom Number Generators", 2021; 24, 16, 37) by pure-rand, which
 * gives the lower 32 bits of each step.
 *
 * The state is two outputs of SplitMix64 from the seed, as its authors advise:
 * pure-rand's own seeding puts the seed into the state as it is, and then the
 * first values of seeds 0, 1, 2, … are almost equal. The lowest bit of a step
 * is its weakest; `uniform() < p` stays clear of it, `uniformInt(2)` does not.
 *
 * @param seed integer, 0 to 2³² − 1
 * @returns a generator at its start
 * @throws {RangeError} when seed is not such an integer
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createRandom } from "alphalab/random";
 *
 * const order = new Uint32Array([0, 1, 2, 3, 4]);
 * createRandom(1).shuffle(order);
 * const again = new Uint32Array([0, 1, 2, 3, 4]);
 * createRandom(1).shuffle(again);
 * assert.deepEqual(order, again);
 * ```
 */
export function createRandom(seed: number): Random {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw new RangeError(
      `Cannot create a random generator: seed must be an integer from 0 to 4294967295: got ${seed}`,
    );
  }
  return restoreRandom([1, 2].flatMap((index) => {
    const word = splitMix64(BigInt(seed), BigInt(index));
    return [Number(word >> 32n) | 0, Number(word & 0xffff_ffffn) | 0];
  }));
}

/**
 * Makes a generator that goes on where `state()` was taken.
 *
 * @param state what `Random.state()` returned
 * @returns a generator with the same values to come
 * @throws {RangeError} when state is not four int32, not all of them 0
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createRandom, restoreRandom } from "alphalab/random";
 *
 * const random = createRandom(7);
 * const saved = JSON.stringify(random.state());
 * const next = random.normal();
 * assert.equal(restoreRandom(JSON.parse(saved)).normal(), next);
 * ```
 */
export function restoreRandom(state: readonly number[]): Random {
  let generator = generatorFrom(state);
  const random: Random = {
    uniform: () => uniformFloat64(generator),
    uniformInt(bound) {
      if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
        throw new RangeError(
          `Cannot draw an integer: bound must be an integer from 1 to 4294967296: got ${bound}`,
        );
      }
      return uniformInt(generator, 0, bound - 1);
    },
    normal() {
      // 1 − u is in (0, 1], where the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
      return radius * Math.cos(2 * Math.PI * random.uniform());
    },
    shuffle(indices) {
      for (let last = indices.length - 1; last > 0; last--) {
        const other = uniformInt(generator, 0, last);
        const moved = indices[last]!;
        indices[last] = indices[other]!;
        indices[other] = moved;
      }
    },
    fillUniform(array, low, high) {
      if (!(low < high) || !Number.isFinite(high - low)) {
        throw new RangeError(
          `Cannot fill an array: low must be below high and both finite: got ${low} and ${high}`,
        );
      }
      for (let i = 0; i < array.length; i++) {
        array[i] = low + (high - low) * random.uniform();
      }
    },
    state: () => [...generator.getState()],
    restore(state) {
      generator = generatorFrom(state);
    },
  };
  return random;
}

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
 * import { deriveRandom } from "alphalab/random";
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

function generatorFrom(state: readonly number[]) {
  if (
    state.length !== 4 || state.some((word) => word !== (word | 0)) ||
    state.every((word) => word === 0)
  ) {
    throw new RangeError(
      `Cannot restore a random generator: state must be 4 int32, not all 0: got ${
        JSON.stringify(state)
      }`,
    );
  }
  return xoroshiro128plusFromState(state);
}

/** Output `index` (from 1) of SplitMix64 (Steele, Lea, Flood 2014; Vigna). */
function splitMix64(seed: bigint, index: bigint): bigint {
  let z = BigInt.asUintN(64, seed + index * 0x9e37_79b9_7f4a_7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn);
  return z ^ (z >> 31n);
}
