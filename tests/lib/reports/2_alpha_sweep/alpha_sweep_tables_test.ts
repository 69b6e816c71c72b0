import assert from "node:assert/strict";
import { alphaNet } from "../../../../lib/reports/2_alpha_sweep/alpha_net.ts";
import {
  alphaSweepTables,
  countSettled,
} from "../../../../lib/reports/2_alpha_sweep/alpha_sweep_tables.ts";
import { NETS } from "./fake_nets.ts";

Deno.test("alphaSweepTables() counts settled α by λ and layer", () => {
  const [settled] = alphaSweepTables(NETS, [], 20);
  // From 0.5 in 20 epochs: after 10 of them half of the way is left.
  assert.deepEqual(settled!.columns, ["λ", "α₁", "α₂", "α₃"]);
  assert.deepEqual(settled!.rows, [
    ["0", "0 of 4", "1 of 4", "0 of 4"],
    ["0.05", "0 of 4", "0 of 4", "0 of 4"],
    ["all", "0 of 8", "1 of 8", "0 of 8"],
  ]);
  assert.deepEqual(alphaSweepTables(NETS, [], 10), []);
});

Deno.test("alphaSweepTables() looks at the ends of epochs only", () => {
  // Two points per epoch; only those within an epoch move.
  const trajectory = Array.from(
    { length: 41 },
    (_, i) => i % 2 === 0 ? 0.5 : 0.9,
  )
    .flatMap((alpha) => [alpha, alpha, alpha]);
  const restless = alphaNet(
    { subset: 0, lambda: 0, run: 0, alphaInit: [0.5, 0.5, 0.5] },
    {
      trajectory: Float32Array.from(trajectory),
      testAccuracy: 0,
      parameters: {},
    },
  );
  const [table] = alphaSweepTables([restless], [], 20);
  assert.deepEqual(table!.rows[0], ["0", "1 of 1", "1 of 1", "1 of 1"]);
});

Deno.test("alphaSweepTables() has no table where no net trained", () => {
  assert.deepEqual(alphaSweepTables([], [], 20), []);
});

Deno.test("countSettled() looks at the last epochs only", () => {
  const trajectories = [
    [0, 9, 1.0, 1.1, 1.2], // 0.2 over its last two epochs
    [1, 1, 1, 1, 1.5], // 0.5
    [5, 1.5, 1.5, 1, 1.5], // back to where it was, but 0.5 in between
  ];
  assert.equal(countSettled(trajectories, { epochs: 2, tolerance: 0.3 }), 1);
  assert.equal(countSettled(trajectories, { epochs: 2, tolerance: 0.6 }), 3);
  assert.equal(countSettled(trajectories, { epochs: 3, tolerance: 0.6 }), 2);
  assert.equal(countSettled([], { epochs: 2, tolerance: 0.6 }), 0);
});

Deno.test("countSettled() wants a move below the tolerance", () => {
  assert.equal(countSettled([[0.25, 0.5]], { epochs: 1, tolerance: 0.25 }), 0);
  assert.equal(countSettled([[0.25, 0.5]], { epochs: 1, tolerance: 0.26 }), 1);
});

Deno.test("countSettled() does not count what is too short or not finite", () => {
  const options = { epochs: 2, tolerance: 0.1 };
  assert.equal(countSettled([[], [1], [1, 1]], options), 0);
  assert.equal(
    countSettled([[1, NaN, 1], [Infinity, Infinity, 1]], options),
    0,
  );
  assert.equal(countSettled([[NaN, 1, 1, 1]], options), 1);
});

Deno.test("countSettled() refuses options that say nothing", () => {
  for (const epochs of [0, 1.5, NaN]) {
    assert.throws(
      () => countSettled([], { epochs, tolerance: 0.1 }),
      RangeError,
    );
  }
  for (const tolerance of [0, NaN]) {
    assert.throws(() => countSettled([], { epochs: 1, tolerance }), RangeError);
  }
});
