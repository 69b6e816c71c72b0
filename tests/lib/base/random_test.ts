import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createRandom,
  deriveRandom,
  restoreRandom,
} from "../../../lib/base/random.ts";
import {
  splitMix64,
  xoroshiro128plus,
} from "../../reference/xoroshiro128plus.ts";

/**
 * Outputs of the authors' C code (a = 24, b = 16, c = 37) from s[0] = 1,
 * s[1] = 2, as the tests of Rust's rand_xoshiro state them.
 */
const publishedXoroshiro = [
  3n,
  412333834243n,
  2360170716294286339n,
  9295852285959843169n,
  2797080929874688578n,
  6019711933173041966n,
  3076529664176959358n,
  3521761819100106140n,
  7493067640054542992n,
  920801338098114767n,
];

/** From seed 1234567; Rosetta Code, "Pseudo-random numbers/Splitmix64". */
const publishedSplitMix = [
  6457827717110365317n,
  3203168211198807973n,
  9817491932198370423n,
  4593380528125082431n,
  16408922859458223821n,
];

/** The state (1, 2): upper and lower half of s[0], then of s[1]. */
const stateOneTwo = [0, 1, 0, 2];

const anySeed = fc.integer({ min: 0, max: 2 ** 32 - 1 });

const lower32 = (output: bigint) => Number(output & 0xffff_ffffn);

/** What pure-rand makes of two outputs: 26 and 27 of the lower 32 bits. */
function toUniform(first: bigint, second: bigint): number {
  const bits = ((first & 0x3ff_ffffn) << 27n) | (second & 0x7ff_ffffn);
  return Number(bits) / 2 ** 53;
}

/** The generator that createRandom() promises, on 64-bit integers. */
function referenceFromSeed(seed: number): () => bigint {
  const mix = splitMix64(BigInt(seed));
  return xoroshiro128plus(mix(), mix());
}

function draw(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}
const mean = (values: number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

Deno.test("the references give the published outputs", () => {
  const xoroshiro = xoroshiro128plus(1n, 2n);
  assert.deepEqual(publishedXoroshiro.map(xoroshiro), publishedXoroshiro);
  const mix = splitMix64(1234567n);
  assert.deepEqual(publishedSplitMix.map(mix), publishedSplitMix);
});

Deno.test("createRandom() starts from two outputs of SplitMix64", () => {
  const [s0, s1] = publishedSplitMix as [bigint, bigint];
  const halves = [s0 >> 32n, s0, s1 >> 32n, s1];
  assert.deepEqual(
    createRandom(1234567).state(),
    halves.map((half) => Number(BigInt.asIntN(32, half))),
  );
});

Deno.test("uniform() gives the values of the published outputs", () => {
  const random = restoreRandom(stateOneTwo);
  for (let i = 0; i < publishedXoroshiro.length; i += 2) {
    assert.equal(
      random.uniform(),
      toUniform(publishedXoroshiro[i]!, publishedXoroshiro[i + 1]!),
    );
  }
});

Deno.test("uniformInt(2³²) gives the lower half of each published output, its top bit flipped", () => {
  // pure-rand adds 2³¹ to the output read as an int32.
  const random = restoreRandom(stateOneTwo);
  for (const output of publishedXoroshiro) {
    assert.equal(random.uniformInt(2 ** 32), (lower32(output) ^ 2 ** 31) >>> 0);
  }
});

Deno.test("uniform() follows the reference from any seed", () => {
  fc.assert(fc.property(anySeed, (seed) => {
    const random = createRandom(seed);
    const next = referenceFromSeed(seed);
    for (let i = 0; i < 50; i++) {
      assert.equal(random.uniform(), toUniform(next(), next()));
    }
  }));
});

Deno.test("uniform() follows the reference for 100,000 values", () => {
  const random = createRandom(42);
  const next = referenceFromSeed(42);
  for (let i = 0; i < 100_000; i++) {
    assert.equal(random.uniform(), toUniform(next(), next()));
  }
});

Deno.test("uniformInt() follows the reference for any bound, rejecting what would bias it", () => {
  const anyBound = fc.oneof(
    fc.integer({ min: 1, max: 100 }),
    fc.integer({ min: 1, max: 2 ** 32 }),
    fc.constantFrom(2 ** 31, 2 ** 31 + 1, 3 * 2 ** 30, 2 ** 32),
  );
  fc.assert(fc.property(anySeed, anyBound, (seed, bound) => {
    const random = createRandom(seed);
    const next = referenceFromSeed(seed);
    const multiple = Math.floor(2 ** 32 / bound) * bound;
    for (let i = 0; i < 20; i++) {
      let drawn: number;
      do drawn = (lower32(next()) ^ 2 ** 31) >>> 0; while (drawn >= multiple);
      assert.equal(random.uniformInt(bound), drawn % bound);
    }
  }));
});

Deno.test("normal() is Box and Muller's cosine of two uniform values", () => {
  const random = createRandom(3);
  const next = referenceFromSeed(3);
  for (let i = 0; i < 1000; i++) {
    const u = toUniform(next(), next());
    const v = toUniform(next(), next());
    assert.equal(
      random.normal(),
      Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v),
    );
  }
});

