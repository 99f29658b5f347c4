// When something is done: after a pause, or only if nothing newer was asked.

/**
 * @param {(...given: any[]) => void} work what to do
 * @param {number} pause_ms how long there must be quiet before it
 * @returns {(...given: any[]) => void} does the work once the calls pause
 */
export function afterPause(work, pause_ms) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), pause_ms);
  };
}

/**
 * Runs of which only the newest matters.
 * @returns {(work: (signal: AbortSignal) => Promise<void>) => Promise<void>} starts a run and
 *   aborts the one before; an aborted run ends in silence
 */
export function newestOnly() {
  let running = new AbortController();
  return async (work) => {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    try {
      await work(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
}
