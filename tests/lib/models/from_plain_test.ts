import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { foldNet } from "../../../lib/models/fold_net.ts";
import { layersFromPlain } from "../../../lib/models/from_plain.ts";
import { sequential } from "../../../lib/models/layers.ts";
import { type PlainLayer, plainLayers } from "../../../lib/models/plain_net.ts";
import { forwardPlain } from "../../../lib/models/plain_passes.ts";
import { createOnnxClassifier } from "../../../lib/onnx/onnx_classifier.ts";
import { exportOnnx } from "../../../lib/onnx/export_onnx.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import { withBackend } from "../../with_backend.ts";
import {
  alpha,
  conv,
  full,
  norm,
  reportOne,
  reportTwo,
} from "./fixtures/plain_layers.ts";

const RELU = { kind: "activation", alpha: null } as const;
const FLAT = { kind: "flatten" } as const;

/** Nets, and the height and width of their gray or coloured images. */
const NETS: Record<string, [PlainLayer[], [number, number, 1 | 3]]> = {
  "report 1, α₁ and α₃ 0": [reportOne([0, 0.5, 0]), [28, 28, 1]],
  "report 1, α₁ and α₂ 0": [reportOne([0, 0, 0.5]), [28, 28, 1]],
  "report 2, α₁ and α₂ 0": [reportTwo([0, 0, 0.5]), [28, 28, 1]],
  "an α per channel behind a border": [[
    conv("a", [3, 3, 2], { pad: 1 }),
    conv("b", [3, 2, 3], { pad: 1, seed: 2 }),
    alpha(0.2, 0.5, 1.5),
    FLAT,
    full("c", 5 * 6 * 3, 4, 3),
  ], [5, 6, 3]],
  "strides, batch norm, pooling, an even window": [[
    conv("a", [3, 1, 4], { pad: 2, stride: 2 }),
    norm("n", 4),
    conv("b", [2, 4, 5], { pad: 1 }),
    RELU,
    { kind: "max-pool", size: 2 },
    conv("c", [3, 5, 2], { pad: 1, seed: 4 }),
    alpha(1),
    norm("m", 2),
    RELU,
    FLAT,
    full("d", 5 * 4 * 2, 3, 5),
    alpha(0),
    full("e", 3, 2, 6),
  ], [17, 13, 1]],
  "windows larger than the image": [[
    conv("a", [5, 1, 2], { pad: 2 }),
    conv("b", [5, 2, 2], { pad: 2, seed: 2 }),
    RELU,
    FLAT,
    full("c", 24, 3, 3),
  ], [4, 3, 1]],
};

for (const [name, [layers, sides]] of Object.entries(NETS)) {
  Deno.test(`folded and not, here and in onnxruntime, as in float64: ${name}`, async () => {
    const [height, width, channels] = sides;
    const size = height * width * channels;
    const count = 3;
    const pixels = Uint8Array.from(
      { length: count * size },
      (_, i) => (i * 73 + (i >> 3) * 11) % 256,
    );
    const images = Float32Array.from(pixels, (value) => value / 255);
    const { layers: folded } = foldNet(layers, sides, { all: true });
    assert.ok(folded.length < layers.length);
    const expected = Array.from({ length: count }, (_, i) => {
      const x = Float64Array.from(images.subarray(i * size, (i + 1) * size));
      return [...forwardPlain(layers, x, sides)];
    }).flat();
    const scale = expected.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
    // float32's unit is 6e-8; terms cancel, and weights round too.
    const tolerance = { rtol: 0, atol: 4e-6 * scale };
    await withBackend({ threads: 1 }, async () => {
      for (const plain of [layers, folded]) {
        const before = tf.memory().numTensors;
        const made = layersFromPlain(plain);
        const y = tf.tidy(() =>
          sequential(made.layers).apply(
            tf.tensor(images, [count, ...sides]),
            false,
          ).dataSync<"float32">()
        );
        assertValuesClose(y, expected, tolerance);
        const kinds = plainLayers(made.layers).map(({ kind }) => kind);
        assert.deepEqual(kinds, plain.map(({ kind }) => kind));
        const bytes = exportOnnx(made.layers, {
          name: "net",
          height,
          width,
          channels,
          classNames: Array.from(
            { length: y.length / count },
            (_, i) => `${i}`,
          ),
        });
        made[Symbol.dispose]();
        assert.equal(tf.memory().numTensors, before);
        const model = await createOnnxClassifier(bytes, "net.onnx");
        assertValuesClose(await model.logits(pixels), expected, tolerance);
        await model.close();
      }
    });
  });
}
