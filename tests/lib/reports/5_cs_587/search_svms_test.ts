import assert from "node:assert/strict";
import {
  logUniform,
  searchSvms,
  successiveHalving,
} from "../../../../lib/reports/5_cs_587/search_svms.ts";
import type {
  SvmResult,
  SvmTask,
} from "../../../../lib/reports/5_cs_587/train_svms.ts";
import fc from "fast-check";

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

/**
 * Searches with validation accuracies by candidate and epochs; null: it
 * diverged. Training accuracies are the other way round.
 */
async function search(
  accuracies: (number: number, epochs: number) => number | null,
  count: number,
  seed = 0,
) {
  const calls: SvmTask[][] = [];
  const results: SvmResult[] = [];
  const found = await searchSvms({
    train(tasks) {
      calls.push([...tasks]);
      const trained = tasks.map(({ plan, epochs }) => {
        const validationAccuracy = accuracies(
          Number(plan.name.split("-")[1]),
          epochs,
        );
        const diverged = validationAccuracy === null;
        return {
          plan,
          epochs,
          validationAccuracy,
          fit: {},
          curve: [],
          trainAccuracy: diverged ? null : 1 - validationAccuracy,
          parameters: diverged ? null : {},
        } as unknown as SvmResult;
      });
      results.push(...trained);
      return Promise.resolve(trained);
    },
  }, { count, seed, hinge: "sum", batchSize: 400 });
  return { ...found, calls, results };
}

Deno.test("searchSvms() goes on with the best on validation images from where they are", async () => {
  const { calls, results, rungs, winner } = await search((n) => n / 10, 9);
  assert.deepEqual(
    calls.map((tasks) => tasks.map(({ plan, epochs }) => [plan.name, epochs])),
    [
      Array.from({ length: 9 }, (_, i) => [`search-${i + 1}`, 1]),
      [["search-9", 3], ["search-8", 3], ["search-7", 3]],
      [["search-9", 9]],
    ],
  );
  assert.deepEqual(calls[0]!.map(({ from }) => from), new Array(9).fill(null));
  assert.equal(calls[1]![0]!.from, results[8]);
  assert.equal(calls[1]![2]!.from, results[6]);
  assert.equal(calls[2]![0]!.from, results[9]);
  assert.equal(winner, results.at(-1));
  assert.equal(rungs.length, 3);
});

Deno.test("searchSvms() keeps none that diverged, and has no winner where the last one does", async () => {
  const two = await search((n) => n === 1 ? null : 0, 2);
  assert.equal(two.winner!.plan.name, "search-2");
  const late = await search((_, epochs) => epochs === 1 ? 0.5 : null, 3);
  assert.deepEqual([late.calls.length, late.winner], [2, null]);
  const none = await search(() => null, 3);
  assert.deepEqual([none.calls.length, none.winner], [1, null]);
  assert.equal((await search(() => null, 1)).winner, null);
});

Deno.test("searchSvms() draws by its seed, more candidates from the same ones on", async () => {
  const plansOf = async (count: number, seed: number) =>
    (await search((n) => n, count, seed)).calls[0]!.map(({ plan }) => plan);
  const many = await plansOf(200, 5);
  assert.deepEqual(await plansOf(3, 5), many.slice(0, 3));
  assert.notDeepEqual((await plansOf(1, 6))[0], many[0]);
  const bounds = [["learningRate", 1e-8, 1e-5], ["lambda", 1, 1e5]] as const;
  for (const [name, low, high] of bounds) {
    const logs = many.map((plan) =>
      Math.log(plan[name] / low) / Math.log(high / low)
    );
    assert.ok(logs.every((log) => log > -1e-3 && log < 1 + 1e-3));
    // Four standard errors of the mean of 200 uniform numbers.
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    assert.ok(Math.abs(mean - 0.5) < 4 * Math.sqrt(1 / 12 / 200), `${mean}`);
  }
  for (const { hinge, batchSize, regularization } of many) {
    assert.deepEqual([hinge, batchSize, regularization], ["sum", 400, "l2"]);
  }
});
