import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import onnxProto, { type onnx } from "onnx-proto";
import { createRandom } from "../../../lib/base/random.ts";
import type { Activation } from "../../../lib/ops/bias_activation.ts";
import { pixelTensor } from "../../../lib/ops/pixel_tensor.ts";
import { createFashionNet } from "../../../lib/reports/1_linearization/fashion_net.ts";
import {
  activation,
  batchNorm,
  conv2d,
  dense,
  dropoutLayer,
  flatten,
  type Layer,
  maxPool,
  sequential,
} from "../../../lib/models/layers.ts";
import { exportOnnx } from "../../../lib/onnx/export_onnx.ts";
import { createOnnxClassifier } from "../../../lib/onnx/onnx_classifier.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import { withVariables } from "../../with_backend.ts";

const SHAPE = { height: 6, width: 5, channels: 3 };
const CLASSES = ["cat", "dog", "Füchsin"];
const OPTIONS = { ...SHAPE, name: "test", classNames: CLASSES };

function reluAlpha(alpha: number): Activation {
  return { kind: "relu-alpha", alpha: tf.scalar(alpha) };
}

/** A last layer for what comes in. */
function head(inFeatures: number): Layer[] {
  const size = { inFeatures, outFeatures: CLASSES.length };
  return [flatten(), dense("last", size, createRandom(9))];
}

/** Batch norm whose statistics are no zeros and ones. */
function movedBatchNorm(channels: number): Layer {
  const layer = batchNorm("norm", { channels });
  const random = createRandom(5);
  for (const variable of [...layer.variables, ...layer.buffers!]) {
    const values = new Float32Array(channels);
    random.fillUniform(values, 0.5, 2);
    variable.assign(tf.tensor1d(values));
  }
  return layer;
}

const conv = (options: object, f?: Activation) =>
  conv2d("conv", {
    inChannels: 3,
    outChannels: 4,
    filterSize: 3,
    activation: f,
    ...options,
  }, createRandom(3));

/** A net for each kind of layer, and for each place where axes are moved. */
const NETS: Record<string, () => Layer[]> = {
  "dense, straight from the pixels": () => head(90),
  "dense with ReLU and ReLU_α": () => [
    flatten(),
    dense("fc1", {
      inFeatures: 90,
      outFeatures: 8,
      activation: { kind: "relu" },
    }, createRandom(1)),
    dense("fc2", {
      inFeatures: 8,
      outFeatures: 8,
      activation: reluAlpha(0.75),
    }, createRandom(2)),
    ...head(8),
  ],
  "conv2d": () => [conv({}), ...head(48)],
  "conv2d with pad, stride and ReLU": () => [
    conv({ pad: 2, stride: 2 }, { kind: "relu" }),
    ...head(4 * 4 * 4),
  ],
  "conv2d with ReLU_α above 1": () => [conv({}, reluAlpha(1.5)), ...head(48)],
  "batch norm": () => [movedBatchNorm(3), ...head(90)],
  "batch norm of rows": () => [
    flatten(),
    movedBatchNorm(90),
    dropoutLayer(0.5, createRandom(1)),
    ...head(90),
  ],
  "activations on their own, before and behind moved axes": () => [
    activation(reluAlpha(0.25)),
    activation({ kind: "linear" }),
    conv({}),
    activation(reluAlpha(-1)),
    activation({ kind: "relu" }),
    ...head(48),
  ],
  "max pool of odd sizes, dropout": () => [
    maxPool(2),
    dropoutLayer(0.5, createRandom(1)),
    ...head(18),
  ],
  "report 4's ConvNet, smaller": () => [
    conv({ filterSize: 2 }, { kind: "relu" }), // [batch, 5, 4, 4]
    conv2d("conv2", {
      inChannels: 4,
      outChannels: 6,
      filterSize: 2,
      activation: { kind: "relu" },
    }, createRandom(4)), // [batch, 4, 3, 6]
    maxPool(2),
    dropoutLayer(0.25, createRandom(1)),
    flatten(),
    dense("fc1", {
      inFeatures: 12,
      outFeatures: 9,
      activation: { kind: "relu" },
    }, createRandom(5)),
    dropoutLayer(0.5, createRandom(1)),
    ...head(9),
  ],
  "everything, nested": () => [
    sequential([conv({ pad: 1 }), sequential([movedBatchNorm(4)])]),
    sequential([
      activation(reluAlpha(0.5)),
      maxPool(2),
      conv2d("conv2", {
        inChannels: 4,
        outChannels: 2,
        filterSize: 2,
      }, createRandom(4)),
    ]),
    ...head(4),
  ],
};

