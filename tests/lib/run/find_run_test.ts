import assert from "node:assert/strict";
import { holdsNet } from "../../../lib/run/find_run.ts";
import { openRunDirectory } from "../../../lib/run/run_directory.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

Deno.test("holdsNet() wants the file and the settings that it was trained with", () =>
  inTemporaryDirectory((path) => {
    const settings = { epochs: 3, lambda: [0.5], dataset: "mnist" };
    assert.equal(holdsNet(`${path}/none`, "net-a.safetensors", {}), false);
    assert.equal(holdsNet(path, "net-a.safetensors", {}), false);
    const run = openRunDirectory({
      path,
      config: settings,
      pinned: {},
      environment: {},
      files: ["net-a.safetensors"],
      force: false,
      resume: false,
    });
    run.begin();
    assert.equal(holdsNet(path, "net-a.safetensors", {}), false);
    Deno.writeTextFileSync(run.file("net-a.safetensors"), "");
    run.close();
    const holds = (settings: Parameters<typeof holdsNet>[2]) =>
      holdsNet(path, "net-a.safetensors", settings);
    assert.equal(holds({}), true);
    assert.equal(holds({ epochs: 3, lambda: [0.5] }), true);
    assert.equal(holds({ epochs: 4, lambda: [0.5] }), false);
    assert.equal(holds({ seed: 0 }), false);
  }));