// The bounds below are 4 standard errors, which a fixed seed meets or not.
Deno.test("uniform() has the mean 1/2 and the variance 1/12", () => {
  const random = createRandom(0);
  const values = draw(100_000, random.uniform);
  assert.ok(values.every((value) => value >= 0 && value < 1));
  const standardError = Math.sqrt(1 / 12 / values.length);
  assert.ok(Math.abs(mean(values) - 1 / 2) < 4 * standardError);
  // The variance of (u − 1/2)² is 1/180.
  const squares = values.map((value) => (value - 1 / 2) ** 2);
  const squaresError = Math.sqrt(1 / 180 / values.length);
  assert.ok(Math.abs(mean(squares) - 1 / 12) < 4 * squaresError);
});

Deno.test("the first uniform() of neighbouring seeds is uniform", () => {
  const values = Array.from(
    { length: 10_000 },
    (_, seed) => createRandom(seed).uniform(),
  );
  const standardError = Math.sqrt(1 / 12 / values.length);
  assert.ok(Math.abs(mean(values) - 1 / 2) < 4 * standardError);
  // The covariance of neighbours, which pure-rand's own seeding fails.
  const products = values.slice(1).map((value, i) =>
    (value - 1 / 2) * (values[i]! - 1 / 2)
  );
  assert.ok(Math.abs(mean(products)) < 4 / 12 / Math.sqrt(products.length));
});

Deno.test("normal() has the first four moments 0, 1, 0 and 3", () => {
  const random = createRandom(1);
  const values = draw(100_000, random.normal);
  // The variances of z, z², z³ and z⁴ are 1, 2, 15 and 96.
  const moments = [[1, 0, 1], [2, 1, 2], [3, 0, 15], [4, 3, 96]];
  for (const [power, expected, variance] of moments) {
    const moment = mean(values.map((value) => value ** power!));
    const standardError = Math.sqrt(variance! / values.length);
    assert.ok(Math.abs(moment - expected!) < 4 * standardError);
  }
});

Deno.test("uniformInt() is uniform over a bound that does not divide 2³²", () => {
  const random = createRandom(5);
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[random.uniformInt(7)]!++;
  // χ² with 6 degrees of freedom is above 22.46 once in 1,000.
  const chiSquared = counts.reduce(
    (sum, count) => sum + (count - 10_000) ** 2 / 10_000,
    0,
  );
  assert.ok(chiSquared < 22.46);
});

Deno.test("uniformInt(1) is 0", () => {
  assert.equal(createRandom(5).uniformInt(1), 0);
});

Deno.test("uniformInt() rejects a bound that is not an integer from 1 to 2³²", () => {
  for (const bound of [0, -1, 1.5, 2 ** 32 + 1, NaN, Infinity]) {
    assert.throws(() => createRandom(0).uniformInt(bound), {
      name: "RangeError",
      message:
        `Cannot draw an integer: bound must be an integer from 1 to 4294967296: got ${bound}`,
    });
  }
});

Deno.test("shuffle() permutes any indices", () => {
  fc.assert(fc.property(anySeed, fc.uint32Array(), (seed, indices) => {
    const shuffled = indices.slice();
    createRandom(seed).shuffle(shuffled);
    assert.deepEqual(shuffled.sort(), indices.sort());
  }));
});

