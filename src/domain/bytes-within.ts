/**
 * A body taken in whole, up to a size: what its sender says of its length is not believed. What is too
 * much is not handed on in part; where a beginning is of use, its reader counts for itself.
 */

/** Null at the first byte too many; the rest is cancelled. */
export async function bytesWithin(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array | null> {
  if (body === null) return new Uint8Array(0)
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return joined(chunks, size)
    size += value.byteLength
    if (size > maxBytes) {
      // The sender may never end: waiting for the cancellation would wait for it.
      reader.cancel('too large').catch(() => undefined)
      return null
    }
    chunks.push(value)
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = chunks
  if (chunks.length === 1 && only !== undefined) return only
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
