/**
 * A moment for the answers that are under way when a socket must end: whoever revokes the key that
 * they came with is told so first. Answers are given at once, but for a build: nobody keeps a socket
 * open by asking for one.
 */
const FAREWELL_MS = 500

export async function farewell(answering: Iterable<Promise<unknown>>): Promise<void> {
  const work = [...answering]
  if (work.length === 0) return
  await Promise.race([
    Promise.allSettled(work),
    new Promise((resolve) => setTimeout(resolve, FAREWELL_MS)),
  ])
}
