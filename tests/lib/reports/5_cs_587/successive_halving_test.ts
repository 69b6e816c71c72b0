import assert from "node:assert/strict";
import fc from "fast-check";
import {
  logUniform,
  successiveHalving,
} from "../../../../lib/reports/5_cs_587/successive_halving.ts";

/** Scores that candidates have at each rung. */
async function halve(scores: Record<string, number[]>, keep: number) {
  const trained: string[][] = [];
  const rungs = await successiveHalving(Object.keys(scores), {
    keep,
    train(candidates, rung) {
      trained.push([...candidates]);
      return Promise.resolve(candidates.map((name) => scores[name]![rung]!));
    },
  });
  assert.deepEqual(
    rungs.map(({ entries }) => entries.map(({ candidate }) => candidate)),
    trained,
  );
  return trained;
}

Deno.test("successiveHalving() keeps the best by their latest scores", async () => {
  const scores = { a: [9, 1], b: [1], c: [8, 5, 0], d: [7, 4], e: [2], f: [3] };
  assert.deepEqual(await halve(scores, 2), [
    ["a", "b", "c", "d", "e", "f"],
    ["a", "c", "d"],
    ["c"],
  ]);
});

Deno.test("successiveHalving() keeps no failed candidate, of equals the first, and always one", async () => {
  const scores = { a: [NaN], b: [2, NaN], c: [2, 1, 1], d: [2] };
  assert.deepEqual(await halve(scores, 2), [
    ["a", "b", "c", "d"],
    ["b", "c"],
    ["c"],
  ]);
  assert.deepEqual(await halve({ a: [1], b: [2, 0] }, 3), [["a", "b"], ["b"]]);
  assert.deepEqual(await halve({ a: [NaN], b: [NaN] }, 2), [["a", "b"]]);
  assert.deepEqual(await halve({ a: [NaN] }, 2), [["a"]]);
});

Deno.test("logUniform() is uniform in the logarithm and keeps its bounds", () => {
  assert.equal(logUniform(0, 1e-8, 1e-5), 1e-8);
  assert.equal(logUniform(1 / 3, 1e-8, 1e-5), 1e-7);
  assert.equal(logUniform(0.25, 100, 1e6), 1000);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (u) => {
      const value = logUniform(u, 2, 2000);
      const back = Math.log(value / 2) / Math.log(1000);
      // Three digits: half a percent of the value.
      return value >= 2 && value <= 2000 &&
        Math.abs(back - u) <= 0.00501 / Math.log(1000);
    }),
    { verbose: true },
  );
});
