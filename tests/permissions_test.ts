import assert from "node:assert/strict";
import { readConfig } from "./project_files.ts";

/** What gives a task the flags of V8 that its host takes. */
const FLAGS_OF_V8 = " $(deno run -q --no-prompt scripts/v8_flags.ts) ";

const commands = () =>
  Object.entries(readConfig().tasks).map(([name, task]) =>
    [name, typeof task === "string" ? task : task.command] as const
  );

Deno.test("no task is allowed everything, and each that runs code says what it is allowed", () => {
  for (const [name, command] of commands()) {
    const words = command.split(/\s+/);
    // `deno publish --allow-dirty` is about git, and grants nothing.
    const granted = command.replaceAll(" --allow-dirty", "");
    assert.ok(!words.includes("-A") && !granted.includes("--allow-"), name);
    if (!/\bdeno (run|test|bench)\b/.test(command)) continue;
    assert.ok(words.includes("--no-prompt"), `${name} may ask for more`);
    const set = words.find((word) => word.startsWith("-P="))?.slice(3);
    assert.ok(set && set in readConfig().permissions, `${name} has no -P=`);
  }
});

Deno.test("tasks hear Ctrl-Z before their script is loaded", () => {
  for (const [name, whole] of commands()) {
    const command = whole.replace(FLAGS_OF_V8, " ");
    if (!command.includes(" scripts/") || name === "build:kernels") continue;
    assert.match(command, / --preload lib\/cli\/preload\.ts scripts\//, name);
  }
});

Deno.test("what trains or is timed has V8's flags from the script that knows the host's, and nothing else has them", () => {
  for (const [name, command] of commands()) {
    const wanted = command.includes(" -P=train ");
    assert.equal(command.includes(FLAGS_OF_V8), wanted, name);
    assert.ok(!command.includes("v8-flags"), name);
  }
});

Deno.test("training reads the project and writes runs, and nothing but data may use the network", () => {
  const { permissions } = readConfig();
  assert.deepEqual(permissions.train, { read: ["."], write: ["runs"] });
  for (const [set, granted] of Object.entries(permissions)) {
    assert.ok(!("all" in granted) && !("ffi" in granted), set);
    // Tests serve files to themselves.
    if (set === "test") assert.deepEqual(granted.net, ["127.0.0.1"]);
    else if (set !== "data") assert.ok(!granted.net, `${set} has the network`);
  }
  const offline = ["-P=train", "-P=read", "-P=build"];
  for (const [name, command] of commands()) {
    if (!command.includes("scripts/") || name === "data") continue;
    assert.ok(offline.some((set) => command.includes(set)), name);
  }
});
