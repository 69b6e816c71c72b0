import assert from "node:assert/strict";
import { decode } from "fast-png";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../../../lib/base/random.ts";
import {
  createDiagonalImages,
  detectorConditions,
} from "../../../../../lib/reports/4_csi_5138/diagonals/diagonal_images.ts";
import {
  detectorFigure,
  exampleFigure,
} from "../../../../../lib/reports/4_csi_5138/diagonals/detector_figure.ts";
import { filterFigure } from "../../../../../lib/reports/4_csi_5138/diagonals/filter_figure.ts";
import {
  patternEvidence,
  patternPeaks,
} from "../../../../../lib/reports/4_csi_5138/diagonals/peak_rule.ts";
import { withBackend } from "../../../../with_backend.ts";

const figure = detectorFigure("four.png", {
  title: "Four pixels",
  image: new Uint8Array(
    [0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0].map((x) => 255 * x),
  ),
  map: [0, 3, 3, 0],
  size: 4,
});

Deno.test("detectorFigure() shows image, numbers and peaks side by side, or below where they do not fit", () => {
  const rows = [
    "···█    ·3            ·●",
    "··█·    3·            ●·",
    "·█··",
    "█···",
  ];
  const wide = [
    "Four pixels",
    "image   feature map   2 peaks: class 2",
    ...rows,
  ].join("\n");
  assert.equal(figure.text({ width: 80, color: false }), wide);
  assert.equal(figure.text({ width: 38, color: false }), wide); // its columns
  assert.equal(
    figure.text({ width: 37, color: false }),
    [
      "Four pixels",
      "image   feature map",
      "···█    ·3",
      "··█·    3·",
      "·█··",
      "█···",
      "",
      "2 peaks: class 2",
      "·●",
      "●·",
    ].join("\n"),
  );
});

Deno.test("detectorFigure() makes a PNG of three tiles, the map in the middle of its own", async () => {
  const { width, height, data } = decode(await figure.picture() as Uint8Array);
  assert.deepEqual([width, height], [3 * 32 + 2, 32]);
  const at = (tile: number, y: number, x: number) =>
    data[(8 * y + 4) * width + tile * 33 + 8 * x + 4];
  assert.deepEqual([at(0, 0, 3), at(0, 0, 0)], [255, 0]);
  assert.deepEqual([at(1, 0, 0), at(1, 1, 1), at(1, 1, 2)], [40, 0, 255]);
  assert.deepEqual([at(2, 2, 1), at(2, 2, 2)], [255, 0]);
});

Deno.test("filterFigure() puts the most similar filter first, and aligns its weights", async () => {
  // two filters, interleaved as a net has them: −kernel and 2 · kernel
  const kernel = [0, 0, 1, 0, 1, 0, 1, 0, 0];
  const filter = kernel.flatMap((w) => [-w, 2 * w]);
  const shown = filterFigure("filters.png", "Filters", {
    filter,
    bias: [-1, -4],
    weights: [0, 1, 0.5, 2],
  });
  assert.equal(
    shown.text({ width: 80, color: false }),
    [
      "Filters",
      "the report's         filter 2, r 1.00       filter 1, r −1.00",
      "threshold 3          bias −4.00, out 1.50   bias −1.00, out 1.00",
      "  0.00  0.00  1.00     0.00  0.00  2.00       0.00  0.00 −1.00",
      "  0.00  1.00  0.00     0.00  2.00  0.00       0.00 −1.00  0.00",
      "  1.00  0.00  0.00     2.00  0.00  0.00      −1.00  0.00  0.00",
    ].join("\n"),
  );
  const { width, data } = decode(await shown.picture() as Uint8Array);
  assert.equal(width, 3 * 72 + 2 * 2);
  // the middle weight of each: 255 is the largest, 128 none, 0 the smallest
  const middles = [0, 1, 2].map((tile) => data[36 * width + 74 * tile + 36]);
  assert.deepEqual(middles, [255, 255, 0]);
  assert.equal(data[0], 128);
});

Deno.test("exampleFigure() shows two diagonals of plain images, and one that the rule gets wrong of others", async () => {
  await withBackend({ threads: 1 }, () => {
    const titles = detectorConditions([0.03]).map((condition) => {
      const options = { count: 200, size: 20, random: createRandom(1) };
      const images = createDiagonalImages(condition, options);
      const text = exampleFigure("a.png", condition.name, images, 20)!
        .text({ width: 80, color: false }).split("\n");
      assert.match(text[1]!, /class 2$/);
      return text[0];
    });
    assert.deepEqual(titles.slice(0, 2), [
      "plain: two diagonals, right",
      "noise 0.03: one diagonal, wrong",
    ]);
    const one = createDiagonalImages(
      { ...detectorConditions([0.03])[0]!, name: "other" },
      { count: 10, size: 20, random: createRandom(1) },
    );
    assert.equal(exampleFigure("a.png", "other", one, 20), undefined);
  });
});

Deno.test("patternPeaks() counts each pattern's peaks, patternEvidence() what it adds to a dark image", async () => {
  await withBackend({ threads: 1 }, () => {
    assert.deepEqual(patternPeaks(12), [0, 0, 1, 2, 0, 0]);
    // logits 7 − lit pixels and 9 + lit pixels
    const logitsOf = (images: tf.Tensor4D) => {
      const lit = tf.sum<tf.Tensor2D>(images, [1, 2]);
      return tf.concat2d([tf.sub(7, lit), tf.add(9, lit)], 1);
    };
    assert.deepEqual(patternEvidence(logitsOf, 12), [2, 4, 6, 8, 6, 6]);
  });
});
