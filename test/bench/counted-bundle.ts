/**
 * The production bundle behind an entry that counts its D1 statements: the binding is wrapped before
 * any of its code sees it, in the Worker and in every object, and the bundle itself stays as it is.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { MANIFEST_FILE, readManifest, WORKER_FOLDER } from '../../src/cli/bundle.ts'

export const COUNTS_PATH = '/bench/d1-counts'

export interface D1Counts {
  readonly reads: number
  readonly writes: number
}

const ENTRY = 'counted.js'

/** A statement that changes nothing is a read; `RETURNING` of a change counts as the change. */
const entrySource = (worker: string, classes: readonly string[]): string => `
import worker, { ${classes.map((name) => `${name} as Real${name}`).join(', ')} } from './${worker}'
const counts = { reads: 0, writes: 0 }
const count = (sql) => { /^\\s*(select|with|explain|pragma)/i.test(sql) ? counts.reads++ : counts.writes++ }
const texts = new WeakMap()
const statement = (sql, inner) => {
  texts.set(inner, sql)
  return new Proxy(inner, {
    get(target, name) {
      if (name === 'inner') return target
      const value = target[name]
      if (typeof value !== 'function') return value
      if (name === 'bind') return (...values) => statement(sql, target.bind(...values))
      return (...values) => { count(sql); return value.apply(target, values) }
    },
  })
}
const counted = (db) => ({
  prepare: (sql) => statement(sql, db.prepare(sql)),
  batch: (all) => {
    const inner = all.map((one) => one.inner ?? one)
    for (const one of inner) count(texts.get(one) ?? 'select')
    return db.batch(inner)
  },
  exec: (sql) => { count(sql); return db.exec(sql) },
  withSession: (...values) => counted(db.withSession(...values)),
})
const environments = new WeakMap()
const wrap = (env) => {
  const known = environments.get(env)
  if (known) return known
  const wrapped = Object.create(env, { DB: { value: counted(env.DB), enumerable: true } })
  for (const name of Object.keys(env)) if (name !== 'DB') wrapped[name] = env[name]
  environments.set(env, wrapped)
  return wrapped
}
${classes.map((name) => `export class ${name} extends Real${name} { constructor(ctx, env) { super(ctx, wrap(env)) } }`).join('\n')}
export default {
  ...worker,
  fetch: (request, env, ctx) =>
    new URL(request.url).pathname === '${COUNTS_PATH}'
      ? Response.json(counts)
      : worker.fetch(request, wrap(env), ctx),
}
`

/** @returns a copy of the build in `into`, to be hosted like any other */
export function countedBundle(dist: string, into: string): string {
  cpSync(dist, into, { recursive: true })
  const manifest = readManifest(into)
  const worker = manifest?.modules[0]
  if (!manifest || !worker) throw new Error(`${dist} holds no complete build`)
  const { durableObjects } = JSON.parse(readFileSync(resolve(into, 'miniflare.json'), 'utf8')) as {
    durableObjects: Record<string, { className: string }>
  }
  const classes = Object.values(durableObjects).map(({ className }) => className)
  writeFileSync(resolve(into, WORKER_FOLDER, ENTRY), entrySource(worker.path, classes))
  const modules = [{ type: 'ESModule', path: ENTRY }, ...manifest.modules]
  writeFileSync(resolve(into, MANIFEST_FILE), JSON.stringify({ ...manifest, modules }))
  return into
}
