import assert from "node:assert/strict";
import { makeRun } from "../lib/runs/fixtures/make_run.ts";
import { ROOT, runTask, withRunDirectory } from "./run_task.ts";

const COLUMNS = ["net", "seed", "epoch", "test_loss", "test_accuracy"];

/** Calls a test with a directory of two runs and three things that are none. */
function withRuns(test: (directory: string) => Promise<void>): Promise<void> {
  return withRunDirectory(async (directory) => {
    const path = `${ROOT}/${directory}`;
    makeRun(`${path}/first`, {
      config: { learningRate: 0.001, lambda: [0.1, 0.5] },
      pinned: { task: "nine", sha256: "0123456789abcdef".repeat(4) },
      environment: { threads: 1, deno: "2.9.6" },
      columns: COLUMNS,
      rows: [
        ["relu", 0, 1, 0.75, 0.8],
        ["relu", 0, 2, 0.5, 0.9046000242233276],
        ["linear", 0, 2, 1, 0.8],
      ],
    });
    makeRun(`${path}/second`, {
      config: { learningRate: 0.002, lambda: [0.1, 0.5] },
      pinned: { task: "nine", sha256: "0123456789abcdef".repeat(4) },
      environment: { threads: 2, deno: "2.9.6" },
      columns: COLUMNS,
      rows: [
        ["linear", 0, 1, 1.5, 0.8],
        ["relu", 0, 1, 0.25, 0.95],
        ["pnn", 0, 1, 0.125, 0.1],
      ],
      finished: false,
    });
    Deno.mkdirSync(`${path}/damaged`);
    Deno.writeTextFileSync(`${path}/damaged/config.json`, "{");
    Deno.mkdirSync(`${path}/notes`);
    Deno.writeTextFileSync(`${path}/readme.txt`, "");
    await test(directory);
  });
}

Deno.test("runs lists runs with their main numbers, and why it cannot read one", () =>
  withRuns(async (directory) => {
    const { code, stdout, stderr } = await runTask("runs", "--in", directory);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `
┌─────────┬──────┬────────────┬──────┬───────┬────────────────────┐
│ run     │ task │ status     │ nets │ epoch │ best test_accuracy │
├─────────┼──────┼────────────┼──────┼───────┼────────────────────┤
│ damaged │ —    │ unreadable │    — │     — │ —                  │
│ first   │ nine │ finished   │    2 │     2 │ 0.9046 relu        │
│ second  │ nine │ running    │    3 │     1 │ 0.95 relu          │
└─────────┴──────┴────────────┴──────┴───────┴────────────────────┘
Cannot read ${directory}/damaged/config.json: it must be the record of a run: got no JSON
`.trimStart(),
    );
    const json = await runTask("runs", "--in", directory, "--json");
    assert.equal(json.stdout.trim().split("\n").length, 1);
    const { runs } = JSON.parse(json.stdout);
    assert.deepEqual(runs[1], {
      ...{ name: "first", path: `${directory}/first`, task: "nine" },
      ...{ status: "finished", nets: 2, epoch: 2 },
      best: {
        ...{
          quantity: "test_accuracy",
          value: 0.9046000242233276,
          net: "relu",
        },
      },
    });
    assert.match(runs[0].error, /^Cannot read /);
  }));

Deno.test("runs A B puts what differs and the last numbers side by side", () =>
  withRuns(async (directory) => {
    const names = ["first", `${directory}/second/`];
    const { code, stdout, stderr } = await runTask(
      "runs",
      ...[...names, "--in", `${directory}/`],
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `
A: ${directory}/first (nine, finished)
B: ${directory}/second (nine, running)

┌─────────────────┬───────┬───────┐
│ differs         │ A     │ B     │
├─────────────────┼───────┼───────┤
│ --learning-rate │ 0.001 │ 0.002 │
│ threads         │ 1     │ 2     │
└─────────────────┴───────┴───────┘

last numbers in metrics.csv
┌────────┬───────────────┬────────┬──────┬─────────┐
│ net    │ quantity      │      A │    B │   B − A │
├────────┼───────────────┼────────┼──────┼─────────┤
│ relu   │ epoch         │      2 │    1 │      −1 │
│        │ test_loss     │    0.5 │ 0.25 │   −0.25 │
│        │ test_accuracy │ 0.9046 │ 0.95 │ +0.0454 │
│ linear │ epoch         │      2 │    1 │      −1 │
│        │ test_loss     │      1 │  1.5 │    +0.5 │
│        │ test_accuracy │    0.8 │  0.8 │       0 │
└────────┴───────────────┴────────┴──────┴─────────┘
┌───────────┬───────────┐
│ only in A │ only in B │
├───────────┼───────────┤
│           │ pnn       │
└───────────┴───────────┘
`.trimStart(),
    );
    const json = await runTask("runs", ...names, "--in", directory, "--json");
    const { a, b, differences, results } = JSON.parse(json.stdout);
    assert.deepEqual([a.status, b.status], ["finished", "running"]);
    assert.deepEqual(differences, [
      { name: "--learning-rate", a: 0.001, b: 0.002 },
      { name: "threads", a: 1, b: 2 },
    ]);
    assert.deepEqual(results.pairs[1], {
      ...{ net: "relu", quantity: "test_loss", a: 0.5, b: 0.25 },
    });
    assert.deepEqual(results.onlyB, ["pnn"]);
  }));

Deno.test("runs says what it cannot do in one line", () =>
  withRuns(async (directory) => {
    const refused = async (code: number, text: string, ...args: string[]) => {
      const result = await runTask("runs", ...args, "--in", directory);
      assert.equal(result.stderr, `${text}\n`);
      assert.equal(result.code, code);
      assert.equal(result.stdout, "");
    };
    await refused(
      1,
      `Cannot read ${directory}/nowhere/config.json: no such file or directory`,
      ...["first", "nowhere"],
    );
    await refused(
      1,
      `Cannot read ${directory}/damaged/config.json: it must be the record of a run: got no JSON`,
      ...["damaged", "second"],
    );
    await refused(
      2,
      "Cannot parse b: expected a second run to compare: got none",
      "first",
    );
    await refused(
      2,
      'Cannot parse the flags: expected only [a] [b] and flags (see --help): got "third"',
      ...["first", "second", "third"],
    );
    const none = await runTask("runs", "--in", `${directory}/notes`);
    assert.equal(none.stdout, `${directory}/notes: no runs\n`);
    assert.equal(none.code, 0);
  }));
