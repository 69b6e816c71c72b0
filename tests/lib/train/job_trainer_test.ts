import assert from "node:assert/strict";
import { openRunDirectory } from "../../../lib/run/run_directory.ts";
import {
  createJobTrainer,
  type TrainingPlan,
} from "../../../lib/train/job_trainer.ts";
import type { TestSetup, TestTask } from "../jobs/fixtures/test_worker.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

const worker = new URL("../jobs/fixtures/test_worker.ts", import.meta.url);

/** Opens the run in a directory, and a trainer that doubles numbers there. */
function open(directory: string, resume: boolean) {
  const lines: string[] = [];
  const run = openRunDirectory({
    path: `${directory}/run`,
    files: [],
    config: {},
    pinned: {},
    environment: {},
    force: false,
    resume,
  });
  const trainer = createJobTrainer<TestSetup, TestTask, number>({
    run,
    worker,
    setup: { ends: new Int32Array(new SharedArrayBuffer(4)) },
    jobs: 1,
    resume,
    quiet: false,
    output: { log: (line) => void lines.push(line), result() {} },
    nameOf: (task) => JSON.stringify(task),
    imagesOf: () => 10,
    partOf: (_, step) => step / 10,
    countText: (finished) => `${finished} numbers`,
    capture: (finished) => ({
      state: Object.fromEntries(finished),
      tensors: {},
    }),
    restore: (checkpoint) =>
      new Map(
        Object.entries(checkpoint?.state as Record<string, number> ?? {}),
      ),
  });
  return { trainer, lines, [Symbol.dispose]: () => run.close() };
}

const double = (value: number): TestTask => ({ kind: "double", value });
const results = (finished: ReadonlyMap<string, number>) =>
  [...finished.values()].toSorted((a, b) => a - b);

const PLAN: TrainingPlan<TestTask, number> = {
  label: "doubling",
  lineOf: (_, result) => result === 2 ? null : `${result}`,
};

Deno.test("createJobTrainer() saves each result, and trains none twice", () =>
  inTemporaryDirectory(async (directory) => {
    {
      using begun = open(directory, false);
      await begun.trainer.train([1, 2].map(double), PLAN);
      await begun.trainer.train([2, 3].map(double), PLAN);
      assert.deepEqual(results(begun.trainer.finished), [2, 4, 6]);
      assert.deepEqual(begun.lines, [
        "doubling: starting a worker",
        "4",
        "doubling: starting a worker",
        "6",
      ]);
    }
    using resumed = open(directory, true);
    assert.deepEqual(results(resumed.trainer.finished), [2, 4, 6]);
    await resumed.trainer.train([3, 1].map(double), PLAN);
    assert.deepEqual(resumed.lines, ["going on after 3 numbers"]);
  }));

Deno.test("createJobTrainer() ends with a task that fails, or names it and goes on", () =>
  inTemporaryDirectory(async (directory) => {
    using opened = open(directory, false);
    const failing: TestTask = { kind: "throw", message: "Cannot go on: NaN" };
    const tasks = [double(1), failing, double(2)];
    await assert.rejects(opened.trainer.train(tasks, PLAN), {
      message: "Cannot go on: NaN",
    });
    assert.deepEqual(results(opened.trainer.finished), [2]);
    const error = console.error;
    const errors: string[] = [];
    console.error = (line: string) => void errors.push(line);
    try {
      await opened.trainer.train(tasks, { ...PLAN, mayFail: true });
    } finally {
      console.error = error;
    }
    assert.deepEqual(errors, [`${JSON.stringify(failing)}: Cannot go on: NaN`]);
    assert.deepEqual(results(opened.trainer.finished), [2, 4]);
  }));
