/**
 * The generators as their authors publish them, on 64-bit integers; nothing
 * here is taken from pure-rand. Their published outputs are checked in
 * tests/lib/base/random_test.ts.
 */

const wrap = (value: bigint) => BigInt.asUintN(64, value);
const rotateLeft = (value: bigint, bits: bigint) =>
  wrap(value << bits) | (value >> (64n - bits));

/** SplitMix64 (Steele, Lea, Flood 2014, figure 17; Vigna, splitmix64.c). */
export function splitMix64(seed: bigint): () => bigint {
  let state = wrap(seed);
  return () => {
    state = wrap(state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = wrap((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = wrap((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
}

/** xoroshiro128+ 1.0 with A = 24, B = 16, C = 37 (Blackman and Vigna 2021). */
export function xoroshiro128plus(s0: bigint, s1: bigint): () => bigint {
  return () => {
    const result = wrap(s0 + s1);
    s1 ^= s0;
    s0 = rotateLeft(s0, 24n) ^ s1 ^ wrap(s1 << 16n);
    s1 = rotateLeft(s1, 37n);
    return result;
  };
}
