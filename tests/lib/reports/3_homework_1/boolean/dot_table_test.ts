import assert from "node:assert/strict";
import { dotTable } from "../../../../../lib/reports/3_homework_1/boolean/dot_table.ts";
import { createRandom } from "../../../../../lib/base/random.ts";
import { allInputs } from "../../../../reference/boolean_interval.ts";

Deno.test("dotTable() holds the product with each input", () => {
  const random = createRandom(1);
  for (let n = 1; n <= 7; n++) {
    const weights = Array.from(
      { length: n },
      () => random.uniformInt(2001) - 1000,
    );
    assert.deepEqual(
      [...dotTable(Float64Array.from(weights))],
      allInputs(n).map((x) =>
        x.reduce((sum, xi, i) => sum + weights[i]! * xi, 0)
      ),
    );
  }
});

Deno.test("dotTable() of no weights is the empty sum", () => {
  assert.deepEqual([...dotTable(new Float64Array(0))].map(Math.abs), [0]);
});
