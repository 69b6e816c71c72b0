import assert from "node:assert/strict";
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
import { imagesOf, pixelsOf, textsOf } from "../../../images/svg_parts.ts";
import { withBackend } from "../../../../with_backend.ts";

const figure = detectorFigure("four.svg", {
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

Deno.test("detectorFigure() draws image, map and peaks below their names, the map in the middle of its place", async () => {
  const svg = await figure.picture();
  const [image, map, peaks] = imagesOf(svg);
  assert.deepEqual(
    [image, map, peaks].map((one) => [one!.width, one!.height]),
    [[32, 32], [16, 16], [16, 16]],
  );
  assert.equal(map!.y, image!.y + 8);
  assert.deepEqual(
    pixelsOf(image!.picture, 8),
    [0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0],
  );
  assert.deepEqual(pixelsOf(map!.picture, 8), [0, 255, 255, 0]);
  assert.deepEqual(pixelsOf(peaks!.picture, 8), [0, 255, 255, 0]);
  const texts = textsOf(svg);
  assert.deepEqual(texts.slice(0, 4), [
    "Four pixels",
    "image",
    "feature map",
    "2 peaks: class 2",
  ]);
  assert.match(texts.join(" "), /3 is white, each number at the middle/);
});

Deno.test("detectorFigure() shows the map's numbers as grays from 0 to 3", async () => {
  const dim = detectorFigure("one.svg", {
    title: "One window",
    image: new Uint8Array([0, 0, 255, 0, 0, 0, 0, 0, 0]),
    map: [1],
    size: 3,
  });
  const [, map, peaks] = imagesOf(await dim.picture());
  assert.deepEqual(pixelsOf(map!.picture, 8), [85]);
  assert.deepEqual(pixelsOf(peaks!.picture, 8), [0]);
});

Deno.test("filterFigure() puts the most similar filter first, and aligns its weights", async () => {
  // two filters, interleaved as a net has them: −kernel and 2 · kernel
  const kernel = [0, 0, 1, 0, 1, 0, 1, 0, 0];
  const filter = kernel.flatMap((w) => [-w, 2 * w]);
  const shown = filterFigure("filters.svg", "Filters", {
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
  const svg = await shown.picture();
  const images = imagesOf(svg);
  for (const { width } of images) assert.equal(width, 72);
  // 255 is the largest weight, 128 none, 0 the smallest
  const pixels = images.map(({ picture }) => pixelsOf(picture, 24));
  assert.deepEqual(pixels.map((values) => values[4]), [255, 255, 0]);
  assert.deepEqual(pixels.map((values) => values[0]), [128, 128, 128]);
  assert.deepEqual(textsOf(svg).slice(0, 5), [
    "Filters",
    "the report's",
    "threshold 3",
    "filter 2, r 1.00",
    "bias −4.00, out 1.50",
  ]);
  assert.match(textsOf(svg).join(" "), /out is what the filter's sum adds/);
});

Deno.test("exampleFigure() shows two diagonals of plain images, and one that the rule gets wrong of others", async () => {
  await withBackend({ threads: 1 }, () => {
    const titles = detectorConditions([0.03]).map((condition) => {
      const options = { count: 200, size: 20, random: createRandom(1) };
      const images = createDiagonalImages(condition, options);
      const text = exampleFigure("a.svg", condition.name, images, 20)!
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
    assert.equal(exampleFigure("a.svg", "other", one, 20), undefined);
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
