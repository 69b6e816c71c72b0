import assert from "node:assert/strict";
import { type LogSpec, openRunLogs } from "../../../lib/run/run_logs.ts";
import {
  openRunDirectory,
  type RunDirectory,
} from "../../../lib/run/run_directory.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

type Loss = readonly [net: string, loss: number];

const metrics: LogSpec<Loss> = {
  net: ([net]) => net,
  loss: ([, loss]) => loss,
};
const times: LogSpec<{ net: string; seconds: number }> = {
  net: ({ net }) => net,
  seconds: ({ seconds }) => seconds,
};

async function withRun(body: (run: RunDirectory, path: string) => void) {
  await inTemporaryDirectory((path) => {
    const run = openRunDirectory({
      path,
      files: ["metrics.csv", "times.csv"],
      config: {},
      pinned: {},
      environment: {},
      force: false,
      resume: false,
    });
    run.begin();
    body(run, path);
    run.close();
  });
}

Deno.test("openRunLogs() makes the logs that it is given, and no other", async () => {
  await withRun((run, path) => {
    {
      using logs = openRunLogs(run, { metrics, times });
      const row = logs.append("metrics", ["a", 0.5]);
      assert.deepEqual(row, { net: "a", loss: "0.5" });
      logs.append("times", { net: "a", seconds: 2 });
    }
    const read = (name: string) => Deno.readTextFileSync(`${path}/${name}`);
    assert.equal(read("metrics.csv"), "net,loss\na,0.5\n");
    assert.equal(read("times.csv"), "net,seconds\na,2\n");
    assert.throws(() => read("steps.csv"), Deno.errors.NotFound);
  });
});

Deno.test("openRunLogs() cuts each log back to the length that flush() gave", async () => {
  await withRun((run, path) => {
    let lengths;
    {
      using logs = openRunLogs(run, { metrics, times });
      logs.append("metrics", ["a", 0.5]);
      lengths = logs.flush();
      const onDisk = Deno.statSync(`${path}/metrics.csv`).size;
      assert.equal(onDisk, lengths.metrics);
      logs.append("metrics", ["lost", 1]);
      logs.append("times", { net: "lost", seconds: 1 });
    }
    assert.deepEqual(lengths, { metrics: 15, times: 12 });
    {
      using logs = openRunLogs(run, { metrics, times }, lengths);
      logs.append("times", { net: "b", seconds: 3 });
    }
    const read = (name: string) => Deno.readTextFileSync(`${path}/${name}`);
    assert.equal(read("metrics.csv"), "net,loss\na,0.5\n");
    assert.equal(read("times.csv"), "net,seconds\nb,3\n");
  });
});
