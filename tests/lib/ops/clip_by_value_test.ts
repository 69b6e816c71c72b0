import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { assertSameValues } from "../../assert_same_values.ts";
import { withBackend } from "../../with_backend.ts";
import { assertInBounds } from "./fixtures/assert_in_bounds.ts";
import { assertSameAtThreads } from "./fixtures/assert_same_at_threads.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

/** As lib/ops/clip_by_value.ts cuts it. */
const CHUNK_SIZE = 16_384;

const BOUNDS = [[-0.5, 0.25], [0, 1], [-Infinity, 0], [0.125, Infinity]];

for (const simd of ["relaxed", "simd128"] as const) {
  Deno.test(`tf.clipByValue() clips at every tail and around the chunk (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      const sizes = [...Array(10).keys(), CHUNK_SIZE - 1, 3 * CHUNK_SIZE + 5];
      for (const size of sizes) {
        for (const [low, high] of BOUNDS as [number, number][]) {
          tf.tidy(() => {
            const x = seededTensor([size], size);
            const y = tf.clipByValue(x, low, high);
            const expected = x.dataSync().map((v) =>
              v < low ? low : v > high ? high : v
            );
            assertSameValues(y.dataSync(), expected, `${size}, ${low}…${high}`);
          });
        }
      }
    });
  });

  Deno.test(`tf.clipByValue() keeps NaN and −0, and clips infinities (${simd})`, async () => {
    await withBackend({ threads: 1, simd }, () => {
      const values = [NaN, -0, Infinity, -Infinity, 1];
      // In a vector block and in the tail.
      for (const x of [values, [...values, ...values], [NaN]]) {
        const y = tf.clipByValue(tf.tensor1d(x), 0, 0.5);
        const clipped = x.map((v) => v < 0 ? 0 : v > 0.5 ? 0.5 : v);
        assertSameValues(y.dataSync(), clipped, `${x}`);
      }
    });
  });
}

Deno.test("tf.clipByValue() clips integers as integers", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor1d([-9, -2, 3, 7, 2 ** 31 - 1], "int32");
    const clip = (x: tf.Tensor, low: number, high: number) => {
      const y = tf.clipByValue(x, low, high);
      assert.equal(y.dtype, x.dtype);
      return [...y.dataSync()];
    };
    assert.deepEqual(clip(x, -2, 6), [-2, -2, 3, 6, 6]);
    assert.deepEqual(clip(x, -2.5, 6.5), [-2, -2, 3, 6, 6]);
    assert.deepEqual(clip(x, -Infinity, 3), [-9, -2, 3, 3, 3]);
    const bools = tf.tensor1d([1, 0, 1], "bool");
    assert.deepEqual(clip(bools, 0, 0.5), [0, 0, 0]);
    assert.deepEqual(clip(bools, 0, 1), [1, 0, 1]);
  });
});

Deno.test("the gradient of tf.clipByValue() is dy within the bounds", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor1d([-2, -1, 0, 1, 2]);
    const dy = tf.tensor1d([1, 2, 3, 4, 5]);
    const dx = tf.grad((x) => tf.clipByValue(x, -1, 1))(x, dy);
    assertSameValues(dx.dataSync(), [0, 2, 3, 4, 0], "dx");
  });
});

Deno.test("tf.clipByValue() has the same bits at any number of threads", async () => {
  await assertSameAtThreads(() => {
    const x = seededTensor([5 * CHUNK_SIZE + 3], 1);
    return [tf.clipByValue(x, -0.5, 0.25)];
  });
});

Deno.test("tf.clipByValue() writes nothing outside of its output", async () => {
  await withBackend({ threads: 2 }, () => {
    let neighboured = 0;
    for (const size of [1_001, 2 * CHUNK_SIZE + 3]) {
      const x = seededTensor([size], 1);
      const clip = () => tf.clipByValue(x, -0.5, 0.25);
      if (assertInBounds([size], clip)) neighboured++;
      x.dispose();
    }
    assert.ok(neighboured > 0);
  });
});
