import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import onnxProto, { type onnx } from "onnx-proto";
import { createRandom } from "../../../lib/base/random.ts";
import { dense, flatten } from "../../../lib/models/layers.ts";
import { exportOnnx } from "../../../lib/onnx/export_onnx.ts";
import { createOnnxClassifier } from "../../../lib/onnx/onnx_classifier.ts";
import { withBackend } from "../../with_backend.ts";

const { ModelProto } = onnxProto.onnx;

/** A net of 2×2 gray images whose logits are sums of pixels. */
const BYTES = await withBackend({ threads: 1 }, () => {
  const size = { inFeatures: 4, outFeatures: 2 };
  const layer = dense("fc1", size, createRandom(0));
  const [weights, bias] = layer.variables;
  weights!.assign(tf.tensor2d([[1, 0], [1, 0], [0, 1], [0, 1]]));
  bias!.assign(tf.tensor1d([0.5, 0]));
  const bytes = exportOnnx([flatten(), layer], {
    name: "sums",
    height: 2,
    width: 2,
    channels: 1,
    classNames: ["upper", "lower"],
  });
  tf.disposeVariables();
  return bytes;
});

/** The file with something else in it, and no digest. */
function altered(change: (model: onnx.ModelProto) => void): Uint8Array {
  const model = ModelProto.decode(BYTES);
  model.metadataProps = model.metadataProps.filter(({ key }) =>
    key !== "graph_sha256"
  );
  change(model);
  return new Uint8Array(ModelProto.encode(model).finish());
}

