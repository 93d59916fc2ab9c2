/**
 * `edgeclaw export` and `edgeclaw audit export`: page after page as NDJSON, to standard output or a file
 * for its owner's eyes. Where it stood after an interruption is in a file beside it, written after the
 * page that it speaks of.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { RefusedError } from './client.ts'
import type { Action, CommandIo } from './commands/command.ts'
import { CONNECTION_FLAGS, withGateway } from './connection.ts'
import { CliFailure, usageFailure } from './failure.ts'
import { type FlagSpec, parseFlags } from './flags.ts'
import { shapeOf } from './operations.ts'
import { FILE_MODE, writeSecret } from './secret-file.ts'
import { formatBytes, toPlainText } from './terminal.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'out', value: 'FILE', help: 'write to this file (mode 600) instead of standard output' },
  { name: 'resume', help: 'go on where an interrupted export to this file stopped' },
  { name: 'force', help: 'replace a file that is there' },
  ...CONNECTION_FLAGS.filter(({ name }) => name !== 'json'),
]

const cursorSchema = z.union([z.string(), z.number()])
type Cursor = z.infer<typeof cursorSchema>

/** Lines as they were signed, or records that are lines once they are written. */
const pageSchema = z
  .object({ next: cursorSchema.nullable() })
  .and(z.union([z.object({ ndjson: z.string() }), z.object({ records: z.array(z.unknown()) })]))

const linesOf = (page: z.infer<typeof pageSchema>): string =>
  'ndjson' in page
    ? page.ndjson
    : page.records.map((record) => `${JSON.stringify(record)}\n`).join('')
/** What was written of a file, and the cursor behind it. */
const progressSchema = z.object({
  operation: z.string(),
  gateway: z.string(),
  tenant: z.string(),
  bytes: z.number().int().min(0),
  next: cursorSchema,
})
type Progress = z.infer<typeof progressSchema>

const progressFile = (out: string): string => `${out}.progress`

export const exportTenant: Action = exporting('tenants.export')
export const exportAudit: Action = exporting('audit.export')

function exporting(operation: string): Action {
  return { flags: FLAGS, run: (args, io) => run(operation, args, io) }
}

async function run(operation: string, args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseFlags(args, FLAGS)
  if (positionals.length > 0)
    throw usageFailure(`export takes no ${JSON.stringify(positionals[0])}`)
  const out = values.get('out')
  if (out === undefined && values.has('resume'))
    throw usageFailure('--resume needs the file that was begun: --out FILE')
  return withGateway(values, io.env, async ({ client, hello, address }) => {
    const of = { operation, gateway: address.url, tenant: hello.tenant_id }
    const sink = out === undefined ? toStream(io) : toFile(out, of, values)
    try {
      let pages = 0
      for (let next: Cursor | null = sink.next; ; pages++) {
        const params = next === null ? {} : { [cursorParam(operation)]: next }
        const page = pageSchema.safeParse(await patiently(() => client.request(operation, params)))
        if (!page.success) throw new CliFailure(`the gateway's answer to ${operation} is no page`)
        const isLast = page.data.next === null || page.data.next === next
        sink.write(linesOf(page.data), isLast ? null : page.data.next)
        if (isLast) break
        next = page.data.next
        if (pages % PAGES_PER_NOTE === 0) io.stderr.write(`  ${formatBytes(sink.bytes())} so far\n`)
      }
      sink.finish()
    } finally {
      sink.close()
    }
    const where = out === undefined ? '' : ` to ${out}`
    io.stderr.write(`✓ ${formatBytes(sink.bytes())} written${where}\n`)
    return 0
  })
}

const PAGES_PER_NOTE = 10
/** A page asked for too fast; whoever is told to wait longer has another problem. */
const MAX_PAUSE_MS = 60_000

/** A long export asks faster than a credential may: it waits as long as it is told to. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const pause = error instanceof RefusedError ? error.refusal.retryAfterMs : undefined
      if (pause === undefined || pause > MAX_PAUSE_MS) throw error
      await setTimeout(pause)
    }
  }
}

/** The parameter that takes the `next` of the page before. */
function cursorParam(operation: string): string {
  const names = shapeOf(operation)?.params.map(({ name }) => name) ?? []
  return ['cursor', 'after', 'next'].find((name) => names.includes(name)) ?? 'after'
}

interface Sink {
  readonly next: Cursor | null
  write(text: string, next: Cursor | null): void
  bytes(): number
  /** All of it came: nothing is left to go on from. */
  finish(): void
  close(): void
}

function toStream({ stdout }: CommandIo): Sink {
  let bytes = 0
  return {
    next: null,
    write(text) {
      bytes += Buffer.byteLength(text)
      // A terminal would obey what a program is to get unchanged.
      stdout.write('isTTY' in stdout && stdout.isTTY === true ? toPlainText(text) : text)
    },
    bytes: () => bytes,
    finish: () => undefined,
    close: () => undefined,
  }
}

function toFile(
  out: string,
  of: Omit<Progress, 'bytes' | 'next'>,
  values: ReadonlyMap<string, string>,
): Sink {
  const begun = values.has('resume') ? readProgress(out, of) : null
  if (begun === null && existsSync(out) && !values.has('force'))
    throw usageFailure(`${out} is there already: go on with --resume, or replace it with --force`)
  if (begun === null) rmSync(out, { force: true })
  const file = openSync(out, begun === null ? 'wx' : 'r+', FILE_MODE)
  let bytes = begun?.bytes ?? 0
  // A page that was written without its note is asked for again.
  ftruncateSync(file, bytes)
  return {
    next: begun?.next ?? null,
    write(text, next) {
      bytes += writeSync(file, text, bytes)
      fsyncSync(file)
      if (next !== null) writeSecret(progressFile(out), JSON.stringify({ ...of, bytes, next }))
    },
    bytes: () => bytes,
    finish: () => rmSync(progressFile(out), { force: true }),
    close: () => closeSync(file),
  }
}

/** @throws CliFailure when it speaks of another tenant or gateway, or of more than there is. */
function readProgress(out: string, of: Omit<Progress, 'bytes' | 'next'>): Progress {
  let text: string
  try {
    text = readFileSync(progressFile(out), 'utf8')
  } catch {
    throw usageFailure(`there is nothing to go on from: ${progressFile(out)} is not there`)
  }
  const parsed = progressSchema.safeParse(JSON.parse(text))
  const size = statSync(out, { throwIfNoEntry: false })?.size ?? 0
  const isSame =
    parsed.success &&
    parsed.data.operation === of.operation &&
    parsed.data.gateway === of.gateway &&
    parsed.data.tenant === of.tenant
  if (isSame && parsed.data.bytes <= size) return parsed.data
  throw usageFailure(
    `${progressFile(out)} speaks of something else than ${out}: begin anew with --force`,
  )
}
