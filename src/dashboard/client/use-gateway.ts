/** Who is signed in and what they may do, as components see it. */
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { type ConnectionState, gateway, type OperationName } from './gateway.ts'
import { ACCESS } from './operations/index.ts'
import type { EventFrame, Hello, Role } from './socket.ts'

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin', 'owner']

export const useConnection = (): ConnectionState =>
  useSyncExternalStore(gateway.watch, () => gateway.state)

/** Of the open connection, or of the one that is being repaired. */
export function useHello(): Hello {
  const state = useConnection()
  const hello = 'hello' in state ? state.hello : null
  if (hello === null) throw new Error('this component is for those who are signed in')
  return hello
}

/** Who may write may read; approvals and pairing stand alone. */
const covers = (held: readonly string[], needed: string): boolean =>
  held.includes(needed) || (needed === 'operator.read' && held.includes('operator.write'))

/** What the gateway would let this caller do. It judges every call itself: this only spares a refusal. */
export function mayCall(hello: Hello, name: OperationName): boolean {
  const [role, ...scopes] = ACCESS[name]
  if (role === 'platform') return hello.is_master_scope
  const isRoleEnough = ROLES.indexOf(hello.role) >= ROLES.indexOf(role as Role)
  const isScopeHeld =
    hello.scopes.includes('operator.admin') || scopes.some((scope) => covers(hello.scopes, scope))
  return isRoleEnough && isScopeHeld
}

export function useMay(name: OperationName): boolean {
  return mayCall(useHello(), name)
}

/** Hears the gateway's events as long as the component is there. */
export function useGatewayEvents(listener: (frame: EventFrame) => void): void {
  const latest = useRef(listener)
  latest.current = listener
  useEffect(() => gateway.onEvent((frame) => latest.current(frame)), [])
}
