/** Tools that do nothing, and remember how often each call was made to happen. */
import type { KeyedCall, ToolPort } from '../../src/agent/ports.ts'
import type { ToolSpec } from '../../src/domain/model.ts'
import type { ToolOutcome } from '../../src/domain/tool.ts'

export interface FakeTool {
  readonly isParallelSafe: boolean
  /** Else it may change things. */
  readonly isReadOnly?: boolean
  run(args: unknown, signal: AbortSignal): Promise<ToolOutcome> | ToolOutcome
}

export const outcome = (content: string): ToolOutcome => ({ content, isError: false })

export const echo = (isParallelSafe: boolean): FakeTool => ({
  isParallelSafe,
  run: (args) => outcome(`echo ${JSON.stringify(args)}`),
})

export class FakeTools implements ToolPort {
  /** Keys of the calls that began anew, in order. */
  readonly fresh: string[] = []
  /** Keys of the calls that were taken up after a crash. */
  readonly resumed: string[] = []
  readonly #tools: Readonly<Record<string, FakeTool>>

  constructor(tools: Readonly<Record<string, FakeTool>>) {
    this.#tools = tools
  }

  specs(): readonly ToolSpec[] {
    return Object.keys(this.#tools).map((name) => ({ name, description: name, parameters: {} }))
  }

  readonly isReadOnly = (name: string): boolean => this.#tools[name]?.isReadOnly ?? false

  isParallelSafe(name: string): boolean {
    return this.#tools[name]?.isParallelSafe ?? true
  }

  async run(
    { call, callKey }: KeyedCall,
    options: { isResumed: boolean; signal: AbortSignal },
  ): Promise<ToolOutcome> {
    ;(options.isResumed ? this.resumed : this.fresh).push(callKey)
    const tool = this.#tools[call.name]
    if (!tool) return { content: 'there is no such tool', isError: true }
    return tool.run(call.arguments, options.signal)
  }
}
