/**
 * What a call of a tenant's own tool needs beyond its arguments: the way to its address, with headers
 * that the tool never sees, and the variables of its command. Both are opened for one call.
 */
import type { CustomTool } from '../custom-tool.ts'
import type { Result } from '../result.ts'
import type { ToolOutcome } from '../tool.ts'

export interface FilledRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  /** JSON; null sends none. */
  readonly body: string | null
}

export interface OpenedVariables {
  readonly env: Readonly<Record<string, string>>
  /** Whether a text holds one of their values, in any of its forms. */
  readonly isIn: (text: string) => boolean
}

export interface CustomToolPort {
  /** What fails is an outcome. A tool that was changed since it was judged is not called. */
  send(tool: CustomTool, request: FilledRequest, signal: AbortSignal): Promise<ToolOutcome>
  /** The error is a sentence for the model. */
  open(tool: CustomTool): Promise<Result<OpenedVariables, string>>
}

/** For the tenant's admins; the errors are sentences. */
export interface CustomToolAdminPort {
  /** Judges a tool by its form alone. */
  check(tool: CustomTool): Result<null, string>
  /** Judges variables, by name and value; the error holds no value. */
  checkEnvironment(env: Readonly<Record<string, string>>): Result<null, string>
  /** A request is made, once; a command is judged by the shell's gate alone. */
  test(tool: CustomTool, args: unknown): Promise<Result<ToolOutcome, string>>
}
