import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { dropoutLayer } from "../../../lib/models/layers.ts";
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
