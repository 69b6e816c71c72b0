import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { dropout } from "../../../lib/ops/dropout.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { staysInDropout } from "../../reference/dropout.ts";
import { withBackend } from "../../with_backend.ts";
import { assertInBounds } from "./fixtures/assert_in_bounds.ts";
import { assertSameAtThreads } from "./fixtures/assert_same_at_threads.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

const BUILDS = ["relaxed", "simd128"] as const;

/** As lib/ops/dropout.ts cuts it. */
const CHUNK_SIZE = 16_384;

const KEYS = [0, 1, 7, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const RATES = [0.1, 0.25, 0.5, 0.9];

/** 1 where an element of `size` stays, 0 where not. */
function mask(size: number, rate: number, key: number): Float32Array {
  return tf.tidy(() =>
    dropout(tf.ones([size]), rate, key).dataSync<"float32">()
      .map((v) => v === 0 ? 0 : 1)
  );
}

for (const simd of BUILDS) {
  Deno.test(`dropout() and its gradient are the oracle's bits at every tail and around the chunk (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      const sizes = [...Array(18).keys(), 63, 64, 65];
      for (const extra of [-1, 0, 1, 21]) {
        sizes.push(CHUNK_SIZE + extra, 3 * CHUNK_SIZE + extra);
      }
      sizes.forEach((size, i) => {
        const rate = RATES[i % RATES.length]!, key = KEYS[i % KEYS.length]!;
        const scale = Math.fround(1 / (1 - rate));
        const expected = (values: ArrayLike<number>) =>
          Float32Array.from(
            values,
            (v, i) => staysInDropout(i, rate, key) ? v * scale : 0,
          );
        tf.tidy(() => {
          const x = seededTensor([size], i), dy = seededTensor([size], i + 1);
          const what = `size ${size}, rate ${rate}, key ${key}`;
          const y = dropout(x, rate, key);
          assertSameValues(y.dataSync(), expected(x.dataSync()), `y, ${what}`);
          const dx = tf.grad((x) => dropout(x, rate, key))(x, dy);
          assertSameValues(
            dx.dataSync(),
            expected(dy.dataSync()),
            `dx, ${what}`,
          );
        });
      });
    });
  });
}

Deno.test("dropout() keeps shapes, and indices run through all axes", async () => {
  await withBackend({ threads: 1 }, () => {
    const flat = dropout(tf.ones([120]), 0.5, 3);
    for (const shape of [[], [6], [5, 0], [2, 3, 4, 5]]) {
      const y = dropout(tf.ones(shape), 0.5, 3);
      assert.deepEqual(y.shape, shape);
      assert.equal(y.dtype, "float32");
      const expected = flat.dataSync().subarray(0, y.size);
      assertSameValues(y.dataSync(), expected, `[${shape}]`);
    }
  });
});

Deno.test("dropout() with rate 0 is the identity", async () => {
  await withBackend({ threads: 1 }, () => {
    for (const key of KEYS) {
      const x = seededTensor([1_001], 1);
      assertSameValues(dropout(x, 0, key).dataSync(), x.dataSync(), `${key}`);
    }
  });
});

Deno.test("dropout() drops its rate of the elements, and a rate next to 1 almost all", async () => {
  await withBackend({ threads: 1 }, () => {
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
  });
});

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

Deno.test("dropout()'s neighbouring elements and keys are uncorrelated", async () => {
  await withBackend({ threads: 1 }, () => {
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
  });
});

Deno.test("dropout() has another mask for each key that a generator draws", async () => {
  await withBackend({ threads: 1 }, () => {
    const random = createRandom(1);
    const masks = Array.from(
      { length: 50 },
      () => mask(256, 0.5, random.uniformInt(2 ** 32)).join(""),
    );
    assert.equal(new Set(masks).size, masks.length);
  });
});

Deno.test("dropout()'s gradient has the forward pass's mask", async () => {
  await withBackend({ threads: 2 }, () => {
    const x = tf.ones([20_000]);
    const { value, grad } = tf.valueAndGrad((x) => dropout(x, 0.3, 9))(x);
    assertSameValues(
      grad.dataSync(),
      value.dataSync(),
      "dx = y for x = dy = 1",
    );
  });
});

Deno.test("dropout() and its gradient are the same bits at 1, 2, 3 and 8 threads", async () => {
  await assertSameAtThreads(() => {
    const x = seededTensor([5 * CHUNK_SIZE + 3], 1);
    const dy = seededTensor([5 * CHUNK_SIZE + 3], 2);
    return [
      dropout(x, 0.4, 11),
      tf.grad((x) => dropout(x, 0.4, 11))(x, dy),
    ];
  });
});

Deno.test("dropout() passes on what is no finite number, and drops it too", async () => {
  await withBackend({ threads: 1 }, () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const y = dropout(tf.fill([101], value), 0.5, 5).dataSync();
      const expected = mask(101, 0.5, 5).map((kept) => kept ? value : 0);
      assertSameValues(y, expected, `${value}`);
    }
  });
});

Deno.test("dropout() writes nothing outside of its output", async () => {
  await withBackend({ threads: 2 }, () => {
    let neighboured = 0;
    for (const size of [1, 3, 4, 7, 64, 1_001]) {
      const x = tf.ones([size]);
      if (assertInBounds([size], () => dropout(x, 0.5, 1))) neighboured++;
      x.dispose();
    }
    assert.ok(neighboured > 0);
  });
});

Deno.test("dropout() refuses other dtypes, rates and keys, and disposed tensors", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.ones([3]);
    assert.throws(() => dropout(tf.ones([3], "int32"), 0.5, 1), {
      name: "TypeError",
      message: "Cannot compute dropout: x must be float32: got int32",
    });
    for (const rate of [-0.1, 1, 1.5, NaN]) {
      assert.throws(() => dropout(x, rate, 1), {
        name: "RangeError",
        message: `Cannot compute dropout: rate must be in [0, 1): got ${rate}`,
      });
    }
    for (const key of [-1, 2 ** 32, 0.5, NaN]) {
      assert.throws(() => dropout(x, 0.5, key), {
        name: "RangeError",
        message:
          `Cannot compute dropout: key must be an integer from 0 to 4294967295: got ${key}`,
      });
    }
    x.dispose();
    assert.throws(() => dropout(x, 0.5, 1), /disposed/);
  });
});

Deno.test("dropout() needs a backend that runs", async () => {
  let x!: tf.Tensor;
  await withBackend({ threads: 1 }, () => void (x = tf.scalar(1)));
  assert.throws(() => dropout(x, 0.5, 1), {
    message: "Cannot compute dropout: startBackend() must have been called",
  });
});
