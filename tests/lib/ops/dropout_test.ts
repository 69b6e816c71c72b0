import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { dropout } from "../../../lib/ops/dropout.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { type Refusal, testOp } from "../../ops_suite.ts";
import { staysInDropout } from "../../reference/dropout.ts";
import { seededTensor, specialTails } from "./fixtures/seeded_tensor.ts";

interface Case {
  shape: number[];
  rate: number;
  key: number;
  seed?: number;
  change?: (value: number, index: number) => number;
}

/** As lib/ops/dropout.ts cuts it. */
const CHUNK_SIZE = 16_384;

const KEYS = [0, 1, 7, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const RATES = [0.1, 0.25, 0.5, 0.9];

function inputsOf({ shape, seed = 0, change }: Case) {
  return {
    x: seededTensor(shape, seed, change),
    dy: seededTensor(shape, seed + 1, change),
  };
}

/** Every tail and around the chunk, with all rates and keys in turn. */
const SIZES = [
  ...Array(18).keys(),
  63,
  64,
  65,
  ...[-1, 0, 1, 21].flatMap((extra) => [
    CHUNK_SIZE + extra,
    3 * CHUNK_SIZE + extra,
  ]),
  5 * CHUNK_SIZE + 3,
];

const caseOf = (shape: number[], i: number): Case => ({
  shape,
  rate: RATES[i % RATES.length]!,
  key: KEYS[i % KEYS.length]!,
  seed: i,
});

testOp<Case>({
  name: "dropout() and its gradient",
  tolerance: "exactly",
  cases: {
    "every tail, around the chunk": SIZES.map((size, i) => caseOf([size], i)),
    // Indices run through all axes.
    "ranks 0 to 4": [[], [6], [5, 0], [2, 3, 4, 5]].map(caseOf),
    "rate 0, the identity": KEYS.map((key) => ({
      shape: [1_001],
      rate: 0,
      key,
    })),
    "NaN, ±∞, −0 and denormals": specialTails().map(({ size, change }, i) => ({
      ...caseOf([size], i),
      change,
    })),
  },
  compute(c) {
    const { x, dy } = inputsOf(c);
    const drop = (x: tf.Tensor) => dropout(x, c.rate, c.key);
    return { y: drop(x), dx: tf.grad(drop)(x, dy) };
  },
  expect(c) {
    const { rate, key, shape } = c, { x, dy } = inputsOf(c);
    const scale = Math.fround(1 / (1 - rate));
    const dropped = (values: tf.Tensor) => ({
      shape,
      values: Float32Array.from(
        values.dataSync(),
        (v, i) => staysInDropout(i, rate, key) ? v * scale : 0,
      ),
      signedZeros: true,
    });
    return { y: dropped(x), dx: dropped(dy) };
  },
  sameInBuilds: true,
  refusals() {
    const x = tf.ones([3]), gone = tf.ones([3]);
    gone.dispose();
    const integers = tf.ones([3], "int32");
    const of = (what: string) => `Cannot compute dropout: ${what}`;
    return [
      [
        () => dropout(integers, 0.5, 1),
        "TypeError",
        of("x must be float32: got int32"),
      ],
      ...[-0.1, 1, 1.5, NaN].map((rate): Refusal => [
        () => dropout(x, rate, 1),
        "RangeError",
        of(`rate must be in [0, 1): got ${rate}`),
      ]),
      ...[-1, 2 ** 32, 0.5, NaN].map((key): Refusal => [
        () => dropout(x, 0.5, key),
        "RangeError",
        of(`key must be an integer from 0 to 4294967295: got ${key}`),
      ]),
      [() => dropout(gone, 0.5, 1), "Error", /disposed/],
    ];
  },
  stopped: {
    action: "compute dropout",
    call: (x) => dropout(x, 0.5, 1),
  },
  also: {
    "it drops its rate of the elements, and a rate next to 1 almost all":
      checkRates,
    "neighbouring elements and keys are uncorrelated": checkCorrelations,
    "another mask for each key that a generator draws": checkMasks,
    "the gradient has the forward pass's mask"() {
      const x = tf.ones([20_000]);
      const { value, grad } = tf.valueAndGrad((x) => dropout(x, 0.3, 9))(x);
      assertSameValues(grad.dataSync(), value.dataSync(), "x = dy = 1");
    },
  },
});

/** 1 where an element of `size` stays, 0 where not. */
function mask(size: number, rate: number, key: number): Float32Array {
  return tf.tidy(() =>
    dropout(tf.ones([size]), rate, key).dataSync<"float32">()
      .map((v) => v === 0 ? 0 : 1)
  );
}

function checkRates() {
  const size = 100_000;
  for (const rate of [0.001, ...RATES, 0.999]) {
    for (const key of KEYS) {
      const kept = mask(size, rate, key).reduce((sum, v) => sum + v, 0);
      const deviation = Math.sqrt(size * rate * (1 - rate));
      const off = Math.abs(kept - (1 - rate) * size) / deviation;
      assert.ok(off < 4, `rate ${rate}, key ${key}: ${off} deviations`);
    }
  }
  const kept = mask(size, 1 - Number.EPSILON, 1).reduce((a, b) => a + b);
  assert.ok(kept <= 1);
}

/**
 * The correlation of two masks of n places is a normal variable with deviation
 * 1 / √n if they have nothing to do with each other.
 */
function assertUncorrelated(a: Float32Array, b: Float32Array, what: string) {
  const n = a.length;
  const mean = (values: Float32Array) => values.reduce((s, v) => s + v) / n;
  const meanA = mean(a), meanB = mean(b);
  const product = a.reduce((sum, v, i) => sum + v * b[i]!, 0) / n;
  const correlation = (product - meanA * meanB) /
    Math.sqrt(meanA * (1 - meanA) * meanB * (1 - meanB));
  assert.ok(
    Math.abs(correlation) * Math.sqrt(n) < 5,
    `${what}: ${correlation}`,
  );
}

function checkCorrelations() {
  const size = 65_536, most = 784;
  for (const rate of [0.25, 0.5]) {
    for (const key of [0, 12_345, 0xffff_fff0]) {
      const all = mask(size + most, rate, key);
      const first = all.subarray(0, size);
      for (const lag of [1, 2, 3, 4, 8, 28, 512, most]) {
        const what = `rate ${rate}, key ${key}, ${lag} elements on`;
        assertUncorrelated(first, all.subarray(lag, lag + size), what);
      }
      for (const change of [1, 2, 3, 4, 0x100, 0x8000_0000]) {
        const other = mask(size, rate, (key ^ change) >>> 0);
        const what = `rate ${rate}, keys ${key} and ${change} apart`;
        assertUncorrelated(first, other, what);
      }
    }
  }
}

function checkMasks() {
  const random = createRandom(1);
  const masks = Array.from(
    { length: 50 },
    () => mask(256, 0.5, random.uniformInt(2 ** 32)).join(""),
  );
  assert.equal(new Set(masks).size, masks.length);
}
