/**
 * What this project knows of pthreadpool, the pool of threads inside of TF.js:
 * offsets in bytes, found in tfjs-backend-wasm 4.22.0.
 *
 * A job ends when each of its threads has checked in. Until then the main
 * thread waits on a futex, for ever and where no message reaches it.
 */
const THREAD = { number: 12, pool: 16 };
const POOL = { isActive: 4, command: 8, threads: 132 };

/** Another value than the 1 on which the main thread waits. */
const CRASHED = 2;

/** The command upon which a thread ends. */
const SHUT_DOWN = 2;

type Heap = Int32Array<SharedArrayBuffer>;

/** The number of a thread, from 1 on, whose record lies at `thread`. */
export function threadNumber(heap: Heap, thread: number): number {
  return heap[(thread + THREAD.number) >>> 2]!;
}

/** Threads of the pool to which the thread belongs. */
export function poolThreads(heap: Heap, thread: number): number {
  return heap[(poolOf(heap, thread) + POOL.threads) >>> 2]!;
}

/**
 * Wakes the main thread for a thread that never checks in. Emscripten's
 * `__emscripten_thread_crashed` must have been called: the main thread then
 * leaves its wait by throwing "unwind". The word changes for good, or the main
 * thread might fall asleep just after it was woken.
 */
export function wakeMainThread(heap: Heap, thread: number) {
  announce(heap, poolOf(heap, thread) + POOL.isActive, CRASHED);
}

/** Tells all threads of the pool to end, without waiting for it. */
export function shutDownPool(heap: Heap, thread: number) {
  announce(heap, poolOf(heap, thread) + POOL.command, SHUT_DOWN);
}

function announce(heap: Heap, pointer: number, value: number) {
  Atomics.store(heap, pointer >>> 2, value);
  Atomics.notify(heap, pointer >>> 2);
}

function poolOf(heap: Heap, thread: number): number {
  return heap[(thread + THREAD.pool) >>> 2]!;
}
