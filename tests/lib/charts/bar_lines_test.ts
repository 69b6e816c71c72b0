import assert from "node:assert/strict";
import { barLines } from "../../../lib/charts/text_chart.ts";

Deno.test("barLines() draws bars of eighths of a column, 100 % up to the edge", () => {
  const lines = barLines([
    { name: "all", share: 1 },
    { name: "half", share: 0.5 },
    { name: "c", share: 3 / 8 / 44 },
    { name: "none", share: 0 },
  ], 60); // 44 columns of bar
  assert.deepEqual(lines, [
    `all   100.00 %  ${"█".repeat(44)}`,
    `half   50.00 %  ${"█".repeat(22)}`,
    "c       0.85 %  ▍",
    "none    0.00 %",
  ]);
  assert.equal(lines[0]!.length, 60);
});

Deno.test("barLines() cuts long names", () => {
  const [line] = barLines([{ name: "x".repeat(50), share: 1 }], 60);
  assert.equal(line, `${"x".repeat(39)}…  100.00 %  ${"█".repeat(8)}`);
});
