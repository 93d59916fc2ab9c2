/**
 * Who is signed in here, and in which tenant they are: one visit. What was begun in it is repeated, waited
 * with or gone on with in no other, for there the same words would mean something else.
 */
import { Elsewhere } from './refusal.ts'

let whose: string | null = null
let visit = new AbortController()

/** @param by nobody: null. The same as before goes on with the visit that is. */
export function beginVisit(by: { readonly tenant_id: string; readonly user_id: string } | null) {
  const next = by && `${by.tenant_id}/${by.user_id}`
  if (next === whose) return
  whose = next
  const left = visit
  visit = new AbortController()
  left.abort(new Elsewhere())
}

/** Aborted with `Elsewhere` as soon as it has ended. */
export const currentVisit = (): AbortSignal => visit.signal

/** Aborted as well when whoever asked no longer wants it. */
export const withinVisit = (asked?: AbortSignal | null): AbortSignal =>
  asked ? AbortSignal.any([asked, visit.signal]) : visit.signal
