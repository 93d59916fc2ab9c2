/** Where a text came from that nobody here wrote. Whoever carries such a text on carries this along. */
export type UntrustedSource =
  | { readonly kind: 'mcp'; readonly server: string; readonly tool: string }
  | { readonly kind: 'web' | 'channel' | 'webhook' | 'file' | 'memory' | 'summary' }
  /** Another conversation that holds text from outside, or the answer of an agent that read such. */
  | { readonly kind: 'session' | 'subagent' }

/** Whether a conversation holds text from outside. Once it does, only emptying it takes that back. */
export interface ProvenancePort {
  hasSeenUntrusted(): boolean
  sawUntrusted(): void
}
