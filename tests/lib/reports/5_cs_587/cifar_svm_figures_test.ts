import assert from "node:assert/strict";
import { decode } from "fast-png";
import { decodePng } from "../../../../lib/images/png.ts";
import {
  SVM_FIGURES,
  svmFigures,
  templateFigure,
} from "../../../../lib/reports/5_cs_587/cifar_svm_figures.ts";
import { DATASET, NAMES, result, results } from "./example_results.ts";

Deno.test("svmFigures() are the two curves and each class's weights", async () => {
  const figures = svmFigures(results(), DATASET, "ascii");
  assert.deepEqual(figures.map(({ file }) => file), [...SVM_FIGURES]);
  assert.match(figures[2]!.title, /airplane, automobile, deer, frog, ship$/);
  const text = figures[0]!.text({ width: 80, color: false });
  assert.match(text, /training .* validation/);
  // There is no training loss at step 0; one of 0 would stretch the axis.
  const high = result(1, { losses: [109, 102, 101, 100] });
  const [axis] = svmFigures(results({ first: high }), DATASET, "ascii");
  assert.doesNotMatch(axis!.text({ width: 80, color: false }), /^ *\d?\d ┤/m);
  const png = await figures[2]!.picture();
  const picture = decodePng(png as Uint8Array, "templates.png");
  // Tiles of 4 pixels, each 4 of the PNG, 4 apart: blue, red, 2 green, blue.
  const first = NAMES.map((_, tile) => {
    const at = 3 * (4 * picture.width + 4 + tile * 20);
    return [...picture.data.subarray(at, at + 3)].map((value) => value === 255);
  });
  assert.deepEqual(
    first,
    [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]
      .map((row) => row.map(Boolean)),
  );
  const gone = result(3, { validation: null, losses: [9] });
  const without = svmFigures(results({ final: gone }), DATASET, "ascii");
  assert.equal(without.length, 2);
  assert.match(without[1]!.text({ width: 80, color: false }), /Figure 3/);
});

/** Templates of 2×1 RGB pixels, each on a scale of its own. */
function example(count: number, mode: "ascii" | "half-block" | "sixel") {
  return templateFigure("templates.png", {
    title: "Weights",
    width: 2,
    height: 1,
    channels: 3,
    mode,
    templates: Array.from({ length: count }, (_, k) => ({
      name: `no. ${k}`,
      weights: [-1, 0, 1, 1, -1, 0].map((value) => value * 10 ** -k),
    })),
  });
}

Deno.test("templateFigure() stretches each class over its own range, five a row", async () => {
  const figure = example(6, "ascii");
  assert.match(figure.title, /^Weights: no\. 0, .*, no\. 5$/);
  const png = decode(await figure.picture() as Uint8Array);
  const { width, height, channels, data } = png;
  // 5 and 2 tiles of 8 × 4 pixels, 4 apart.
  assert.deepEqual([width, height, channels], [5 * 12 - 4, 2 * 8 - 4, 3]);
  const pixel = (x: number, y: number) => {
    const at = 3 * (y * width + x);
    return [...data.subarray(at, at + 3)];
  };
  for (const [left, top] of [[0, 0], [12, 0], [48, 0], [0, 8]] as const) {
    assert.deepEqual(pixel(left, top), [0, 128, 255]);
    assert.deepEqual(pixel(left + 3, top + 3), [0, 128, 255]);
    assert.deepEqual(pixel(left + 4, top), [255, 0, 128]);
  }
  assert.deepEqual(pixel(9, 0), [255, 255, 255], "the gap");
  assert.deepEqual(pixel(12, 8), [255, 255, 255], "no seventh class");
});

Deno.test("templateFigure() has each class's name above its picture, no wider than it may be", () => {
  for (const mode of ["ascii", "half-block"] as const) {
    for (const width of [40, 80, 120]) {
      const text = example(6, mode).text({ width, color: mode !== "ascii" });
      // deno-lint-ignore no-control-regex -- escape codes take no columns
      const lines = text.replace(/\x1b\[[\d;]*m/g, "").split("\n");
      for (const line of lines) assert.ok([...line].length <= width, line);
      assert.equal(lines[0], "Weights");
      const names = lines[1]!;
      assert.equal(names.indexOf("no. 0"), 0);
      const pitch = names.indexOf("no. 1");
      assert.equal(names.indexOf("no. 4"), 4 * pitch);
      assert.equal(pitch % 2, 1, "tiles fill whole lines of two pixels");
      if (mode === "ascii") continue;
      // Tiles are one column narrower than their pitch, a black gap.
      const picture = lines[2]!;
      assert.equal([...picture].length, 5 * pitch - 1);
    }
  }
});

Deno.test("templateFigure() shows colours where it may", () => {
  const red = templateFigure("red.png", {
    title: "Red",
    width: 1,
    height: 1,
    channels: 3,
    mode: "half-block",
    templates: [{ name: "red", weights: [1, 0, 0] }],
  });
  assert.ok(red.text({ width: 80, color: true }).includes("\x1b[38;5;196;"));
  assert.ok(!red.text({ width: 80, color: false }).includes("\x1b"));
});
