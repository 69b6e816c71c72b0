import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** ms for a text to appear. */
const PATIENCE = 60_000;

/** A terminal of 80 by 24 with a shell in which deno was started. */
export interface Tmux extends AsyncDisposable {
  /** Presses keys, by tmux's names. */
  press(...keys: string[]): Promise<void>;
  /** What the terminal shows and has in its history, without old prompts. */
  text(): Promise<string>;
  /**
   * Waits for a text.
   *
   * @returns all that is there then
   * @throws {Error} with all that is there, when it does not come
   */
  waitFor(pattern: RegExp): Promise<string>;
}

/** Whether there is a tmux. */
export async function hasTmux(): Promise<boolean> {
  try {
    return (await tmux("-V")).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

/**
 * Starts deno in a shell in tmux, in the project's directory.
 *
 * @param args of deno; `2>` and a file take what it writes there
 * @param prompt the shell's
 * @returns the terminal; its disposal ends all that runs in it
 */
export async function startTmux(
  args: readonly string[],
  prompt = "",
): Promise<Tmux> {
  const socket = Deno.makeTempFileSync({ prefix: "alphalab-tmux-" });
  const call = (...words: string[]) => tmux("-S", socket, ...words);
  const shell = `env NO_COLOR=1 PS1='${prompt}' sh`;
  const size = ["-x", "80", "-y", "24"];
  Deno.removeSync(socket);
  await call("-f/dev/null", "new-session", "-d", "-c", ROOT, ...size, shell);
  const press = async (...keys: string[]) =>
    void await call("send-keys", ...keys);
  const text = async () => {
    const { stdout } = await call("capture-pane", "-p", "-S", "-");
    return new TextDecoder().decode(stdout);
  };
  const command = [Deno.execPath(), ...args].map((word) =>
    word.endsWith(">") ? word : `'${word}'`
  );
  await press(`clear; ${command.join(" ")}`, "Enter");
  return {
    press,
    text,
    async waitFor(pattern) {
      const start = performance.now();
      while (true) {
        const shown = await text();
        if (pattern.test(shown)) return shown;
        if (performance.now() - start > PATIENCE) {
          throw new Error(`${pattern} did not come: got\n${shown}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async [Symbol.asyncDispose]() {
      await call("kill-server");
    },
  };
}

function tmux(...args: string[]) {
  return new Deno.Command("tmux", { args, env: { TMUX: "" } }).output();
}
