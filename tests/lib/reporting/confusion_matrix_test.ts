import assert from "node:assert/strict";
import { textTable } from "../../../lib/reporting/text_table.ts";
import {
  confusionAccuracy,
  confusionMatrix,
  confusionTables,
} from "../../../lib/reporting/confusion_matrix.ts";

Deno.test("confusionMatrix() has labels as rows and predictions as columns", () => {
  const counts = confusionMatrix([0, 1, 1, 2, 1], [1, 1, 0, 2, 0], 4);
  assert.deepEqual(counts, [
    [0, 1, 0, 0],
    [2, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 0],
  ]);
  assert.equal(confusionAccuracy(counts), 2 / 5);
});

Deno.test("confusionTables() names the most frequent mistake, of equals the first", () => {
  const names = ["cat", "dog", "car", "none"];
  const counts = [[5, 2, 1, 0], [3, 1, 3, 0], [1, 0, 4, 0], [0, 0, 0, 0]];
  const [perClass, matrix] = confusionTables(counts, names);
  assert.deepEqual(perClass.rows, [
    ["cat (0)", "8", "62.5 %", "dog (1), 2 times"],
    ["dog (1)", "7", "14.3 %", "cat (0), 3 times"],
    ["car (2)", "5", "80.0 %", "cat (0), once"],
    ["none (3)", "0", "", ""],
  ]);
  assert.deepEqual(matrix.columns, ["class", "0", "1", "2", "3"]);
  assert.deepEqual(matrix.rows[1], ["dog (1)", "3", "1", "3", "0"]);
});

Deno.test("confusionTables() fit 80 columns for ten classes with 1,000 images each", () => {
  const names = Array.from({ length: 10 }, (_, k) => `class name ${k}`);
  const counts = names.map((_, k) => names.map((_, j) => j === k ? 1000 : 0));
  for (const table of confusionTables(counts, names)) {
    for (const line of textTable(table).split("\n")) {
      assert.ok([...line].length <= 80, line);
      assert.ok(!line.includes("100 "), "a number in two lines");
    }
  }
});

Deno.test("confusionMatrix() refuses classes out of range, and a number of predictions that is not the labels'", () => {
  const refused: [labels: number[], predicted: number[], message: string][] = [
    [[0, 5], [0, 1], "classes must be from 0 to 1: got 5 and 1"],
    [[0, 1], [0, -1], "classes must be from 0 to 1: got 1 and -1"],
    [[0], [0, 1], "there must be 1 predictions, one per label: got 2"],
  ];
  for (const [labels, predicted, message] of refused) {
    assert.throws(
      () => confusionMatrix(labels, predicted, 2),
      new RangeError(`Cannot count: ${message}`),
    );
  }
});
