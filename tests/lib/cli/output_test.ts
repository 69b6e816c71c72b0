import { equal } from "node:assert/strict";
import { runInSandbox } from "./run_in_sandbox.ts";

const FIXTURE = new URL("./fixtures/prints_result.ts", import.meta.url);
const JSON_LINE = '{"accuracy":0.9,"loss":null}\n';

const CASES: readonly [args: string[], stdout: string][] = [
  [[], "text\n"],
  [["json"], `text\n${JSON_LINE}`],
  [["quiet"], ""],
  [["quiet", "json"], JSON_LINE],
];

for (const [args, stdout] of CASES) {
  Deno.test(`createOutput() prints ${JSON.stringify(stdout)} under ${JSON.stringify(args)}`, async () => {
    equal((await runInSandbox(FIXTURE, args)).stdout, stdout);
  });
}
