/**
 * A real D1 in Miniflare's workerd, migrated; every database handed out is fresh. Statements travel
 * as one small request each, because Miniflare's own proxy costs 5 ms a call.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type {
  D1Database,
  D1PreparedStatement,
  D1Result,
} from '@cloudflare/workers-types/experimental'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'

/** Databases cost nothing until they are used; a test file that needs more asks for more. */
const DEFAULT_DATABASES = 40

const MIGRATIONS = new URL('../../migrations/', import.meta.url)

/** The statements of all migrations, in the order in which they are applied. */
export const migrationStatements = (): readonly string[] =>
  readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .flatMap((name) =>
      readFileSync(new URL(name, MIGRATIONS), 'utf8').split('--> statement-breakpoint'),
    )
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')

/** Runs what it is sent on the binding that is named, by the method that is named. */
const SCRIPT = `
export default {
  async fetch(request, env) {
    const { database, method, statements } = await request.json()
    const d1 = env[database]
    const prepared = statements.map(({ sql, params }) => d1.prepare(sql).bind(...params))
    try {
      const value = method === 'batch' ? await d1.batch(prepared) : await prepared[0][method]()
      return Response.json({ value })
    } catch (error) {
      return Response.json({ error: error.message })
    }
  },
}`

interface Statement {
  readonly sql: string
  readonly params: readonly unknown[]
}

type Send = (method: string, statements: readonly Statement[]) => Promise<unknown>

/** What D1 binds; anything else it refuses, while JSON would turn it into something. */
function checkParams(params: readonly unknown[]): readonly unknown[] {
  for (const param of params) {
    const isBindable = param === null || ['string', 'number', 'boolean'].includes(typeof param)
    if (!isBindable) throw new TypeError(`D1_TYPE_ERROR: cannot bind a ${typeof param}`)
  }
  return params
}

class RemoteStatement implements Statement {
  readonly sql: string
  readonly params: readonly unknown[]
  readonly #send: Send

  constructor(send: Send, sql: string, params: readonly unknown[] = []) {
    this.#send = send
    this.sql = sql
    this.params = params
  }

  bind = (...params: unknown[]) => new RemoteStatement(this.#send, this.sql, checkParams(params))
  all = () => this.#send('all', [this])
  run = () => this.#send('run', [this])
  raw = () => this.#send('raw', [this])
  first = () => this.#send('first', [this])
}

/** The part of D1's interface that Drizzle and tests use. */
export type TestDatabase = Pick<D1Database, 'prepare' | 'batch'>

/** What the migrations enter, as opposed to what they create. */
export const seedStatements = (): readonly string[] =>
  migrationStatements().filter((statement) => /^(--.*\s)*INSERT /i.test(statement))

export interface D1Host {
  /** A database that nobody else has, with all migrations applied. */
  freshDatabase(): Promise<TestDatabase>
  dispose(): Promise<void>
}

export async function startD1(databases: number = DEFAULT_DATABASES): Promise<D1Host> {
  const names = Array.from({ length: databases }, (_, index) => `DB${index}`)
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      telemetry: { enabled: false },
      modules: true,
      script: SCRIPT,
      compatibilityDate: '2026-08-04',
      d1Databases: names,
    }),
  )
  await miniflare.ready
  const open = (database: string): TestDatabase => {
    const send: Send = async (method, statements) => {
      const response = await miniflare.dispatchFetch('http://d1/', {
        method: 'POST',
        body: JSON.stringify({
          database,
          method,
          statements: statements.map(({ sql, params }) => ({ sql, params })),
        }),
      })
      const answer = (await response.json()) as { value?: unknown; error?: string }
      if (answer.error !== undefined) throw new Error(answer.error)
      return answer.value
    }
    return {
      prepare: (sql) => new RemoteStatement(send, sql) as unknown as D1PreparedStatement,
      batch: async <Row>(statements: D1PreparedStatement[]) =>
        (await send('batch', statements as unknown as RemoteStatement[])) as D1Result<Row>[],
    }
  }
  const statements = migrationStatements()
  return {
    async freshDatabase() {
      const name = names.shift()
      if (name === undefined) throw new Error('no database left: start with more')
      const database = open(name)
      await database.batch(statements.map((statement) => database.prepare(statement)))
      return database
    },
    dispose: () => miniflare.dispose(),
  }
}
