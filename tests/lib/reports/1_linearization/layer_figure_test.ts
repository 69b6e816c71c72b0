import { deepEqual, equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../../../lib/models/layers.ts";
import {
  layerFigure,
  layerPlanes,
} from "../../../../lib/reports/1_linearization/layer_figure.ts";
import { imagesOf, pixelsOf, textsOf } from "../../images/svg_parts.ts";
import { withBackend } from "../../../with_backend.ts";

const TITLE = "Figure 0: a title that is wider than 40 columns";

/**
 * An image of 2×2 and two layers: the first has 9 channels that rise, the
 * second has 2 channels, one of which is the same everywhere.
 */
function example(mode: "ascii" | "half-block" | "sixel" = "ascii") {
  const rising = Array.from({ length: 9 }, (_, k) => [0, k, 2 * k, 4 * k]);
  return layerFigure("example.svg", {
    title: TITLE,
    image: {
      width: 2,
      height: 2,
      channels: 1,
      data: new Uint8Array([10, 20, 30, 40]),
    },
    layers: [
      { caption: "first layer", channels: rising },
      { caption: "second layer", channels: [[5, 5, 5, 5], [-5, 0, 0, 5]] },
    ],
    mode,
  });
}

Deno.test("layerFigure() draws the image, each layer's mean, and its channels on one scale", async () => {
  const figure = example();
  equal(figure.file, "example.svg");
  const svg = await figure.picture();
  const images = imagesOf(svg);
  for (const { width, height } of images) deepEqual([width, height], [6, 6]);
  const pixels = images.map(({ picture }) => pixelsOf(picture, 3));
  deepEqual(pixels[0], [10, 20, 30, 40]);
  deepEqual(pixels[1], [0, 64, 128, 255], "the mean, on its own scale");
  deepEqual(pixels[2], [0, 0, 0, 0], "channel 0 of a layer from 0 to 32");
  deepEqual(pixels[6], [0, 32, 64, 128], "channel 4: 0, 4, 8, 16 of 32");
  deepEqual(pixels[10], [0, 64, 128, 255], "channel 8");
  // Means 0, 2.5, 2.5, 5; channels from −5 to 5.
  deepEqual(pixels.slice(11), [
    [0, 128, 128, 255],
    [255, 255, 255, 255],
    [0, 128, 128, 255],
  ]);
  // The image, 2 rows of the first layer, 1 of the second; means at the left.
  const [first, mean, channel] = images;
  deepEqual(
    images.map(({ y }) => y).filter((y, i, all) => y !== all[i - 1]).length,
    4,
  );
  equal(mean!.x, first!.x);
  equal(images[10]!.x, channel!.x, "channel 8 is below channel 0");
  equal(images[11]!.x, first!.x);
  const texts = textsOf(svg);
  equal(texts[0], TITLE);
  equal(
    texts.slice(1, 17).join(" "),
    "image first layer mean 0 1 2 3 4 5 6 7 8 second layer mean 0 1",
  );
  ok(texts[17]!.startsWith("The channels of a layer share one scale of gray"));
});

Deno.test("layerFigure() has text with title and captions, no wider than it may be", () => {
  for (const mode of ["ascii", "half-block"] as const) {
    for (const width of [40, 80, 120]) {
      const text = example(mode).text({ width, color: true });
      // deno-lint-ignore no-control-regex -- escape codes take no columns
      const lines = text.replace(/\x1b\[[\d;]*m/g, "").split("\n");
      for (const line of lines) ok([...line].length <= width, line);
      ok(lines.slice(0, 2).join(" ").startsWith(TITLE));
      for (const caption of ["first layer", "second layer"]) {
        ok(lines.includes(caption), caption);
      }
    }
  }
});

Deno.test("layerFigure() uses escape codes only where it may", () => {
  for (const mode of ["half-block", "sixel"] as const) {
    const figure = example(mode);
    ok(!figure.text({ width: 80, color: false }).includes("\x1b"));
    const start = mode === "sixel" ? "\x1bP" : "\x1b[38;5;";
    ok(figure.text({ width: 80, color: true }).includes(start));
  }
});

Deno.test("layerPlanes() gives each layer's channels, one after the other, and keeps no tensor", async () => {
  await withBackend({ threads: 1 }, () => {
    const split: Layer = {
      variables: [],
      apply: (x, training) => {
        equal(training, false);
        return tf.concat([x, tf.mul(x, 10)], 3);
      },
    };
    const negate: Layer = { variables: [], apply: (x) => tf.neg(x) };
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
    const before = tf.memory().numTensors;
    deepEqual(layerPlanes([split, negate], x), [
      [
        new Float32Array([1, 2, 3, 4, 5, 6]),
        new Float32Array([10, 20, 30, 40, 50, 60]),
      ],
      [
        new Float32Array([-1, -2, -3, -4, -5, -6]),
        new Float32Array([-10, -20, -30, -40, -50, -60]),
      ],
    ]);
    equal(tf.memory().numTensors, before);
    x.dispose();
  });
});
