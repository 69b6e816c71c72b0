import assert from "node:assert/strict";
import { runJobs } from "../../../lib/jobs/run_jobs.ts";
import type { TestSetup, TestTask } from "./fixtures/test_worker.ts";

const worker = new URL("./fixtures/test_worker.ts", import.meta.url);

/** Runs tasks and tells what became of each. */
async function outcomes(
  tasks: readonly TestTask[],
  options: {
    jobs?: number;
    fails?: string;
    signal?: AbortSignal;
    onProgress?: () => void;
    onDone?: () => void;
  } = {},
) {
  const ends = new Int32Array(new SharedArrayBuffer(4));
  const results: (number | string)[] = [];
  const progress: number[][] = tasks.map(() => []);
  await runJobs<TestSetup, TestTask, number, number>({
    worker,
    setup: { ends, fails: options.fails },
    tasks,
    jobs: options.jobs ?? 2,
    signal: options.signal ?? new AbortController().signal,
    done(index, result) {
      options.onDone?.();
      results[index] = result;
    },
    failed(index, error) {
      results[index] = error.message;
    },
    progress(index, value) {
      progress[index]!.push(value);
      options.onProgress?.();
    },
  });
  return { results, progress, ends: ends[0] };
}

const doubles = (count: number) =>
  Array.from(
    { length: count },
    (_, value) => ({ kind: "double", value }) as const,
  );

Deno.test("runJobs() does every task once, with any number of workers", async () => {
  for (const jobs of [1, 2, 5]) {
    const { results, progress } = await outcomes(doubles(4), { jobs });
    assert.deepEqual(results, [0, 2, 4, 6]);
    assert.deepEqual(progress, [[0], [1], [2], [3]]);
  }
  assert.deepEqual((await outcomes([])).results, []);
});

Deno.test("runJobs() reports a task that fails and goes on with the others", async () => {
  const message = "Cannot go on: the loss must be finite";
  const { results } = await outcomes([
    { kind: "double", value: 1 },
    { kind: "throw", message },
    ...doubles(2),
  ], { jobs: 1 });
  assert.deepEqual(results, [2, message, 0, 2]);
});

for (const kind of ["exit", "crash"] as const) {
  Deno.test(`runJobs() replaces a worker that ends by ${kind} and tries its task once more`, async () => {
    const { results, ends } = await outcomes([
      ...doubles(2),
      { kind, times: 1 },
      ...doubles(2),
    ]);
    assert.deepEqual(results, [0, 2, -1, 0, 2]);
    assert.equal(ends, 1);
  });

  Deno.test(`runJobs() reports a task whose worker ends by ${kind} twice`, async () => {
    const { results, ends } = await outcomes([
      { kind, times: 9 },
      ...doubles(3),
    ], { jobs: 1 });
    assert.equal(ends, 2);
    assert.match(
      results[0] as string,
      kind === "exit"
        ? /^Cannot finish the task: .* 2 times: it ended without a word$/
        : /^Cannot finish the task: .* 2 times: boom$/,
    );
    assert.deepEqual(results.slice(1), [0, 2, 4]);
  });
}

Deno.test("runJobs() rejects where a worker does not start", async () => {
  await assert.rejects(outcomes(doubles(4), { fails: "throw" }), {
    message: "Cannot start: no room",
  });
  await assert.rejects(
    outcomes(doubles(4), { fails: "exit" }),
    /^Error: Cannot start worker: .* it ended without a word$/,
  );
});

Deno.test("runJobs() ends busy workers when it is told to stop", async () => {
  const stop = new AbortController();
  const reason = new Error("stopped");
  let waiting = 2;
  await assert.rejects(
    outcomes([{ kind: "hang" }, { kind: "hang" }, ...doubles(2)], {
      signal: stop.signal,
      onProgress: () => {
        if (--waiting === 0) stop.abort(reason);
      },
    }),
    reason,
  );
});

Deno.test("runJobs() ends all workers when a callback throws", async () => {
  const full = new Error("Cannot write a: no space left on device");
  await assert.rejects(
    outcomes([{ kind: "double", value: 1 }, { kind: "hang" }], {
      onDone: () => {
        throw full;
      },
    }),
    full,
  );
});
