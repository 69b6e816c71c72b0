import assert from "node:assert/strict";
import { makeRun } from "../lib/run/fixtures/make_run.ts";
import { ROOT, runTask, withRunDirectory } from "./run_task.ts";

const COLUMNS = ["net", "seed", "epoch", "test_loss", "test_accuracy"];

/** Calls a test with a directory of two runs and three things that are none. */
function withRuns(test: (directory: string) => Promise<void>): Promise<void> {
  return withRunDirectory(async (directory) => {
    const path = `${ROOT}/${directory}`;
    makeRun(`${path}/first`, {
      config: { learningRate: 0.001, epochs: 2, lambda: [0.1, 0.5] },
      pinned: { task: "nine", sha256: "0123456789abcdef".repeat(4) },
      environment: { threads: 1, deno: "2.9.6" },
      files: [
        "steps.csv",
        "metrics.csv",
        "net-relu.safetensors",
        "net-linear.safetensors",
      ],
      columns: COLUMNS,
      rows: [
        ["relu", 0, 1, 0.75, 0.8],
        ["relu", 0, 2, 0.5, 0.9046000242233276],
        ["linear", 0, 2, 1, 0.8],
      ],
    });
    makeRun(`${path}/second`, {
      config: { learningRate: 0.002, epochs: 2, lambda: [0.1, 0.5] },
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
    // In the order of their dates, and at a known time in any zone.
    for (const [i, name] of ["second", "damaged", "first"].entries()) {
      const time = new Date(2026, 0, 2 + i, 3, 4);
      for (const file of Deno.readDirSync(`${path}/${name}`)) {
        Deno.utimeSync(`${path}/${name}/${file.name}`, time, time);
      }
    }
    Deno.mkdirSync(`${path}/notes`);
    Deno.writeTextFileSync(`${path}/readme.txt`, "");
    await test(directory);
  });
}

Deno.test("runs lists runs with their main numbers, and why it cannot read one", () =>
  withRuns(async (directory) => {
    const { code, stdout, stderr } = await runTask(`runs --in ${directory}`);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.equal(
      stdout.replace(/ \d\.\d │ 2026/g, " 0.0 │ 2026"),
      `
┌────────────┬─────────────┬─────────────┬─────────┬─────────────┬─────────────┐
│ run        │ status      │ progress    │ seconds │ date        │ best test_  │
│            │             │             │         │             │ accuracy    │
├────────────┼─────────────┼─────────────┼─────────┼─────────────┼─────────────┤
│ second     │ interrupted │ 3 nets,     │       — │ 2026-01-02  │ 0.95 relu   │
│ (nine)     │             │ epoch 1 of  │         │ 03:04       │             │
│            │             │ 2           │         │             │             │
├────────────┼─────────────┼─────────────┼─────────┼─────────────┼─────────────┤
│ damaged    │ unreadable  │ —           │       — │ 2026-01-03  │ —           │
│            │             │             │         │ 03:04       │             │
├────────────┼─────────────┼─────────────┼─────────┼─────────────┼─────────────┤
│ first      │ finished    │ 2 nets,     │     0.0 │ 2026-01-04  │ 0.9046 relu │
│ (nine)     │             │ epoch 2 of  │         │ 03:04       │             │
│            │             │ 2           │         │             │             │
└────────────┴─────────────┴─────────────┴─────────┴─────────────┴─────────────┘
Cannot read ${directory}/damaged/config.json: it must be the record of a run: got no JSON
`.trimStart(),
    );
    const json = await runTask(`runs --in ${directory} --json`);
    assert.equal(json.stdout.trim().split("\n").length, 1);
    const { runs } = JSON.parse(json.stdout);
    const { seconds, ...first } = runs[2];
    assert.ok(seconds >= 0 && seconds < 10);
    assert.deepEqual(first, {
      name: "first",
      path: `${directory}/first`,
      task: "nine",
      status: "finished",
      date: new Date(2026, 0, 4, 3, 4).toISOString(),
      nets: 2,
      allNets: 2,
      epoch: 2,
      epochs: 2,
      best: {
        quantity: "test_accuracy",
        value: 0.9046000242233276,
        net: "relu",
      },
    });
    assert.match(runs[1].error, /^Cannot read /);
  }));

Deno.test("runs A shows a run: its flags, last numbers and files", () =>
  withRuns(async (directory) => {
    const { code, stdout, stderr } = await runTask(
      `runs second --in ${directory}`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.equal(
      stdout.replace(/(config\.json +│) +\S+/, "$1 0.7"),
      `
${directory}/second (nine, interrupted)
  last written 2026-01-02 03:04
  --learning-rate 0.002 --epochs 2 --lambda 0.1,0.5
  sha256 0123456789ab…, threads 2, deno 2.9.6

last numbers in metrics.csv
┌────────┬──────┬───────┬───────────┬───────────────┐
│ net    │ seed │ epoch │ test_loss │ test_accuracy │
├────────┼──────┼───────┼───────────┼───────────────┤
│ linear │    0 │     1 │       1.5 │           0.8 │
│ relu   │    0 │     1 │      0.25 │          0.95 │
│ pnn    │    0 │     1 │     0.125 │           0.1 │
└────────┴──────┴───────┴───────────┴───────────────┘

┌─────────────┬─────┐
│ file        │  kB │
├─────────────┼─────┤
│ config.json │ 0.7 │
│ metrics.csv │ 0.1 │
└─────────────┴─────┘
`.trimStart(),
    );
    const json = await runTask(`runs first --in ${directory} --json`);
    const { config, results, files, status } = JSON.parse(json.stdout);
    assert.equal(status, "finished");
    assert.equal(config.learningRate, 0.001);
    assert.deepEqual(results.rows[0].test_accuracy, "0.9046000242233276");
    assert.deepEqual(
      files.map(({ name }: { name: string }) => name),
      ["config.json", "metrics.csv"],
    );
  }));

Deno.test("runs A B puts what differs and the last numbers side by side", () =>
  withRuns(async (directory) => {
    const names = `first ${directory}/second/`;
    const { code, stdout, stderr } = await runTask(
      `runs ${names} --in ${directory}/`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `
A: ${directory}/first (nine, finished)
B: ${directory}/second (nine, interrupted)

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
    const json = await runTask(`runs ${names} --in ${directory} --json`);
    const { a, b, differences, results } = JSON.parse(json.stdout);
    assert.deepEqual([a.status, b.status], ["finished", "interrupted"]);
    assert.deepEqual(differences, [
      { name: "--learning-rate", a: 0.001, b: 0.002 },
      { name: "threads", a: 1, b: 2 },
    ]);
    assert.deepEqual(results.pairs[1], {
      net: "relu",
      quantity: "test_loss",
      a: 0.5,
      b: 0.25,
    });
    assert.deepEqual(results.onlyB, ["pnn"]);
  }));

Deno.test("runs says what it cannot do in one line", () =>
  withRuns(async (directory) => {
    const refused = async (code: number, text: string, args = "") => {
      const result = await runTask(`runs ${args} --in ${directory}`);
      assert.equal(result.stderr, `${text}\n`);
      assert.equal(result.code, code);
      assert.equal(result.stdout, "");
    };
    await refused(
      1,
      `Cannot show the run: ${directory}/nowhere must hold one: got none`,
      "first nowhere",
    );
    await refused(
      1,
      `Cannot read ${directory}/damaged/config.json: it must be the record of a run: got no JSON`,
      "damaged second",
    );
    await refused(
      1,
      `Cannot show the run: ${directory}/nowhere must hold one: got none`,
      "nowhere",
    );
    await refused(
      1,
      `Cannot show the run: ${directory}/notes must hold one: got none`,
      "notes",
    );
    await refused(
      2,
      'Cannot parse the flags: expected only [a] [b] and flags (see --help): got "third"',
      "first second third",
    );
    const none = await runTask(`runs --in ${directory}/notes`);
    assert.equal(none.stdout, `${directory}/notes: no runs\n`);
    assert.equal(none.code, 0);
  }));
