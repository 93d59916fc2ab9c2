/** The whole of one waiting call, where its list has told the beginning alone. */
import { useOperation } from '../../client/use-operation.ts'
import { type Approval, approvalOf, wholeOr } from './approval.ts'

export interface Whole<Row extends Approval | undefined> {
  /** Still `isCut` until all of it is here. */
  readonly approval: Row
  readonly error: Error | null
  readonly retry: () => void
}

/** For those that somebody looks at: one may be as large as a page of others. */
export function useWhole<Row extends Approval | undefined>(row: Row): Whole<Row | Approval> {
  const isCut = row?.isCut === true
  const { data, error, refetch } = useOperation(
    'exec.approval.get',
    { id: row?.id ?? '' },
    { enabled: isCut },
  )
  return {
    approval: row && wholeOr(row, data === undefined ? null : approvalOf(data.approval)),
    error: isCut ? error : null,
    retry: () => void refetch(),
  }
}
