/** The tools of one agent's run: look-up by name, and what of them is offered to the model. */
import type { ToolSpec } from '../domain/model.ts'
import type { WorkspaceAccess } from './access.ts'
import { type EffectiveToolPolicy, isToolAllowed } from './policy.ts'
import type { Tool } from './tool.ts'

export interface ToolRegistry {
  readonly all: readonly Tool[]
  readonly find: (name: string) => Tool | undefined
  /** What a model is offered: a tool that would be refused by policy or access is not shown. */
  readonly specs: (policy: EffectiveToolPolicy, access: WorkspaceAccess) => readonly ToolSpec[]
}

const TOOL_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/

/** Throws on a doubtful or doubled name: one tool must not answer for another. */
export function createToolRegistry(tools: readonly Tool[]): ToolRegistry {
  const byName = new Map<string, Tool>()
  for (const tool of tools) {
    if (!TOOL_NAME.test(tool.name)) throw new Error(`not a tool name: ${tool.name}`)
    if (byName.has(tool.name)) throw new Error(`two tools are named ${tool.name}`)
    byName.set(tool.name, tool)
  }
  return {
    all: tools,
    find: (name) => byName.get(name),
    specs: (policy, access) =>
      tools
        .filter((tool) => isToolAllowed(tool, policy) && hasAccess(tool, access))
        .map((tool) => tool.spec),
  }
}

/** `ro` takes away what writes; `none` takes away the workspace from reading tools as well. */
export function hasAccess(tool: Pick<Tool, 'needs'>, access: WorkspaceAccess): boolean {
  switch (tool.needs) {
    case 'nothing':
      return true
    case 'read':
      return access !== 'none'
    case 'write':
      return access === 'rw'
  }
}
