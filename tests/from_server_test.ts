import assert from "node:assert/strict";
import { readConfig, readFile, ROOT } from "./project_files.ts";

/** The types of the files that a program loads from the project. */
const TYPES: Record<string, string> = {
  ts: "text/typescript",
  json: "application/json",
  wasm: "application/wasm",
};

/** Serves the project's files on the loopback address, as a web site would. */
function serveProject() {
  const served: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async ({ url }) => {
      const { pathname } = new URL(url);
      const type = TYPES[pathname.split(".").at(-1)!];
      assert.ok(type, pathname);
      served.push(pathname);
      const body = await Deno.readFile(new URL(`.${pathname}`, ROOT));
      return new Response(body, { headers: { "content-type": type } });
    },
  );
  return { server, served, host: `127.0.0.1:${server.addr.port}` };
}

const PROGRAM = `
import { startBackend } from "alphalab";
import { loadDataset } from "alphalab/data";
import { reluAlpha } from "alphalab/ops";
import * as tf from "@tensorflow/tfjs";

const backend = await startBackend({ threads: 2 });
const f = (x: tf.Tensor) => reluAlpha(x, tf.scalar(0.5));
console.log(backend.threads, tf.grad(f)(tf.tensor1d([-1, 2])).arraySync());
backend.stop();
await loadDataset("fashion-mnist").catch(({ message }) => console.log(message));
`;

Deno.test("a program elsewhere imports the project from a server and computes on two threads", async () => {
  const { server, served, host } = serveProject();
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/deno.json`, "{}");
    await Deno.writeTextFile(`${directory}/program.ts`, PROGRAM);
    // The packages' versions, so that no registry is asked for them.
    await Deno.writeTextFile(`${directory}/deno.lock`, readFile("deno.lock"));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        `--import-map=http://${host}/deno.json`,
        `--allow-import=${host}`,
        `--allow-net=${host}`,
        "--allow-read",
        "program.ts",
      ],
      cwd: directory,
      env: { NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.equal(code, 0, text(stderr));
    const [gradient, missing] = text(stdout).split("\n");
    assert.equal(gradient, "2 [ 0.5, 1 ]");
    assert.match(
      missing!,
      /^Cannot load fashion-mnist: data\/fashion-mnist must/,
    );
  } finally {
    await server.shutdown();
    await Deno.remove(directory, { recursive: true });
  }
  assert.ok(served.some((path) => path.endsWith(".wasm")), "no kernels");
  assert.ok(served.includes("/lib/wasm/kernel_worker.ts"), "no worker");
});

Deno.test("TF.js's module is started in the version that deno.json names", () => {
  const name = readConfig().imports["@tensorflow/tfjs-backend-wasm"]!;
  const source = readFile("lib/wasm/start_tfjs_module.ts");
  assert.ok(source.includes(`"${name}/wasm-out/`), name);
});
