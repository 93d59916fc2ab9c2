/** Has an agent's image built, with network, apart from every run. Implemented over the runners. */
import type { AgentId, TenantId } from '../ids.ts'
import type { Result } from '../result.ts'
import type { PinnedPackage, WirePackage } from '../sandbox-package.ts'

export type ImageFailure =
  /** No runner, or none that can build now. */
  | { readonly kind: 'unavailable'; readonly message: string }
  | { readonly kind: 'busy'; readonly message: string; readonly retryAfterMs: number }
  /** The build itself: the message is of package managers and their packages, one plain line. */
  | { readonly kind: 'failed'; readonly message: string }

export interface ImageOrder {
  readonly tenantId: TenantId
  readonly agentId: AgentId
  /** A package with a version is built in that version or not at all. */
  readonly packages: readonly WirePackage[]
}

export interface ImagePort {
  /** @returns each package with its version, in the order in which lists of packages are hashed */
  build(
    order: ImageOrder,
    options: { readonly onProgress: (line: string) => void },
  ): Promise<Result<readonly PinnedPackage[], ImageFailure>>
}
