import assert from "node:assert/strict";
import { explainIoError } from "../../../lib/base/errors.ts";

Deno.test("explainIoError() gives the system's reason alone, on one line", () => {
  const explain = (error: unknown) => explainIoError("write a.csv", error);
  const cause = new Error("No space left on device (os error 28): write 'a'");
  const error = explain(cause);
  assert.equal(
    error.message,
    "Cannot write a.csv: no space left on device",
  );
  assert.equal(error.cause, cause);
  assert.equal(explain("Odd").message, "Cannot write a.csv: odd");
});

Deno.test({
  name: "explainIoError() says what the sandbox allows",
  permissions: { read: false, write: false },
  fn() {
    const message = (act: () => void) => {
      try {
        act();
      } catch (error) {
        return explainIoError("do it", error).message;
      }
    };
    assert.equal(
      message(() => Deno.writeTextFileSync("a.csv", "")),
      "Cannot do it: the task may write under runs/ only",
    );
    assert.equal(
      message(() => Deno.readTextFileSync("a.csv")),
      "Cannot do it: the task may read under the project's directory only",
    );
  },
});
