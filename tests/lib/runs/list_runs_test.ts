import assert from "node:assert/strict";
import { listRuns, type RunSummary } from "../../../lib/runs/list_runs.ts";
import { inTemporaryDirectory } from "../train/fixtures/in_temporary_directory.ts";
import { type MadeRun, makeRun } from "./fixtures/make_run.ts";

/** The summary of one run. */
async function summaryOf(made: MadeRun): Promise<RunSummary> {
  let runs: RunSummary[] = [];
  await inTemporaryDirectory((directory) => {
    makeRun(`${directory}/a`, made);
    runs = listRuns(directory);
  });
  assert.equal(runs.length, 1);
  return runs[0]!;
}

const COLUMNS = ["net", "seed", "epoch", "train_accuracy", "test_accuracy"];

Deno.test("listRuns() sums a run up", async () => {
  const { path: _, ...summary } = await summaryOf({
    columns: COLUMNS,
    rows: [
      ["relu", 0, 1, 0.5, 0.99],
      ["relu", 0, 2, 0.6, 0.7],
      ["pnn", 0, 1, 0.9, 0.8],
    ],
  });
  assert.deepEqual(summary, {
    name: "a",
    task: "nine",
    status: "finished",
    nets: 2,
    epoch: 2,
    best: { quantity: "test_accuracy", value: 0.8, net: "pnn" },
  });
});

Deno.test("listRuns() takes validation, any accuracy, then the lowest loss where there is nothing better", async () => {
  const best = async (quantities: string[], ...values: number[][]) =>
    (await summaryOf({
      columns: ["net", "epoch", ...quantities],
      rows: values.map((row, i) => [`net${i}`, 1, ...row]),
    })).best;
  assert.deepEqual(
    await best(["accuracy", "validation_accuracy"], [1, 0.1], [0, 0.3]),
    { quantity: "validation_accuracy", value: 0.3, net: "net1" },
  );
  assert.deepEqual(await best(["loss", "train_accuracy"], [1, 0.1], [0, 0]), {
    ...{ quantity: "train_accuracy", value: 0.1, net: "net0" },
  });
  assert.deepEqual(await best(["loss", "test_loss"], [1, 5], [2, 4], [0, 6]), {
    ...{ quantity: "test_loss", value: 4, net: "net1" },
  });
  assert.deepEqual(await best(["test_loss"], [NaN], [3]), {
    ...{ quantity: "test_loss", value: 3, net: "net1" },
  });
  assert.equal(await best(["alpha"], [1]), undefined);
});

Deno.test("listRuns() names the net of a run that has one", async () => {
  const { best } = await summaryOf({
    columns: COLUMNS,
    rows: [["relu", 0, 1, 0.5, 0.9]],
  });
  assert.equal(best!.net, "relu");
});

Deno.test("listRuns() tells a run that has begun", async () => {
  const begun = await summaryOf({ finished: false });
  assert.equal(begun.status, "running");
  assert.equal(begun.nets, undefined);
  assert.equal(begun.error, undefined);
});

Deno.test("listRuns() counts no rows of the run before while one starts", () =>
  inTemporaryDirectory((directory) => {
    makeRun(`${directory}/a`, {
      columns: COLUMNS,
      rows: [["relu", 0, 1, 0.5, 0.9]],
    });
    const path = `${directory}/a/config.json`;
    const text = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, text.replace("finished", "starting"));
    const [run] = listRuns(directory);
    assert.equal(run!.status, "starting");
    assert.equal(run!.nets, undefined);
  }));

Deno.test("listRuns() says why it cannot read a run, and passes over what is none", () =>
  inTemporaryDirectory((directory) => {
    for (const name of ["b-notes", "c-other", "d-torn", "e-csv", "f-dir"]) {
      Deno.mkdirSync(`${directory}/${name}`);
    }
    Deno.writeTextFileSync(`${directory}/a.txt`, "");
    Deno.writeTextFileSync(`${directory}/b-notes/notes.txt`, "");
    Deno.writeTextFileSync(`${directory}/c-other/config.json`, "{}");
    Deno.writeTextFileSync(`${directory}/d-torn/config.json`, '{"for');
    makeRun(`${directory}/e-csv`, { columns: ["net", "epoch"] });
    Deno.writeTextFileSync(`${directory}/e-csv/metrics.csv`, 'net,epoch\n"a');
    Deno.mkdirSync(`${directory}/f-dir/config.json`);
    const runs = listRuns(directory);
    assert.deepEqual(
      runs.map(({ name, status, error }) => ({
        ...{ name, status, error: error!.replaceAll(directory, "") },
      })),
      [
        {
          name: "c-other",
          status: undefined,
          error:
            'Cannot read /c-other/config.json: its format must be alphalab-run 1: got "undefined undefined"',
        },
        {
          name: "d-torn",
          status: undefined,
          error:
            "Cannot read /d-torn/config.json: it must be the record of a run: got no JSON",
        },
        {
          name: "e-csv",
          status: "finished",
          error:
            "Cannot read /e-csv/metrics.csv: quote Not Closed: the parsing is finished with an opening quote at line 2",
        },
        {
          name: "f-dir",
          status: undefined,
          error: "Cannot read /f-dir/config.json: is a directory",
        },
      ],
    );
    assert.deepEqual(listRuns(`${directory}/nowhere`), []);
  }));
