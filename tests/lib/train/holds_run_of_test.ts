import assert from "node:assert/strict";
import { holdsRunOf } from "../../../lib/train/holds_run_of.ts";
import { openRunDirectory } from "../../../lib/train/run_directory.ts";

Deno.test("holdsRunOf() knows a task's own run, and refuses another's", () => {
  const path = Deno.makeTempDirSync();
  try {
    assert.equal(holdsRunOf(path, "one"), false);
    assert.equal(holdsRunOf(`${path}/none`, "one"), false);
    const run = openRunDirectory({
      ...{ path: `${path}/run`, config: {}, pinned: { task: "one" } },
      ...{ environment: {}, files: [], force: false, resume: false },
    });
    run.begin();
    run.close();
    assert.equal(holdsRunOf(`${path}/run`, "one"), true);
    assert.throws(() => holdsRunOf(`${path}/run`, "two"), {
      message:
        `Cannot start run: directory ${path}/run must hold no other task's run without --force: got one of one`,
    });
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
});
