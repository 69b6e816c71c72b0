import assert from "node:assert/strict";
import { searchSvms } from "../../../../lib/reports/5_cs_587/search_svms.ts";
import type {
  SvmResult,
  SvmTask,
} from "../../../../lib/reports/5_cs_587/train_svms.ts";

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
