/** The rows of the operations on traces: others' runs are not found, whoever asks. */
import { nothing, type Row } from './scratch.ts'

export const TRACE_ROWS: Readonly<Record<string, Row>> = {
  'traces.list': nothing,
  'traces.get': {
    names: 'row',
    params: ({ north }) => ({ traceId: north.trace }),
    by: ({ alice }) => alice.admin,
    otherUser: 'NOT_FOUND',
  },
  'traces.exporter.get': nothing,
  'traces.exporter.set': {
    names: 'nothing',
    params: () => ({ endpoint: 'https://traces.example.com/v1/traces', enabled: false }),
  },
}
