/** How a thread failed. */
export interface ThreadFailure {
  readonly thread: number;
  /** The error in words. */
  readonly cause: string;
}

/** Words of a place for a failure: thread, bytes of the text, the text. */
const THREAD = 0, LENGTH = 1, TEXT = 2;

/** Bytes of a place for a failure; a longer text is cut. */
export const FAILURE_BYTES = 384;

/**
 * Leaves a thread's failure for the main thread, which may be waiting where no
 * message reaches it. Only the first one is kept until it is taken.
 *
 * @param place `FAILURE_BYTES` bytes that both threads share, zero at first
 */
export function leaveFailure(
  place: Int32Array<SharedArrayBuffer>,
  { thread, cause }: ThreadFailure,
) {
  if (Atomics.compareExchange(place, THREAD, 0, -1) !== 0) return;
  const text = textOf(place);
  const bytes = new TextEncoder().encode(cause).subarray(0, text.length);
  text.set(bytes);
  place[LENGTH] = bytes.length;
  Atomics.store(place, THREAD, thread);
}

/** The failure that lies there, if any, and clears the place. */
export function takeFailure(
  place: Int32Array<SharedArrayBuffer>,
): ThreadFailure | undefined {
  const thread = Atomics.exchange(place, THREAD, 0);
  if (thread === 0) return undefined;
  const bytes = textOf(place).slice(0, place[LENGTH]!);
  return { thread, cause: new TextDecoder().decode(bytes) };
}

function textOf({ buffer, byteOffset }: Int32Array): Uint8Array {
  return new Uint8Array(
    buffer,
    byteOffset + 4 * TEXT,
    FAILURE_BYTES - 4 * TEXT,
  );
}