for (const [name, layersOf] of Object.entries(NETS)) {
  Deno.test(`exportOnnx() gives the logits of TF.js within 1e-5: ${name}`, async () => {
    await withVariables({ threads: 1 }, async () => {
      const layers = layersOf();
      const model = await createOnnxClassifier(
        exportOnnx(layers, OPTIONS),
        "test.onnx",
      );
      const random = createRandom(11);
      for (const batch of [1, 7]) {
        const pixels = Uint8Array.from(
          { length: batch * 90 },
          () => random.uniformInt(256),
        );
        const x = pixelTensor(pixels, [batch, 6, 5, 3]);
        const expected = sequential(layers).apply(x, false).dataSync();
        const actual = await model.logits(pixels);
        assert.equal(actual.length, batch * 3);
        assertValuesClose(actual, expected, { rtol: 0, atol: 1e-5 });
      }
      await model.close();
    });
  });
}

/** A file's graph, with what is in its constants. */
function graphOf(bytes: Uint8Array) {
  const model = onnxProto.onnx.ModelProto.decode(bytes);
  const graph = model.graph as onnx.GraphProto;
  const constants = Object.fromEntries(
    graph.initializer.map(({ name, rawData }) =>
      [name!, new Float32Array(new Uint8Array(rawData!).buffer)] as const
    ),
  );
  return { model, graph, constants };
}

const fashionNet = (architecture: "plain" | "batch-norm-pool") =>
  createFashionNet(
    {
      architecture,
      activation: "relu-alpha",
      lambda: 0.5,
      penalty: "l1",
      clampAlpha: false,
      alphaInit: 0.3,
      learningRate: 0.001,
    },
    { height: 28, width: 28, channels: 1, numClasses: 10 },
    createRandom(0),
  );

const FASHION = {
  height: 28,
  width: 28,
  channels: 1,
  classNames: Array.from("0123456789"),
};

Deno.test("exportOnnx() writes report 1's net under readable names, for any batch, in operator set 13", async () => {
  await withVariables({ threads: 1 }, () => {
    const net = fashionNet("plain");
    const bytes = exportOnnx(net.layers, { ...FASHION, name: "relu-alpha" });
    const { model, graph } = graphOf(bytes);
    assert.equal(Number(model.irVersion), 7);
    assert.deepEqual(
      model.opsetImport.map(({ domain, version }) => [domain, Number(version)]),
      [["", 13]],
    );
    assert.equal(model.producerName, "alphalab");
    assert.equal(graph.name, "relu-alpha");
    assert.deepEqual(
      graph.node.map(({ name, opType }) => `${name} ${opType}`),
      [
        "channels_first Transpose",
        "conv1 Conv",
        "conv1_relu_alpha PRelu",
        "conv2 Conv",
        "conv2_relu_alpha PRelu",
        "conv3 Conv",
        "conv3_relu_alpha PRelu",
        "channels_last Transpose",
        "flatten Flatten",
        "fc1 Gemm",
      ],
    );
    assert.deepEqual(
      graph.initializer.map(({ name, dims }) => [name, dims!.map(Number)]),
      [
        ["conv1_filter", [8, 1, 5, 5]],
        ["conv1_bias", [8]],
        ["conv1_slope", [1]],
        ["conv2_filter", [16, 8, 5, 5]],
        ["conv2_bias", [16]],
        ["conv2_slope", [1]],
        ["conv3_filter", [32, 16, 3, 3]],
        ["conv3_bias", [32]],
        ["conv3_slope", [1]],
        ["fc1_weights", [25_088, 10]],
        ["fc1_bias", [10]],
      ],
    );
    const shapes = [...graph.input, ...graph.output].map(({ name, type }) => [
      name,
      ...type!.tensorType!.shape!.dim!.map(({ dimParam, dimValue }) =>
        dimParam || Number(dimValue)
      ),
    ]);
    assert.deepEqual(shapes, [
      ["images", "batch", 28, 28, 1],
      ["logits", "batch", 10],
    ]);
    assert.deepEqual(
      exportOnnx(net.layers, { ...FASHION, name: "relu-alpha" }),
      bytes,
    );
  });
});

