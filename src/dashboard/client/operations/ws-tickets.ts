// Written by `npm run operations` from the registry.

export interface WsTicketsOperations {
  /** A ticket that opens one socket as the caller, once, within a minute */
  'ws_tickets.create': {
    params: Record<string, unknown>
    result: { ticket: string; expires_in: number }
  }
}
