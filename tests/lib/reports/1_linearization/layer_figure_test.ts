import { deepEqual, equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { decode } from "fast-png";
import type { Layer } from "../../../../lib/models/layers.ts";
import {
  layerFigure,
  layerPlanes,
} from "../../../../lib/reports/1_linearization/layer_figure.ts";
import { withBackend } from "../../../with_backend.ts";

const TITLE = "Figure 0: a title that is wider than 40 columns";

/**
 * An image of 2×2 and two layers: the first has 9 channels that rise, the
 * second has 2 channels, one of which is the same everywhere.
 */
function example(mode: "ascii" | "half-block" | "sixel" = "ascii") {
  const rising = Array.from({ length: 9 }, (_, k) => [0, k, 2 * k, 4 * k]);
  return layerFigure("example.png", {
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
  equal(figure.file, "example.png");
  const { width, height, channels, data } = decode(
    await figure.picture() as Uint8Array,
  );
  // 9 columns and 4 rows of tiles of 2 × 3 pixels, 1 apart.
  deepEqual([width, height, channels], [9 * 7 - 1, 4 * 7 - 1, 1]);
  /** A tile's four pixels, each of which is 3 × 3. */
  const tile = (row: number, column: number) =>
    [0, 3].flatMap((y) =>
      [0, 3].map((x) => data[(7 * row + y + 2) * width + 7 * column + x + 2])
    );
  const empty = [64, 64, 64, 64];
  deepEqual(tile(0, 0), [10, 20, 30, 40]);
  deepEqual(tile(0, 1), empty);
  deepEqual(tile(1, 0), [0, 64, 128, 255], "the mean, on its own scale");
  deepEqual(tile(1, 1), [0, 0, 0, 0], "channel 0 of a layer from 0 to 32");
  deepEqual(tile(1, 5), [0, 32, 64, 128], "channel 4: 0, 4, 8, 16 of 32");
  deepEqual(tile(2, 0), empty);
  deepEqual(tile(2, 1), [0, 64, 128, 255], "channel 8");
  deepEqual(tile(2, 2), empty);
  // Means 0, 2.5, 2.5, 5; channels from −5 to 5.
  deepEqual(tile(3, 0), [0, 128, 128, 255]);
  deepEqual(tile(3, 1), [255, 255, 255, 255]);
  deepEqual(tile(3, 2), [0, 128, 128, 255]);
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
