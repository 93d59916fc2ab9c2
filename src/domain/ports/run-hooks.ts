/** For the tenant's admins: what a hook says when it is asked now. The errors are sentences. */
import type { Result } from '../result.ts'
import type { RunHook, RunHookEvent } from '../run-hook.ts'

export interface TestedHook {
  readonly decision: 'allow' | 'block'
  readonly reason: string
  readonly context: string
}

export interface RunHookAdminPort {
  /** Judges an address by its form alone. */
  checkAddress(hook: Pick<RunHook, 'url' | 'allowPrivateNetwork'>): Result<null, string>
  test(hook: RunHook, event: RunHookEvent): Promise<Result<TestedHook, string>>
}
