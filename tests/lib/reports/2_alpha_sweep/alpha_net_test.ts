import assert from "node:assert/strict";
import fc from "fast-check";
import {
  alphaNet,
  netsByLambda,
  percentAtZero,
  shortestFloat32,
} from "../../../../lib/reports/2_alpha_sweep/alpha_net.ts";
import { net, NETS } from "./fake_nets.ts";

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
    parameters: {},
  });
  assert.deepEqual(net.alphaFinal, [0.8, 0.05, 0]);
  assert.equal(net.run, 3);
  assert.equal(net.testAccuracy, 0.75);
});

Deno.test("percentAtZero() counts α up to 0.05", () => {
  assert.equal(percentAtZero(NETS.slice(0, 1)), 100 / 3);
  assert.equal(percentAtZero(NETS.slice(4, 6)), 100);
  assert.equal(percentAtZero([net(0, 0, 0, [-0.3, 0.0501, 0.9])]), 100 / 3);
  assert.ok(Number.isNaN(percentAtZero([])));
});

Deno.test("netsByLambda() is in ascending order", () => {
  const nets = [0.1, 0, 0.05, 0].map((lambda) => net(0, lambda, 0, [0, 0, 0]));
  assert.deepEqual(
    [...netsByLambda(nets)].map(([lambda, nets]) => [lambda, nets.length]),
    [[0, 2], [0.05, 1], [0.1, 1]],
  );
});
