import assert from "node:assert/strict";
import fc from "fast-check";
import {
  alphaNet,
  shortestFloat32,
} from "../../../../lib/reports/2_alpha_sweep/alpha_net.ts";

Deno.test("shortestFloat32() gives the digits that were meant", () => {
  for (const value of [0, 0.05, 0.1, 0.95, 1, 0.012345678, -0.3, 1.5e-20]) {
    assert.equal(shortestFloat32(Math.fround(value)), value);
  }
});

Deno.test("shortestFloat32() loses nothing", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (value) => {
      const short = shortestFloat32(value);
      assert.equal(Math.fround(short), value + 0); // −0 becomes 0
      assert.ok(String(short).length <= String(value).length);
    }),
    { seed: 1 },
  );
});

Deno.test("alphaNet() ends with the trajectory's last row", () => {
  const net = alphaNet({
    subset: 1,
    lambda: 0.02,
    run: 3,
    alphaInit: [1, 0, 0.5],
  }, {
    trajectory: Float32Array.of(1, 0, 0.5, 0.8, 0.05, 0),
    testAccuracy: 0.75,
  });
  assert.deepEqual(net.alphaFinal, [0.8, 0.05, 0]);
  assert.equal(net.run, 3);
  assert.equal(net.testAccuracy, 0.75);
});
