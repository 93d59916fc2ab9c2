/** Functions that start themselves again and again, alone or in a ring, with more than one at a time. */
import { forEachChild, type SyntaxNode } from 'unbash'

/** Rings of more functions than that are no accident, and no fork bomb needs them. */
const MAX_FUNCTIONS = 64

/** The plain names that a function's body calls; one in the background goes on beside the rest: twice. */
export function callsOf(body: SyntaxNode): readonly string[] {
  const calls: string[] = []
  const visit = (node: SyntaxNode, isBackground: boolean): void => {
    if (node.type === 'Function') return
    const name = node.type === 'Command' ? node.name?.value : undefined
    if (name !== undefined) calls.push(...(isBackground ? [name, name] : [name]))
    const goesOn = isBackground || (node.type === 'Statement' && node.background === true)
    forEachChild(node, (child) => visit(child, goesOn))
  }
  visit(body, false)
  return calls
}

export function isForkBomb(functions: ReadonlyMap<string, readonly string[]>): boolean {
  if (functions.size > MAX_FUNCTIONS) return false
  const reached = new Map([...functions.keys()].map((name) => [name, reachedFrom(name, functions)]))
  // Two calls that both lead back double with every round.
  return [...functions].some(
    ([name, calls]) =>
      calls.filter((call) => call === name || reached.get(call)?.has(name)).length > 1,
  )
}

function reachedFrom(
  name: string,
  functions: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const seen = new Set<string>()
  const open = [name]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const call of functions.get(next) ?? []) {
      if (seen.has(call)) continue
      seen.add(call)
      if (functions.has(call)) open.push(call)
    }
  }
  return seen
}