Deno.test("shuffle() gives each of the 6 orders of 3 as often", () => {
  const random = createRandom(6);
  const counts = new Map<string, number>();
  for (let i = 0; i < 60_000; i++) {
    const indices = new Uint32Array([0, 1, 2]);
    random.shuffle(indices);
    const order = indices.join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  // χ² with 5 degrees of freedom is above 20.52 once in 1,000.
  const chiSquared = [...counts.values()].reduce(
    (sum, count) => sum + (count - 10_000) ** 2 / 10_000,
    0,
  );
  assert.ok(chiSquared < 20.52);
});

Deno.test("shuffle() leaves few of 60,000 indices in place", () => {
  const indices = Uint32Array.from({ length: 60_000 }, (_, i) => i);
  createRandom(0).shuffle(indices);
  // The number is close to Poisson's with mean 1: above 8 once in 10⁶.
  assert.ok(indices.filter((index, i) => index === i).length <= 8);
});

Deno.test("fillUniform() writes uniform() between the bounds as float32", () => {
  const array = new Float32Array(1000);
  createRandom(8).fillUniform(array, -0.25, 0.5);
  const random = createRandom(8);
  for (const value of array) {
    assert.equal(value, Math.fround(-0.25 + 0.75 * random.uniform()));
    assert.ok(value >= -0.25 && value <= 0.5);
  }
});

Deno.test("fillUniform() rejects bounds that are no finite interval", () => {
  const bounds = [[1, 1], [1, 0], [NaN, 1], [0, NaN], [-Infinity, 0]];
  for (const [low, high] of [...bounds, [0, Infinity]]) {
    assert.throws(
      () => createRandom(0).fillUniform(new Float32Array(1), low!, high!),
      {
        name: "RangeError",
        message:
          `Cannot fill an array: low must be below high and both finite: got ${low} and ${high}`,
      },
    );
  }
});

Deno.test("restoreRandom() goes on as if never stopped, after any draws and through JSON", () => {
  const anyDraws = fc.array(
    fc.constantFrom("uniform", "uniformInt", "normal", "shuffle"),
  );
  fc.assert(fc.property(anySeed, anyDraws, (seed, draws) => {
    const random = createRandom(seed);
    for (const name of draws) {
      if (name === "uniformInt") random.uniformInt(10);
      else if (name === "shuffle") random.shuffle(new Uint32Array(5));
      else if (name === "normal") random.normal();
      else random.uniform();
    }
    const restored = restoreRandom(JSON.parse(JSON.stringify(random.state())));
    for (let i = 0; i < 5; i++) {
      assert.equal(restored.normal(), random.normal());
      assert.equal(restored.uniformInt(1000), random.uniformInt(1000));
    }
    assert.deepEqual(restored.state(), random.state());
  }));
});

Deno.test("state() is a copy that later draws leave alone", () => {
  const random = createRandom(9);
  const taken = random.state();
  const copy = [...taken];
  random.uniform();
  assert.deepEqual(taken, copy);
  const next = random.state();
  random.state().fill(0);
  assert.deepEqual(random.state(), next);
});

Deno.test("restoreRandom() rejects what is no state", () => {
  const noStates = [
    [],
    [1, 2, 3],
    [1, 2, 3, 4, 5],
    [0, 0, 0, 0],
    [0.5, 1, 2, 3],
    [2 ** 31, 1, 2, 3],
    [NaN, 1, 2, 3],
  ];
  for (const state of noStates) {
    assert.throws(() => restoreRandom(state), {
      name: "RangeError",
      message:
        `Cannot restore a random generator: state must be 4 int32, not all 0: got ${
          JSON.stringify(state)
        }`,
    });
  }
});

Deno.test("createRandom() takes the smallest and the largest seed and no other number", () => {
  assert.notDeepEqual(
    createRandom(0).state(),
    createRandom(2 ** 32 - 1).state(),
  );
  for (const seed of [-1, 2 ** 32, 0.5, NaN, Infinity]) {
    assert.throws(() => createRandom(seed), {
      name: "RangeError",
      message:
        `Cannot create a random generator: seed must be an integer from 0 to 4294967295: got ${seed}`,
    });
  }
});

Deno.test("deriveRandom() starts at the first 16 bytes of SHA-256 of seed and name", () => {
  // printf '0 subset 0' | sha256sum: 3946e88f 6712f2a9 7657e199 dbe3864e …
  assert.deepEqual(
    deriveRandom(0, "subset 0").state().map((word) => word >>> 0),
    [0x8fe84639, 0xa9f21267, 0x99e15776, 0x4e86e3db],
  );
});

Deno.test("deriveRandom() gives every seed and name numbers of its own", () => {
  const names = Array.from({ length: 500 }, (_, i) => `net 0 0.02 ${i}`);
  const seeds = [0, 1, 2 ** 32 - 1];
  const firsts = seeds.flatMap((seed) =>
    names.map((name) => deriveRandom(seed, name).uniform())
  );
  assert.equal(new Set(firsts).size, firsts.length);
  // Their mean is 1/2 ± 1/√(12 · 1500) = 0.0075.
  const mean = firsts.reduce((sum, value) => sum + value) / firsts.length;
  assert.ok(Math.abs(mean - 0.5) < 0.03, `${mean}`);
});

Deno.test("deriveRandom() refuses a seed that is none", () => {
  assert.throws(() => deriveRandom(-1, "a"), RangeError);
});
