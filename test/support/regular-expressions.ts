/**
 * Every regular expression that src/ holds, found by parsing it: literals, and `new RegExp` of what is
 * constant. One whose pattern only the running program knows is listed without a source.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join, normalize } from 'node:path'
import { type AnyNode, type Expression, type Program, parse } from 'acorn'

const ROOT = normalize(join(import.meta.dirname, '../..'))

export interface FoundExpression {
  /** `src/…/file.ts:line` */
  readonly place: string
  /** Null when it is put together while the program runs. */
  readonly source: string | null
  readonly flags: string
}

const sourcesUnder = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return sourcesUnder(path)
    return /(?<!\.d)\.ts$/.test(entry.name) ? [path] : []
  })

type Constants = ReadonlyMap<string, Expression>

const constantsOf = (program: Program): Constants => {
  const found = new Map<string, Expression>()
  for (const statement of program.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declared?.type !== 'VariableDeclaration' || declared.kind !== 'const') continue
    for (const { id, init } of declared.declarations) {
      if (id.type === 'Identifier' && init) found.set(id.name, init)
    }
  }
  return found
}

const textOf = (node: AnyNode, constants: Constants): string | null => {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type === 'Identifier') {
    const value = constants.get(node.name)
    return value === undefined ? null : textOf(value, constants)
  }
  if (node.type === 'MemberExpression' && node.property.type === 'Identifier') {
    const isSource = node.property.name === 'source' && node.object.type === 'Identifier'
    const value = isSource ? constants.get((node.object as { name: string }).name) : undefined
    return value?.type === 'Literal' && value.regex ? value.regex.pattern : null
  }
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    const [left, right] = [textOf(node.left, constants), textOf(node.right, constants)]
    return left === null || right === null ? null : left + right
  }
  if (node.type !== 'TemplateLiteral') return null
  const parts = node.expressions.map((part) => textOf(part, constants))
  if (parts.includes(null)) return null
  return node.quasis.map((quasi, i) => (quasi.value.cooked ?? '') + (parts[i] ?? '')).join('')
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'type' in value

function* nodesIn(node: AnyNode): Generator<AnyNode> {
  yield node
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) yield* nodesIn(child)
    }
  }
}

export function expressionsIn(text: string, path: string): readonly FoundExpression[] {
  const code = stripTypeScriptTypes(text)
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true })
  const constants = constantsOf(program)
  const found: FoundExpression[] = []
  for (const node of nodesIn(program)) {
    const place = `${path}:${node.loc?.start.line ?? 0}`
    if (node.type === 'Literal' && node.regex) {
      found.push({ place, source: node.regex.pattern, flags: node.regex.flags })
    }
    const isCall = node.type === 'NewExpression' || node.type === 'CallExpression'
    if (!isCall || node.callee.type !== 'Identifier' || node.callee.name !== 'RegExp') continue
    const [pattern, flags] = node.arguments.map((argument) => textOf(argument, constants))
    found.push({ place, source: pattern ?? null, flags: flags ?? '' })
  }
  return found
}

export const allExpressions = (): readonly FoundExpression[] =>
  sourcesUnder('src').flatMap((path) => expressionsIn(readFileSync(join(ROOT, path), 'utf8'), path))
