/**
 * What a caller may ask, declared once. From the list of operations come the socket methods, the
 * HTTP routes, OpenAPI, the role and scope checks, the typed clients and the security test matrix.
 */
import type { z } from 'zod'
import type { TenantId } from '../domain/ids.ts'
import type { Role, Scope } from '../domain/principal.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Result } from '../domain/result.ts'
import type { OperationContext } from './context.ts'

export interface Access {
  /** The least role of the tenant; `platform` is the operator of the gateway, no role of a tenant. */
  readonly role: Role | 'platform'
  /** The scope that an API key must carry. */
  readonly scope: Scope
  /** Further scopes that open this operation by themselves. */
  readonly orScopes?: readonly Scope[]
}

/** Path with `{name}` parameters; parameters come from path, query and JSON body, in this order. */
export interface HttpBinding {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: `/v1/${string}`
  readonly status?: 201
}

/** What an operation that outlives its request answers: the session sends the `res` when it ends. */
export const DEFERRED = Symbol('deferred')

type ChangedFields = Readonly<Record<string, string>> | null

export interface Operation<Params extends z.ZodType = z.ZodType, Output = unknown> {
  readonly name: string
  readonly summary: string
  readonly access: Access
  /** Runs are what the run buckets count; everything else counts against the operations bucket. */
  readonly startsRun?: true | ((params: z.output<Params>) => boolean)
  /** The answer holds a secret that is shown once: it is kept for no repeat. */
  readonly answersSecret?: true
  /**
   * What the audit trail says of a change beside its name and who made it: ids and kinds, never contents
   * or secrets. Absent: the operation changes nothing that the trail is about; null: this call of it
   * changed nothing.
   */
  readonly audit?: (
    params: z.output<Params>,
    output: Output,
  ) => ChangedFields | Promise<ChangedFields>
  /** What ends a tenant outlives its trail: the platform's holds it, whoever asked. */
  readonly auditIn?: 'platform'
  /** Whose trail it is, where the answer alone tells: the caller may be of another tenant. */
  readonly auditTenant?: (output: Output) => TenantId
  readonly params: Params
  /** The answer's shape, for OpenAPI and the typed clients. */
  readonly result: z.ZodType<Output>
  readonly http?: HttpBinding
  run(
    context: OperationContext,
    params: z.output<Params>,
  ): Promise<Result<Output | typeof DEFERRED, Refusal>>
  /** Turns the socket's answer into the HTTP twin's where the two wires differ. */
  presentHttp?(output: Output, context: OperationContext): unknown
}

/** Keeps the inferred types of one declaration; the registry holds them with the types erased. */
export const operation = <Params extends z.ZodType, Output>(
  declaration: Operation<Params, Output>,
): Operation<Params, Output> => declaration

/** An operation as the registry hands it out: its params are parsed before `run` sees them. */
export type AnyOperation = Operation<z.ZodType, unknown>

// biome-ignore lint/suspicious/noExplicitAny: erasing a generic's contravariant parameter needs one.
export const erase = (declared: Operation<any, any>): AnyOperation => declared
