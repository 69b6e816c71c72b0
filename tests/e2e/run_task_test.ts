import assert from "node:assert/strict";
import { splitWords } from "./run_task.ts";

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
