/** Puts a stream's pieces together within a limit, whatever the sender thinks of it. */
import { parseBase64 } from '../crypto/encoding.ts'

export interface Collected {
  readonly text: string
  readonly isTruncated: boolean
}

export function createOutputCollector(maxBytes: number) {
  const pieces: Uint8Array[] = []
  let length = 0
  let isTruncated = false
  return {
    add(b64: string): void {
      const piece = parseBase64(b64)
      if (piece === null) return
      const room = maxBytes - length
      if (piece.length > room) isTruncated = true
      const kept = piece.subarray(0, room)
      pieces.push(kept)
      length += kept.length
    },
    cut(): void {
      isTruncated = true
    },
    /** Bytes that are no UTF-8 become U+FFFD; a character cut off by the limit is dropped. */
    finish(): Collected {
      const decoder = new TextDecoder()
      let text = ''
      for (const piece of pieces) text += decoder.decode(piece, { stream: true })
      if (!isTruncated) text += decoder.decode()
      return { text, isTruncated }
    },
  }
}