async function messageOf(bytes: Uint8Array): Promise<string | null> {
  try {
    const model = await createOnnxClassifier(bytes, "a.onnx");
    await model.close();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("createOnnxClassifier() gives shape, class names and the logits of pixels / 255", async () => {
  const model = await createOnnxClassifier(BYTES, "a.onnx");
  const { height, width, channels, numClasses, classNames } = model;
  assert.deepEqual([height, width, channels, numClasses], [2, 2, 1, 2]);
  assert.deepEqual(classNames, ["upper", "lower"]);
  const logits = await model.logits(new Uint8Array([255, 51, 0, 51]));
  assert.deepEqual([...logits], [
    Math.fround(0.5 + Math.fround(1 + Math.fround(0.2))),
    Math.fround(0.2),
  ]);
  await assert.rejects(model.logits(new Uint8Array(6)), {
    name: "RangeError",
    message:
      "Cannot run the model: images must be of [2,2,1] pixels: got 6 in all",
  });
  await model.close();
});

Deno.test("createOnnxClassifier() runs any number of images, in batches", async () => {
  const model = await createOnnxClassifier(BYTES, "a.onnx");
  for (const count of [0, 1, 100, 250]) {
    const images = Uint8Array.from(
      { length: 4 * count },
      (_, i) => i % 4 === 2 ? i >> 2 : 0,
    );
    const logits = await model.logits(images);
    assert.deepEqual(
      [...logits],
      Array.from({ length: count }, (_, i) => [0.5, Math.fround(i / 255)])
        .flat(),
    );
  }
  await model.close();
});

Deno.test("createOnnxClassifier() sees every cut and every altered bit of a graph", async () => {
  const oneLine = /^Cannot load model a\.onnx: \S.*$/;
  const { graph } = ModelProto.decode(BYTES);
  const graphBytes = onnxProto.onnx.GraphProto.encode(graph!).finish();
  const start = BYTES.findIndex((_, i) =>
    graphBytes.every((byte, k) => byte === BYTES[i + k])
  );
  const end = start + graphBytes.length;
  assert.ok(start > 0 && end < BYTES.length, "the graph is not found");
  for (let length = 0; length < end; length++) {
    const message = await messageOf(BYTES.slice(0, length));
    assert.match(message ?? "none", oneLine, `cut at ${length}`);
  }
  for (let at = 0; at < BYTES.length; at++) {
    const bytes = BYTES.slice();
    bytes[at]! ^= 1 << (at % 8);
    const message = await messageOf(bytes);
    // Elsewhere it may be a letter of a text.
    if (message === null && (at < start || at >= end)) continue;
    assert.match(message ?? "none", oneLine, `byte ${at}`);
  }
  const weight = BYTES.slice();
  const at = weight.findLastIndex((byte, i) => byte === 0x3f && i < end);
  weight[at]! ^= 1; // 0.5 of the bias
  assert.equal(
    await messageOf(weight),
    "Cannot load model a.onnx: its graph must match the SHA-256 in its metadata: got an altered or damaged one",
  );
  assert.equal(
    await messageOf(new TextEncoder().encode("no ONNX file")),
    "Cannot load model a.onnx: it must be an ONNX model: got other or damaged content",
  );
});

Deno.test("createOnnxClassifier() refuses what it does not run, and says what it got", async () => {
  const dims = (model: onnx.ModelProto, which: "input" | "output") =>
    model.graph![which]![0]!.type!.tensorType!.shape!.dim!;
  const cases: [string, (model: onnx.ModelProto) => void][] = [
    [
      "its input must be float32 [batch, height, width, 1 or 3], for any batch or 1: got float32 [batch, 1, 2, 2]",
      (model) => dims(model, "input").splice(1, 0, dims(model, "input").pop()!),
    ],
    [
      "its input must be float32 [batch, height, width, 1 or 3], for any batch or 1: got float32 [3, 2, 2, 1]",
      (model) => dims(model, "input")[0] = { dimValue: 3 },
    ],
    [
      "its input must be float32 [batch, height, width, 1 or 3], for any batch or 1: got float32 [batch, 4]",
      (model) => dims(model, "input").splice(1, 3, { dimValue: 4 }),
    ],
    [
      "its input must be float32 [batch, height, width, 1 or 3], for any batch or 1: got float32 [batch, height, 2, 1]",
      (model) => dims(model, "input")[1] = { dimParam: "height" },
    ],
    [
      "its input must be float32 [batch, height, width, 1 or 3], for any batch or 1: got float32 [?, 2, ?, 1]",
      (model) => {
        dims(model, "input")[0] = {};
        dims(model, "input")[2] = {};
      },
    ],
    [
      "its output must be float32 [batch, numClasses], for the input's batch: got float32 [1, 2]",
      (model) => dims(model, "output")[0] = { dimValue: 1 },
    ],
    [
      "its output must be float32 [batch, numClasses], for the input's batch: got float32 [2, 2]",
      (model) => {
        dims(model, "output")[0] = { dimValue: 2 };
      },
    ],
    [
      "its input must be float32 [batch, height, width, 1 or 3], for any batch or 1: got float64 [batch, 2, 2, 1]",
      (model) => {
        const { node, input, output } = model.graph!;
        for (const { type } of [...input!, ...output!]) {
          type!.tensorType!.elemType = 11; // double
        }
        node!.pop();
        node![0]!.output = ["logits"];
        dims(model, "output")[1] = { dimValue: 4 };
      },
    ],
    [
      "its output must be float32 [batch, numClasses], for the input's batch: got float32 [batch, 2] and float32 [batch, 4]",
      (model) => {
        const { output } = model.graph!;
        const dim = [{ dimParam: "batch" }, { dimValue: 4 }];
        const tensorType = { elemType: 1, shape: { dim } };
        output!.push({ name: "flatten", type: { tensorType } });
      },
    ],
    [
      "it must be an ONNX model: got other or damaged content",
      (model) => model.graph!.node = [],
    ],
    [
      "its class_names must be 2: got 1",
      (model) => model.metadataProps[0]!.value = '["upper"]',
    ],
    [
      'its class_names must be a JSON list of texts: got {"a":1}',
      (model) => model.metadataProps[0]!.value = '{"a":1}',
    ],
    [
      "its class_names must be a JSON list of texts: got [",
      (model) => model.metadataProps[0]!.value = "[",
    ],
    [
      "its pixel_scale must be pixel / 255: got pixel / 127.5 − 1",
      (model) => model.metadataProps[1]!.value = "pixel / 127.5 − 1",
    ],
  ];
  for (const [reason, change] of cases) {
    assert.equal(
      await messageOf(altered(change)),
      `Cannot load model a.onnx: ${reason}`,
    );
  }
  const foreign = altered((model) => model.graph!.node![1]!.opType = "Gremm");
  assert.match(
    (await messageOf(foreign))!,
    /^Cannot load model a\.onnx: .*Gremm.*$/,
  );
});

Deno.test("createOnnxClassifier() says what onnxruntime refuses, and not where in its source", async () => {
  const newer = altered((model) => model.opsetImport[0]!.version = 99);
  assert.match(
    (await messageOf(newer))!,
    /^Cannot load model a\.onnx: ONNX Runtime only .*Opset 99 .*$/,
  );
  const wide = altered((model) => { // two images' pixels in a row
    const { node, initializer } = model.graph!;
    const [weights] = initializer!;
    const { rawData } = weights!;
    weights!.dims = [8, 2];
    weights!.rawData = new Uint8Array([...rawData!, ...rawData!]);
    const sizes = new Uint8Array(new BigInt64Array([-1n, 8n]).buffer);
    initializer!.push({ name: "row", dims: [2], dataType: 7, rawData: sizes });
    Object.assign(node![0]!, { opType: "Reshape", attribute: [] });
    node![0]!.input!.push("row");
  });
  const model = await createOnnxClassifier(wide, "a.onnx");
  await assert.rejects(model.logits(new Uint8Array(4)), {
    message: /^Cannot run the model: [^/]* cannot be reshaped [^/]*$/,
  });
  await model.close();
});

Deno.test("createOnnxClassifier() refuses logits of more rows than images", async () => {
  const bytes = altered((model) => {
    const [weights] = model.graph!.initializer!;
    model.graph!.node![0]!.attribute![0]!.i = 2; // one row per row of pixels
    weights!.dims = [2, 2];
    weights!.rawData = weights!.rawData!.slice(0, 16);
  });
  const model = await createOnnxClassifier(bytes, "a.onnx");
  await assert.rejects(model.logits(new Uint8Array(12)), {
    message: "Cannot run the model: logits must be [3,2]: got [6,2]",
  });
  await model.close();
});

Deno.test("createOnnxClassifier() takes a file without metadata", async () => {
  const bytes = altered((model) => model.metadataProps = []);
  const model = await createOnnxClassifier(bytes, "a.onnx");
  assert.equal(model.classNames, null);
  assert.deepEqual([...await model.logits(new Uint8Array(4))], [0.5, 0]);
  await model.close();
});

Deno.test("createOnnxClassifier() runs a batch without a name, and a batch of 1 image by image", async () => {
  const dims = [{}, { dimParam: "" }, { dimParam: "N" }, { dimValue: 1 }];
  const images = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
  const whole = await createOnnxClassifier(BYTES, "a.onnx");
  const expected = await whole.logits(images);
  for (const batch of dims) {
    for (const rows of [...dims.slice(0, 3), batch]) {
      const bytes = altered(({ graph }) => {
        const firstOf = ({ type }: onnx.IValueInfoProto) =>
          type!.tensorType!.shape!.dim!;
        firstOf(graph!.input![0]!)[0] = batch;
        firstOf(graph!.output![0]!)[0] = rows;
      });
      const model = await createOnnxClassifier(bytes, "a.onnx");
      assert.deepEqual(await model.logits(images), expected);
      await model.close();
    }
  }
  await whole.close();
});
