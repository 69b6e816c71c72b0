import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import {
  batchNorm,
  conv2d,
  dense,
  dropoutLayer,
  maxPool,
} from "../../../lib/models/layers.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { withVariables } from "../../with_backend.ts";

Deno.test("dropoutLayer drops while training alone, and draws from its generator alone", async () => {
  await withVariables({ threads: 2 }, () => {
    const x = tf.ones([40, 50]), random = createRandom(3);
    const layer = dropoutLayer(0.25, random);
    const before = random.state();
    assertSameValues(layer.apply(x, false).dataSync(), x.dataSync(), "at rest");
    assert.deepEqual(random.state(), before);
    const values = layer.apply(x, true).dataSync<"float32">();
    const kept = values.filter((value) => value !== 0);
    const scaled = Math.fround(1 / 0.75);
    assert.ok(kept.every((value) => value === scaled), `${kept[0]}`);
    // 1,500 of 2,000 are expected to be kept, with a deviation of 19.4
    assert.ok(Math.abs(kept.length - 1_500) < 100, `${kept.length}`);
    assert.notDeepEqual(layer.apply(x, true).dataSync(), values);
    const again = dropoutLayer(0.25, createRandom(3));
    assertSameValues(again.apply(x, true).dataSync(), values, "of one seed");
  });
});

Deno.test("layers refuse sizes and rates when they are made", () => {
  const random = createRandom(0);
  const conv = { inChannels: 1, outChannels: 2, filterSize: 3 };
  const cases: [make: () => unknown, message: string][] = [
    [
      () => dense("fc", { inFeatures: 0, outFeatures: 3 }, random),
      "make dense layer fc: inFeatures must be an integer from 1: got 0",
    ],
    [
      () => dense("fc", { inFeatures: 3, outFeatures: 1.5 }, random),
      "make dense layer fc: outFeatures must be an integer from 1: got 1.5",
    ],
    [
      () => conv2d("c", { ...conv, filterSize: NaN }, random),
      "make conv2d layer c: filterSize must be an integer from 1: got NaN",
    ],
    [
      () => conv2d("c", { ...conv, pad: -1 }, random),
      "make conv2d layer c: pad must be an integer from 0: got -1",
    ],
    [
      () => batchNorm("b", { channels: 0 }),
      "make batch normalization b: channels must be an integer from 1: got 0",
    ],
    [
      () => maxPool(0),
      "make max pooling: size must be an integer from 1: got 0",
    ],
    [
      () => dropoutLayer(1, random),
      "make dropout: rate must be in [0, 1): got 1",
    ],
  ];
  for (const [make, message] of cases) {
    assert.throws(make, new RangeError(`Cannot ${message}`));
  }
});
