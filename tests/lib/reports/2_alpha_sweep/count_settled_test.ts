import { equal, throws } from "node:assert/strict";
import { countSettled } from "../../../../lib/reports/2_alpha_sweep/count_settled.ts";

Deno.test("countSettled() looks at the last epochs only", () => {
  const trajectories = [
    [0, 9, 1.0, 1.1, 1.2], // 0.2 over its last two epochs
    [1, 1, 1, 1, 1.5], // 0.5
    [5, 1.5, 1.5, 1, 1.5], // back to where it was, but 0.5 in between
  ];
  equal(countSettled(trajectories, { epochs: 2, tolerance: 0.3 }), 1);
  equal(countSettled(trajectories, { epochs: 2, tolerance: 0.6 }), 3);
  equal(countSettled(trajectories, { epochs: 3, tolerance: 0.6 }), 2);
  equal(countSettled([], { epochs: 2, tolerance: 0.6 }), 0);
});

Deno.test("countSettled() wants a move below the tolerance", () => {
  equal(countSettled([[0.25, 0.5]], { epochs: 1, tolerance: 0.25 }), 0);
  equal(countSettled([[0.25, 0.5]], { epochs: 1, tolerance: 0.26 }), 1);
});

Deno.test("countSettled() does not count what is too short or not finite", () => {
  const options = { epochs: 2, tolerance: 0.1 };
  equal(countSettled([[], [1], [1, 1]], options), 0);
  equal(countSettled([[1, NaN, 1], [Infinity, Infinity, 1]], options), 0);
  equal(countSettled([[NaN, 1, 1, 1]], options), 1);
});

Deno.test("countSettled() refuses options that say nothing", () => {
  for (const epochs of [0, 1.5, NaN]) {
    throws(() => countSettled([], { epochs, tolerance: 0.1 }), RangeError);
  }
  for (const tolerance of [0, NaN]) {
    throws(() => countSettled([], { epochs: 1, tolerance }), RangeError);
  }
});
