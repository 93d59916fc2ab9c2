/** Whether a provider answers with its stored key, how fast, and which models it names. */
import { Button } from '@cloudflare/kumo/components/button'
import { inPlainWords } from '../../client/refusal.ts'
import { useChange } from '../../client/use-operation.ts'
import { formatDuration } from '../../ui/numbers.ts'

export function TestConnection({ id, name }: { readonly id: string; readonly name: string }) {
  const test = useChange('providers.test')
  const { data, error } = test
  return (
    <div className="flex flex-wrap items-start gap-3 border-t border-kumo-hairline pt-3">
      <Button
        size="sm"
        aria-label={`Test connection: ${name}`}
        loading={test.isPending}
        onClick={() => test.mutate({ id })}
      >
        Test connection
      </Button>
      <div role="status" className="min-w-0 flex-1 text-sm leading-7">
        {error !== null && <p className="as-written text-kumo-danger">{inPlainWords(error)}</p>}
        {data?.ok === false && (
          <p className="as-written text-kumo-danger">
            Did not work ({formatDuration(data.latencyMs)}): {data.error}
          </p>
        )}
        {data?.ok === true && (
          <>
            <p className="text-kumo-success">
              Answered in {formatDuration(data.latencyMs)} with {data.models.length}{' '}
              {data.models.length === 1 ? 'model' : 'models'}.
            </p>
            {data.models.length > 0 && (
              <details>
                <summary className="cursor-pointer text-kumo-link">Models</summary>
                <ul className="max-h-48 columns-2 overflow-auto font-mono text-xs md:columns-3">
                  {data.models.map((model) => (
                    <li key={model} className="as-written">
                      {model}
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </>
        )}
      </div>
    </div>
  )
}
