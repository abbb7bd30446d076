/**
 * Runs `task` over and over without overlap; a failing one is tried again at its time. The first comes
 * somewhere within the first period, so that workers started together do not work together.
 */
export function repeat(task: () => Promise<unknown>, everyMs: number): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let timer = setTimeout(run, everyMs * Math.random());
  timer.unref();
  let stopped = false;
  function run(): void {
    running = task()
      .catch(() => {})
      .then(() => {
        if (stopped) return;
        timer = setTimeout(run, everyMs);
        timer.unref();
      });
  }
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
