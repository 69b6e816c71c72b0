import assert from "node:assert/strict";
import { listRuns, type RunSummary } from "../../../lib/run/list_runs.ts";
import { openRunDirectory } from "../../../lib/run/run_directory.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";
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
  const { path: _, date, seconds, ...summary } = await summaryOf({
    config: { epochs: 3 },
    files: ["metrics.csv", "net-relu.safetensors", "net-pnn.safetensors"],
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
    allNets: 2,
    epoch: 1,
    epochs: 3,
    best: { quantity: "test_accuracy", value: 0.8, net: "pnn" },
  });
  assert.ok(Math.abs(Date.parse(date!) - Date.now()) < 60_000);
  assert.ok(seconds! >= 0 && seconds! < 60);
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
    quantity: "train_accuracy",
    value: 0.1,
    net: "net0",
  });
  assert.deepEqual(await best(["loss", "test_loss"], [1, 5], [2, 4], [0, 6]), {
    quantity: "test_loss",
    value: 4,
    net: "net1",
  });
  assert.deepEqual(await best(["test_loss"], [NaN], [3]), {
    quantity: "test_loss",
    value: 3,
    net: "net1",
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
  assert.equal(begun.status, "interrupted");
  assert.equal(begun.seconds, undefined);
  assert.equal(begun.nets, undefined);
  assert.equal(begun.error, undefined);
});

Deno.test("listRuns() says running while a process works in a run, and then interrupted", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a`;
    const options = {
      path,
      files: [],
      config: {},
      pinned: {},
      environment: {},
      force: false,
    };
    const run = openRunDirectory({ ...options, resume: false });
    run.begin();
    assert.equal(listRuns(directory)[0]!.status, "running");
    run.saveCheckpoint({ state: null, tensors: {} });
    const before = run.seconds;
    run.close();
    const [cut] = listRuns(directory);
    assert.equal(cut!.status, "interrupted");
    assert.ok(cut!.seconds! > 0 && cut!.seconds! <= before!);

    const rest = openRunDirectory({ ...options, resume: true });
    rest.begin();
    assert.ok(rest.seconds! > cut!.seconds!, "the first part's are counted");
    rest.finish();
    const after = rest.seconds;
    rest.close();
    const [whole] = listRuns(directory);
    assert.equal(whole!.status, "finished");
    assert.ok(whole!.seconds! > cut!.seconds! && whole!.seconds! <= after!);
  }));

Deno.test("listRuns() has the run that was written last at the end", () =>
  inTemporaryDirectory((directory) => {
    for (const [name, hour] of [["a", 3], ["b", 1], ["c", 2]] as const) {
      makeRun(`${directory}/${name}`, {});
      const time = new Date(Date.UTC(2026, 0, 1, hour));
      Deno.utimeSync(`${directory}/${name}/config.json`, time, time);
    }
    const runs = listRuns(directory);
    assert.deepEqual(runs.map(({ name }) => name), ["b", "c", "a"]);
    assert.equal(runs[0]!.date, "2026-01-01T01:00:00.000Z");
  }));

Deno.test("listRuns() gives a net the epochs of its own flag", async () => {
  const epochsAt = async (epoch: number) =>
    (await summaryOf({
      config: { longEpochs: 12, epochs: 3 },
      columns: ["net", "epoch", "test_loss"],
      rows: [["relu", epoch, 1]],
    })).epochs;
  assert.deepEqual(
    [await epochsAt(3), await epochsAt(4), await epochsAt(13)],
    [3, 12, undefined],
  );
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
    assert.equal(run!.status, "interrupted");
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
    const runs = listRuns(directory)
      .sort((a, b) => a.name < b.name ? -1 : 1);
    assert.deepEqual(
      runs.map(({ name, status, error }) => ({
        name,
        status,
        error: error!.replaceAll(directory, ""),
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
