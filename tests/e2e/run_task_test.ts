import assert from "node:assert/strict";
import {
  countRows,
  ROOT,
  splitWords,
  untilMoreRows,
  withRunDirectory,
} from "./run_task.ts";

Deno.test("splitWords() parts a command line as a shell does", () => {
  const cases: Record<string, string[]> = {
    "data  mnist --from .": ["data", "mnist", "--from", "."],
    "classify net.onnx 'my image.png'": [
      "classify",
      "net.onnx",
      "my image.png",
    ],
    "--out=\"a b\"/c --name ''": ["--out=a b/c", "--name", ""],
    'say "it\'s"': ["say", "it's"],
    " ": [],
  };
  for (const [line, words] of Object.entries(cases)) {
    assert.deepEqual(splitWords(line), words, line);
  }
});

/** A task that ends at once or never. */
function fakeTask(ends: boolean): Deno.ChildProcess {
  const status = ends ? Promise.resolve({}) : new Promise(() => {});
  return { status } as unknown as Deno.ChildProcess;
}

Deno.test("untilMoreRows() waits for whole rows, or fails where the task ends before", async () => {
  await withRunDirectory(async (out) => {
    assert.equal(countRows(out, "a.csv"), 0);
    await assert.rejects(
      untilMoreRows(fakeTask(true), out, "a.csv"),
      /the task ended with 0 rows of a\.csv or fewer/,
    );
    Deno.mkdirSync(`${ROOT}/${out}`, { recursive: true });
    const log = `${ROOT}/${out}/a.csv`;
    Deno.writeTextFileSync(log, "step,loss\n1,2\n2,");
    assert.equal(countRows(out, "a.csv"), 1);
    await untilMoreRows(fakeTask(false), out, "a.csv");
    let waits = true;
    const waiting = untilMoreRows(fakeTask(false), out, "a.csv", 1)
      .then(() => waits = false);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.ok(waits, "half a row is none");
    Deno.writeTextFileSync(log, "3\n", { append: true });
    await waiting;
  });
});
