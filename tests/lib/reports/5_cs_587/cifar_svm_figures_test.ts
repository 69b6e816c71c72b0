import assert from "node:assert/strict";
import {
  SVM_FIGURES,
  svmFigures,
  templateFigure,
} from "../../../../lib/reports/5_cs_587/cifar_svm_figures.ts";
import { imagesOf, pixelsOf, textsOf } from "../../images/svg_parts.ts";
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
  const svg = await figures[2]!.picture();
  assert.deepEqual(textsOf(svg).slice(1, 1 + NAMES.length), [...NAMES]);
  // The second row's second pixel: blue, red, 2 green, blue.
  const first = imagesOf(svg).map(({ picture }) =>
    pixelsOf(picture, 4).slice(15, 18).map((value) => value === 255)
  );
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
  return templateFigure("templates.svg", {
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
  const svg = await figure.picture();
  const images = imagesOf(svg);
  assert.equal(images.length, 6);
  for (const { width, height, picture } of images) {
    assert.deepEqual([width, height], [8, 4]);
    assert.deepEqual(pixelsOf(picture, 4), [0, 128, 255, 255, 0, 128]);
  }
  const [first] = images;
  assert.ok(images.slice(1, 5).every(({ y }) => y === first!.y));
  assert.equal(images[5]!.x, first!.x);
  assert.ok(images[5]!.y > first!.y);
  const texts = textsOf(svg);
  assert.equal(texts[0], "Weights");
  for (let k = 0; k < 6; k++) assert.ok(texts.includes(`no. ${k}`));
  assert.match(texts.join(" "), /a scale of its own/);
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
  const red = templateFigure("red.svg", {
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
