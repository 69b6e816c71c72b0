import { equal } from "node:assert/strict";
import { describeError } from "../../../lib/cli/run_main.ts";

// the messages of Deno 2.9.6 on Linux, copied from its output
const CASES: readonly [error: unknown, line: string][] = [
  [new RangeError("Cannot x: y: got z"), "Cannot x: y: got z"],
  [new Error("two\r\n\n  lines\n"), "two lines"],
  [new TypeError(""), "TypeError"],
  [
    undefined,
    "Cannot go on: what is thrown must be an Error: got undefined",
  ],
  [
    { a: 1 },
    "Cannot go on: what is thrown must be an Error: got { a: 1 }",
  ],
  [
    new Deno.errors.NotFound(
      "No such file or directory (os error 2): open 'runs/a/b'",
    ),
    "Cannot open runs/a/b: no such file or directory",
  ],
  [
    new Deno.errors.NotFound(
      "No such file or directory (os error 2): rename 'runs/a' -> 'runs/b'",
    ),
    "Cannot rename runs/a to runs/b: no such file or directory",
  ],
  [
    new Deno.errors.PermissionDenied(
      "Permission denied (os error 13): mkdir 'runs/a'",
    ),
    "Cannot make the directory runs/a: permission denied",
  ],
  [
    new Error("No space left on device (os error 28): writefile '/dev/full'"),
    "Cannot write /dev/full: no space left on device",
  ],
  [
    new Error("No space left on device (os error 28)"),
    "Cannot print or use a file: no space left on device",
  ],
  [
    new Deno.errors.NotCapable(
      'Requires write access to "/a, b", run again with the --allow-write flag',
    ),
    'Cannot write "/a, b": the task\'s permissions in deno.json must allow it: got a refusal',
  ],
];

for (const [error, line] of CASES) {
  Deno.test(`describeError() says ${line}`, () => {
    equal(describeError(error), line);
  });
}
