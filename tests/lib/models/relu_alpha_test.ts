import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { ReluAlpha } from "../../../lib/models/relu_alpha.ts";
import { assertAllClose } from "../../assert_all_close.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { withBackend } from "../../with_backend.ts";

const inputs = () => tf.tensor2d([[-2, 3, 0], [-4, -1, 8]]);

async function withLayers(body: () => void | Promise<void>) {
  await withBackend({ threads: 2 }, async () => {
    try {
      await body();
    } finally {
      tf.disposeVariables();
    }
  });
}

Deno.test("ReluAlpha applies one α, 0.5 by default", async () => {
  await withLayers(() => {
    for (
      const [alphaInit, slope] of [[undefined, 0.5], [0.25, 0.75], [2, -1]]
    ) {
      const layer = new ReluAlpha({ alphaInit });
      assertAllClose(layer.apply(inputs()) as tf.Tensor, {
        dtype: "float32",
        shape: [2, 3],
        values: [-2 * slope!, 3, 0, -4 * slope!, -1 * slope!, 8],
      }, { rtol: 0, atol: 0 });
      assert.deepEqual(layer.trainableWeights.map(({ shape }) => shape), [[]]);
      assert.deepEqual(layer.computeOutputShape([null, 3]), [null, 3]);
    }
  });
});

Deno.test("ReluAlpha with perChannel has an α for each number of the last axis", async () => {
  await withLayers(() => {
    const layer = new ReluAlpha({ perChannel: true });
    layer.build([null, 3]);
    layer.setWeights([tf.tensor1d([0, 1, 2])]);
    assertAllClose(layer.apply(inputs()) as tf.Tensor, {
      dtype: "float32",
      shape: [2, 3],
      values: [-2, 3, 0, -4, 0, 8],
    }, { rtol: 0, atol: 0 });
  });
});

Deno.test("ReluAlpha refuses an α that is not finite", () => {
  for (const alphaInit of [NaN, Infinity]) {
    assert.throws(() => new ReluAlpha({ alphaInit }), {
      name: "RangeError",
      message:
        `Cannot create ReluAlpha: alphaInit must be finite: got ${alphaInit}`,
    });
  }
});

/** A net with one α and one α a channel; its weights come from seeds. */
function makeModel() {
  const init = (seed: number) => tf.initializers.glorotUniform({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [3],
        units: 4,
        kernelInitializer: init(1),
      }),
      new ReluAlpha({ alphaInit: 0.25, name: "one" }),
      tf.layers.dense({ units: 5, kernelInitializer: init(2) }),
      new ReluAlpha({ perChannel: true, name: "each" }),
      tf.layers.dense({ units: 1, kernelInitializer: init(3) }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });
  return model;
}

/** Names end in numbers that count up in a process. */
const alphas = (model: tf.LayersModel) =>
  model.layers.filter((layer) => layer instanceof ReluAlpha)
    .map((layer) => layer.getWeights()[0]!.dataSync());

/** |x₁| + x₂ − x₃ on a grid: an absolute value is ReLU_α with α = 2. */
function data() {
  const rows: number[][] = [];
  for (const a of [-1, -0.4, 0.3, 0.9]) {
    for (const b of [-0.7, 0.5]) {
      for (const c of [-0.6, 0.8]) rows.push([a, b, c]);
    }
  }
  const values = rows.map(([a, b, c]) => [Math.abs(a!) + b! - c!]);
  return { x: tf.tensor2d(rows), y: tf.tensor2d(values) };
}

Deno.test("a tf.layers model with ReluAlpha trains, α included, and is the same after it was saved and loaded", async () => {
  await withLayers(async () => {
    const model = makeModel();
    const { x, y } = data();
    const { history } = await model.fit(x, y, {
      epochs: 200,
      batchSize: 16,
      shuffle: false,
      verbose: 0,
    });
    const losses = history.loss as number[];
    assert.ok(losses[0]! > 0.5, `${losses[0]}`);
    assert.ok(losses.at(-1)! < 0.02, `${losses.at(-1)}`);
    const [one, each] = alphas(model);
    assert.ok(Math.abs(one![0]! - 0.25) > 0.02, `${one}`);
    assert.equal(each!.length, 5);
    assert.ok(each!.every((alpha) => alpha !== 0.5), `${each}`);

    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      const modelArtifactsInfo = {
        dateSaved: new Date(0),
        modelTopologyType: "JSON" as const,
      };
      return Promise.resolve({ modelArtifactsInfo });
    }));
    // What a file would keep of it.
    const { modelTopology, weightSpecs, weightData } = structuredClone({
      ...saved!,
      modelTopology: JSON.parse(JSON.stringify(saved!.modelTopology)),
    });
    const expected = (model.predict(x) as tf.Tensor).dataSync();
    model.dispose();

    const loaded = await tf.loadLayersModel(
      tf.io.fromMemory({ modelTopology, weightSpecs, weightData }),
    );
    const [oneLoaded, eachLoaded] = alphas(loaded);
    assertSameValues(oneLoaded!, one!, "α");
    assertSameValues(eachLoaded!, each!, "α a channel");
    assert.deepEqual(
      loaded.layers.filter((layer) => layer instanceof ReluAlpha).map((layer) =>
        layer.name
      ),
      ["one", "each"],
    );
    const outputs = (loaded.predict(x) as tf.Tensor).dataSync();
    assertSameValues(outputs, expected, "outputs");
    // A loaded model trains on.
    loaded.compile({
      optimizer: tf.train.adam(0.05),
      loss: "meanSquaredError",
    });
    await loaded.fit(x, y, { epochs: 1, verbose: 0, shuffle: false });
    assert.notDeepEqual(alphas(loaded)[0], oneLoaded);
  });
});

Deno.test("ReluAlpha's configuration makes the same layer", async () => {
  await withLayers(() => {
    const layer = new ReluAlpha({
      alphaInit: 1.5,
      perChannel: true,
      name: "a",
    });
    const config = layer.getConfig();
    const again = tf.serialization.SerializationMap.getMap().classNameMap
      .ReluAlpha![1](ReluAlpha, config) as ReluAlpha;
    assert.deepEqual(again.getConfig(), config);
    assert.equal(config.alphaInit, 1.5);
    assert.equal(config.perChannel, true);
  });
});
