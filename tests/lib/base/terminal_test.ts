import { equal } from "node:assert/strict";
import {
  hasTerminal,
  runInSandbox,
  runInTerminal,
} from "../cli/run_in_sandbox.ts";

const FIXTURE = new URL("../cli/fixtures/shows_progress.ts", import.meta.url);
const ignore = !await hasTerminal();

function firstLine(text: string): string {
  return text.split(/\r?\n/)[0]!;
}

Deno.test("columns() is 80, and nothing is interactive or coloured, in a pipe", async () => {
  const { stdout } = await runInSandbox(FIXTURE, ["quiet"]);
  equal(firstLine(stdout), "[80,false,false]");
});

Deno.test({
  name: "useColor() is true at a terminal (skipped without `script`)",
  ignore,
  async fn() {
    const env = { NO_COLOR: "" }; // empty counts as not set
    const { stdout } = await runInTerminal(FIXTURE, ["quiet"], env);
    equal(firstLine(stdout), "[80,true,true]");
  },
});

Deno.test({
  name: "useColor() honours NO_COLOR (skipped without `script`)",
  ignore,
  async fn() {
    const env = { NO_COLOR: "1" };
    const { stdout } = await runInTerminal(FIXTURE, ["quiet"], env);
    equal(firstLine(stdout), "[80,true,false]");
  },
});
