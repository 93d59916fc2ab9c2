/** Where it is told how runs went. */
import { about, aboutAddresses, type Check, when } from './facts.ts'

export const traceChecks: Check = ({ tenant: { exporter, tracesReachModels } }) => {
  const exporters = exporter === null ? [] : [exporter]
  return [
    ...aboutAddresses(
      'traces.exporter',
      { one: 'The receiver of traces', what: 'Traces and their headers' },
      exporters,
    ),
    ...about(
      exporters
        .filter(({ isEnabled, isFailing }) => isEnabled && isFailing)
        .map(({ name }) => name),
      {
        checkId: 'traces.exporter.failing',
        severity: 'info',
        title: 'Traces do not arrive',
        detail: (list) => `The last attempt failed: ${list}.`,
        remediation: 'See last_error: edgeclaw traces exporter.',
      },
    ),
    ...when(tracesReachModels, {
      checkId: 'traces.propagate_to_models',
      severity: 'info',
      title: 'Model vendors are told which calls belong together',
      detail: 'traces.propagate_to_models is true.',
      remediation: 'Set it to false where no vendor records traces for you.',
    }),
  ]
}
