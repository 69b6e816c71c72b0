import { explainIoError, InterruptedError } from "../base/errors.ts";
import { writeFully } from "../base/write_atomically.ts";

/** How a download goes, and when it stops. */
export interface DownloadOptions {
  /** Aborted when the user stops the download. */
  readonly signal: AbortSignal;
  /** How long to wait for more data before giving up, s. */
  readonly timeout: number;
  /** Called when bytes have come; total is undefined where it is not known. */
  readonly onProgress: (done: number, total: number | undefined) => void;
}

/**
 * Downloads a file, or the rest of it where a part is there already.
 *
 * Beside the part, `<path>.version` holds what tells the server's version of
 * the file, its ETag or the time of its last change. The rest is asked for with
 * If-Range (RFC 9110, 13.1.5): a server that has another version by now, or
 * knows no ranges, sends the whole. One that sends less than the rest is asked
 * again.
 *
 * @param url http or https; redirections are followed
 * @param path where the part lies, and in the end the whole file
 * @param options how the download goes
 * @throws {InterruptedError} when the user stops it; the part is kept
 * @throws {Error} when the server may not or cannot be reached, answers with an
 * error, is silent or ends too early, or the disk is full; the part is kept
 */
export async function downloadFile(
  url: string,
  path: string,
  options: DownloadOptions,
): Promise<void> {
  const { timeout, onProgress } = options;
  const silence = new AbortController();
  const signal = AbortSignal.any([silence.signal, options.signal]);
  const wait = async <T>(answer: () => Promise<T>): Promise<T> => {
    const timer = setTimeout(
      () => silence.abort(new Error(`nothing came for ${timeout} s`)),
      timeout * 1000,
    );
    try {
      return await answer();
    } catch (error) {
      throw explain(url, path, error, options.signal);
    } finally {
      clearTimeout(timer);
    }
  };

  const kept = sizeOf(path);
  const version = kept > 0 ? readVersion(path) : null;
  const response = await wait(() =>
    fetch(url, {
      signal,
      headers: {
        "accept-encoding": "identity", // a .gz is to stay packed
        ...version === null
          ? {}
          : { range: `bytes=${kept}-`, "if-range": version },
      },
    })
  );
  const { status, statusText, headers, body } = response;
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(
    headers.get("content-range") ?? "",
  );
  const goesOn = status === 206 && Number(range?.[1]) === kept;
  if (status === 416 && Number(range?.[2]) === kept) {
    await body?.cancel(); // the part was whole
  } else if (goesOn || status === 200) {
    let done = goesOn ? kept : 0;
    const length = goesOn ? range![2]! : headers.get("content-length");
    const total = length === null ? undefined : Number(length);
    using file = openPart(path, done);
    if (!goesOn) writeVersion(path, headers);
    onProgress(done, total);
    const reader = body!.getReader();
    try {
      while (true) {
        const { value } = await wait(() => reader.read());
        if (value === undefined) break;
        write(path, () => writeFully(file, value));
        done += value.length;
        onProgress(done, total);
      }
    } finally {
      await reader.cancel().catch(() => {}); // broken already where it fails
    }
    write(path, () => file.syncDataSync());
    if (goesOn && kept < done && done < total!) {
      return await downloadFile(url, path, options);
    }
  } else {
    await body?.cancel();
    if (version !== null && (status === 206 || status === 416)) {
      remove(path); // it is no part of what the server has
      return await downloadFile(url, path, options);
    }
    throw new Error(
      `Cannot download ${url}: the server must send the file: got ${status} ${statusText}`
        .trimEnd(),
    );
  }
  remove(versionPathOf(path));
}

/** The file that says which version of a file a part is of. */
function versionPathOf(path: string): string {
  return `${path}.version`;
}

function readVersion(path: string): string | null {
  try {
    return Deno.readTextFileSync(versionPathOf(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw explainIoError(`read ${versionPathOf(path)}`, error);
  }
}

/** Only a strong ETag, or a time, can be asked for by If-Range. */
function writeVersion(path: string, headers: Headers): void {
  const etag = headers.get("etag");
  const version = etag?.startsWith('"') ? etag : headers.get("last-modified");
  if (version === null) remove(versionPathOf(path));
  else write(path, () => Deno.writeTextFileSync(versionPathOf(path), version));
}

/** Opens a part, to begin it or to go on after its `done` bytes. */
function openPart(path: string, done: number): Deno.FsFile {
  return write(path, () =>
    Deno.openSync(
      path,
      done > 0
        ? { append: true }
        : { write: true, create: true, truncate: true },
    ));
}

function write<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explainIoError(`write ${path}`, error);
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw explainIoError(`read ${path}`, error);
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw explainIoError(`remove ${path}`, error);
    }
  }
}

/** Says in one line why no bytes come, and what is left of those that came. */
function explain(
  url: string,
  path: string,
  error: unknown,
  interruption: AbortSignal,
): Error {
  const kept = sizeOf(path);
  const rest = kept > 0 && readVersion(path) !== null
    ? `: ${kept} bytes are kept, the same command goes on from there`
    : "";
  if (interruption.aborted) {
    return new InterruptedError(`Interrupted in ${url}${rest}`, {
      signal: interruption.reason,
    });
  }
  const { message, cause } = error as Error;
  if (error instanceof Deno.errors.NotCapable) {
    const [, host = ""] = /net access to "([^"]+)"/.exec(message) ?? [];
    const first = new URL(url);
    // --allow-net replaces the hosts of -P=data: a redirection needs both.
    const hosts = host.startsWith(`${first.hostname}:`)
      ? host
      : `${first.host},${host}`;
    return new Error(
      `Cannot download ${url}: the task may use its publishers' hosts only, not ${host}: deno run --no-prompt -P=data --allow-net=${hosts} scripts/data.ts and the same flags allow it`,
      { cause: error },
    );
  }
  // Deno says "fetch failed"; the cause ends in "client error (X): reason".
  const reason = (cause instanceof Error ? cause.message : message)
    .replace(/^.*: client error \(\w+\): /, "")
    .replace(/ \(os error \d+\)$/, "");
  return new Error(`Cannot download ${url}: ${reason}${rest}`, {
    cause: error,
  });
}
