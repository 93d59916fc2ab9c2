/** No setting is a dead letter: something reads it, or its description says that nothing does yet. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { tenantConfigSchema } from '../../../../src/domain/config/tenant-config.ts'

const SRC = join(import.meta.dirname, '../../../../src')

/** Where settings are declared, and where presets set them. */
const DECLARING =
  /domain\/config\/(?:tenant-config|tools-config|tool-policy|sandbox-policy|agent-settings|channels|budgets|retention|presets|permissions)\.ts$/

const code = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !DECLARING.test(path) && !path.startsWith('cli/'))
  .map((path) => readFileSync(join(SRC, path), 'utf8').replaceAll(/^\s*(?:\*|\/\/|\/\*).*$/gm, ''))
  .join('\n')

interface Node {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly additionalProperties?: Node | false
}

interface Leaf {
  readonly path: string
  readonly name: string
  readonly description: string
}

function leavesOf(node: Node, path = ''): Leaf[] {
  const { properties, additionalProperties } = node
  if (properties) {
    return Object.entries(properties).flatMap(([name, inner]) => {
      const way = path === '' ? name : `${path}.${name}`
      const below = leavesOf(inner, way)
      return below.length > 0 ? below : [{ path: way, name, description: inner.description ?? '' }]
    })
  }
  return additionalProperties ? leavesOf(additionalProperties, path) : []
}

const leaves = leavesOf(z.toJSONSchema(tenantConfigSchema, { io: 'input' }) as Node)

const isRead = ({ name }: Leaf): boolean => new RegExp(`(?:\\.|[{,]\\s*|')${name}\\b`).test(code)
const saysSo = ({ description }: Leaf): boolean =>
  /not (?:yet enforced|built yet)|are not built/i.test(description)
/** Read by names put together. */
const LATER = /^budgets\./

describe('every setting', () => {
  it('is read by something, or says that it is not yet', () => {
    expect(leaves.length).toBeGreaterThan(60)
    const dead = leaves.filter((leaf) => !isRead(leaf) && !saysSo(leaf) && !LATER.test(leaf.path))
    expect(dead.map(({ path }) => path)).toEqual([])
  })

  it('that says it is not read yet is read by nothing', () => {
    const unread = leaves.filter(saysSo)
    expect(unread.length).toBeGreaterThan(0)
    // `require_mention` and the like: names that nothing else has.
    const own = unread.filter(({ name }) => name.includes('_') || /[a-z][A-Z]/.test(name))
    expect(own.filter(isRead).map(({ path }) => path)).toEqual([])
  })
})
