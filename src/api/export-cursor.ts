/**
 * Where an export goes on: opaque to whoever brings it back, and no more than a place. It names no
 * tenant, so that none can be reached by a cursor that was made up.
 */
import { z } from 'zod'
import { parseBase64Url, parseUtf8, toBase64Url, utf8 } from '../crypto/encoding.ts'
import { err, ok, type Result } from '../domain/result.ts'

const cursorSchema = z.discriminatedUnion('at', [
  z.object({
    at: z.literal('rows'),
    table: z.string().max(100),
    after: z.array(z.union([z.string(), z.number()])).nullable(),
  }),
  /** `name`: of the object whose pages are being read, or after which the next one follows. */
  z.object({
    at: z.literal('sessions'),
    name: z.string().nullable(),
    before: z.number().int().nullable(),
  }),
  z.object({
    at: z.literal('files'),
    name: z.string().nullable(),
    path: z.string().nullable(),
    offset: z.number().int().min(0),
  }),
])
export type ExportCursor = Readonly<z.infer<typeof cursorSchema>>

export const writeCursor = (cursor: ExportCursor): string =>
  toBase64Url(utf8(JSON.stringify(cursor)))

export function parseCursor(text: string): Result<ExportCursor, null> {
  const bytes = parseBase64Url(text)
  const json = bytes && parseUtf8(bytes)
  if (json === null) return err(null)
  try {
    const parsed = cursorSchema.safeParse(JSON.parse(json))
    return parsed.success ? ok(parsed.data) : err(null)
  } catch {
    return err(null)
  }
}