Deno.test("exportOnnx() writes ReLU_α as PRelu with slope 1 − α, in float32", async () => {
  await withVariables({ threads: 1 }, () => {
    for (const alpha of [-1, 0, 0.1, 0.5, 1, 1.7, 2]) {
      const layers = [conv({}, reluAlpha(alpha)), ...head(48)];
      const { graph, constants } = graphOf(exportOnnx(layers, OPTIONS));
      tf.disposeVariables();
      const { input } = graph.node.find(({ opType }) => opType === "PRelu")!;
      assert.deepEqual(input, ["conv", "conv_slope"]);
      assert.deepEqual([...constants.conv_slope!], [
        Math.fround(1 - Math.fround(alpha)),
      ]);
    }
  });
});

Deno.test("exportOnnx() turns filters to [out, in, height, width] and leaves dense weights as they are", async () => {
  await withVariables({ threads: 1 }, () => {
    const layers = [conv({}), ...head(48)];
    const { constants } = graphOf(exportOnnx(layers, OPTIONS));
    const filter = layers[0]!.variables[0]!.dataSync(); // [3, 3, 3, 4]
    const at = (out: number, inside: number, y: number, x: number) =>
      constants.conv_filter![((out * 3 + inside) * 3 + y) * 3 + x];
    for (
      const [out, inside, y, x] of [[0, 0, 0, 1], [3, 1, 2, 0], [2, 2, 1, 1]]
    ) {
      const expected = filter[((y! * 3 + x!) * 3 + inside!) * 4 + out!];
      assert.equal(at(out!, inside!, y!, x!), expected);
    }
    assert.deepEqual(
      constants.last_weights,
      layers[2]!.variables[0]!.dataSync(),
    );
  });
});

Deno.test("exportOnnx() gives batch norm the epsilon of its layer", async () => {
  await withVariables({ threads: 1 }, () => {
    const layers = [movedBatchNorm(3), ...head(90)];
    const { graph } = graphOf(exportOnnx(layers, OPTIONS));
    const [{ attribute }] = graph.node
      .filter(({ opType }) => opType === "BatchNormalization") as [
        onnx.INodeProto,
      ];
    // PyTorch's default, as in lib/ops/batch_norm.ts.
    assert.deepEqual(
      attribute!.map(({ name, f }) => [name, f]),
      [["epsilon", Math.fround(1e-5)]],
    );
  });
});

Deno.test("exportOnnx() gives no two things one name", async () => {
  await withVariables({ threads: 1 }, () => {
    const random = createRandom(0);
    const size = { inFeatures: 3, outFeatures: 3 };
    const relu = activation({ kind: "relu" });
    const layers = [
      ...head(90),
      relu,
      activation(reluAlpha(2)),
      relu,
      dense("logits", size, random),
      dense("a/b", size, random),
    ];
    const { graph } = graphOf(exportOnnx(layers, OPTIONS));
    const values = [
      ...graph.initializer.map(({ name }) => name),
      ...graph.node.flatMap(({ output }) => output),
    ];
    assert.equal(new Set(values).size, values.length, `${values}`);
    const names = graph.node.map(({ name }) => name);
    const last = ["last_relu_alpha", "last_relu_2", "logits_2", "a_b"];
    assert.deepEqual(names.slice(-4), last);
  });
});

Deno.test("exportOnnx() refuses layers without a description, and other logits than classes", async () => {
  await withVariables({ threads: 1 }, () => {
    const twice: Layer = { variables: [], apply: (x) => tf.mul(x, 2) };
    const layers = head(90);
    for (
      const [net, place] of [
        [[...layers, twice], `layers[${layers.length}]`],
        [
          [sequential([...layers, twice])],
          `layers[0].layers[${layers.length}]`,
        ],
      ] as const
    ) {
      assert.throws(() => exportOnnx(net, OPTIONS), {
        name: "TypeError",
        message:
          `Cannot export the net: each layer must say what it computes: got no description of ${place}`,
      });
    }
    const fewer = { ...OPTIONS, classNames: ["cat", "dog"] };
    assert.throws(() => exportOnnx(layers, fewer), {
      name: "RangeError",
      message:
        "Cannot export test: the net must give 2 logits, one per class: got [3] per image",
    });
    assert.throws(() => exportOnnx([conv({})], OPTIONS), {
      message: /got \[4,3,4\] per image$/,
    });
  });
});

Deno.test("exportOnnx() leaves no tensor behind", async () => {
  await withVariables({ threads: 1 }, () => {
    const { layers } = fashionNet("batch-norm-pool");
    const before = tf.memory().numTensors;
    exportOnnx(layers, { ...FASHION, name: "net" });
    assert.equal(tf.memory().numTensors, before);
  });
});
