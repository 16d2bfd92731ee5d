/** Waits for `work`, but not longer than this; what takes longer goes on, and `late` is called at its end, be it an error. */
export async function awaitBriefly(work: Promise<unknown>, milliseconds: number, late: () => void): Promise<void> {
  const ended = work.then(
    () => true,
    () => true,
  );
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  const isDone = await Promise.race([ended, patience]);
  clearTimeout(timer);
  if (!isDone) void ended.then(late);
}
