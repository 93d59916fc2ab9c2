/** `edgeclaw traces`: how runs went, and where that is sent. */
import type { Noun } from './command.ts'

export const TRACES: Noun = {
  name: 'traces',
  summary: 'how runs went, and where that is sent',
  notes: `  edgeclaw traces show 4bf92f3577b34da6a3ce929d0e0e4736
  edgeclaw traces exporter set https://otel.example.com/v1/traces

Names, times, counts and sizes: nothing that was said, asked or answered is in a trace.`,
  commands: [
    {
      verb: 'list',
      operation: 'traces.list',
      rows: 'traces',
      columns: ['traceId', 'startedAt', 'durationMs', 'status', 'agentId', 'spans', 'userId'],
      none: 'There are no traces.',
    },
    {
      verb: 'show',
      operation: 'traces.get',
      positional: ['traceId'],
      rows: 'spans',
      columns: ['startedAt', 'durationMs', 'status', 'name', 'service', 'spanId', 'parentSpanId'],
    },
    { verb: 'exporter', operation: 'traces.exporter.get', part: 'exporter' },
    {
      verb: 'exporter set',
      operation: 'traces.exporter.set',
      positional: ['endpoint'],
      secrets: ['headers'],
      part: 'exporter',
    },
  ],
}
