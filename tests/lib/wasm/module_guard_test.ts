import assert from "node:assert/strict";
import { runScript } from "../../run_script.ts";

const FIXTURE = new URL("fixtures/traps_in_tfjs.ts", import.meta.url);

/** Bytes of an input of 4 MB, half or nearly none of it in the heap. */
const HALF = "2000000", NONE = "4";

for (
  const [threads, inHeap] of [["1", HALF], ["2", HALF], ["4", HALF], [
    "4",
    NONE,
  ]]
) {
  Deno.test(`a trap in TF.js's own threads is an error, and stop() and a new start work (threads: ${threads}, ${inHeap} bytes in the heap)`, async () => {
    const { code, stdout, stderr } = await runScript(FIXTURE, [
      inHeap!,
      threads!,
    ]);
    assert.equal(stderr, "");
    const [first, ...rest] = stdout.trimEnd().split("\n");
    const form =
      /^Error: Cannot run Sigmoid: (thread ([0-3]) failed: RuntimeError: memory access out of bounds)$/;
    const [, failure, thread] = form.exec(first!) ?? [];
    assert.ok(Number(thread) < Number(threads), stdout);
    const later =
      `Error: Cannot allocate memory: the backend must be started anew after a failure: got ${failure}`;
    assert.deepEqual(rest, [later, later, later, "true [ 1, 2, 3 ]", "0.5"]);
    assert.equal(code, 0);
  });
}

Deno.test("a trap in TF.js's own threads that nobody catches ends the process with exit code 1", async () => {
  const args = [HALF, "2", "uncaught"];
  const { code, stdout, stderr } = await runScript(FIXTURE, args);
  assert.match(
    stderr,
    /^error: Uncaught \(in promise\) Error: Cannot run Sigmoid: thread [01] failed: RuntimeError: memory access out of bounds\n/,
  );
  assert.equal(stdout, "");
  assert.equal(code, 1);
});
