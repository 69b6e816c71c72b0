import assert from "node:assert/strict";
import { foldNet } from "../../../../lib/models/fold_net.ts";
import {
  foldFigure,
  layerRows,
  totalOf,
} from "../../../../lib/reports/1_linearization/fold_figure.ts";
import { reportOne } from "../../models/fixtures/plain_layers.ts";

const GRAY = [28, 28, 1];
const NET = reportOne([0, 0.5, 0]);
const BEFORE = layerRows(NET, GRAY);
const AFTER = layerRows(foldNet(NET, GRAY, { all: false }).layers, GRAY);

Deno.test("layerRows() says what each layer is, gives and costs", () => {
  assert.deepEqual(AFTER.map(({ layer, shape }) => `${layer}: ${shape}`), [
    "conv1_conv2 9×9 1 → 16, 25 kernels: 28×28×16",
    "ReLU_α: 28×28×16",
    "flatten: 12544",
    "conv3_fc1 12544 → 10: 10",
  ]);
  assert.equal(totalOf(BEFORE), 6_529_152);
  assert.equal(totalOf(AFTER), 1_141_504);
  assert.equal(AFTER[3]!.parameters, 125_450);
});

Deno.test("foldFigure() shows both nets with their costs, in any width", async () => {
  const figure = foldFigure("fold.svg", "a net", BEFORE, AFTER);
  for (const width of [40, 80, 120]) {
    const lines = figure.text({ width, color: false }).split("\n");
    assert.equal(lines.length, 1 + 1 + BEFORE.length + 1 + AFTER.length);
    for (const line of lines) assert.ok([...line].length <= width, line);
  }
  const text = figure.text({ width: 80, color: false });
  assert.match(text, /^before: 6,529,152 multiply-adds$/m);
  assert.match(text, /^folded: 1,141,504 multiply-adds$/m);
  assert.match(text, /^conv3 3×3 16 → 32, pad 1 +28×28×32 +3,612,672 +█+$/m);
  const svg = await figure.picture() as string;
  assert.equal(svg.match(/>28×28×16</g)!.length, 4);
  assert.match(svg, /before: 6,529,152/);
  assert.match(svg, /conv1_conv2 9×9 1 → 16, 25 kernels/);
});
